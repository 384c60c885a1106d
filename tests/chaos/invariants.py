"""What must hold when the dust has settled: pure questions to the rows, the ledger and the callers' notes."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.load import Accepted
from tests.chaos.receiver import Receipt
from tests.chaos.watch import ENDED, reader

_OUTCOME = {"succeeded": "success", "failed": "failed", "cancelled": "failed"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What the campaign left behind; rows are keyed by run id, `tries` is the length of the schedule."""

    accepted: list[Accepted]
    receipts: dict[str, list[Receipt]]
    runs: dict[str, Row]
    deliveries: dict[str, list[Row]]
    steps: dict[str, list[Row]]
    stages: dict[str, list[Row]]
    tries: int
    seen: list[str] = field(default_factory=list)


def gather(
    database: Path, accepted: list[Accepted], receipts: Iterable[Receipt], tries: int, seen: list[str]
) -> Evidence:
    """Read the rows once; nothing writes any more."""
    with closing(reader(database)) as rows:
        runs = {row["id"]: dict(row) for row in rows.execute("SELECT * FROM run")}
        found = {
            table: _by_run(map(dict, rows.execute(f"SELECT * FROM {table}")))
            for table in ("delivery", "step", "stage")
        }
    told: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        told[receipt.job_id].append(receipt)
    return Evidence(accepted, told, runs, found["delivery"], found["step"], found["stage"], tries, list(seen))


def violations(evidence: Evidence) -> list[str]:
    """Every broken promise, in words; empty when all hold."""
    return [*evidence.seen, *(words for question in QUESTIONS for words in question(evidence))]


def every_202_has_its_run(evidence: Evidence) -> Iterator[str]:
    keys: dict[str, set[str]] = defaultdict(set)
    for run_id, row in evidence.runs.items():
        keys[row["external_id"]].add(run_id)
    for each in evidence.accepted:
        if keys[each.key] != {each.job_id}:
            yield f"key {each.key} was answered with {each.job_id}, its runs are {sorted(keys[each.key])}"


def every_run_has_ended_well(evidence: Evidence) -> Iterator[str]:
    """Nothing in the load fails by itself, so a failed run was failed by the product."""
    for run_id, row in evidence.runs.items():
        reason = json.loads(row["wait"] or "{}").get("reason")
        if row["status"] not in ENDED and not reason:
            stages = {stage["number"]: stage["state"] for stage in evidence.stages[run_id]}
            yield f"run {run_id} is {row['status']} for no reason, its stages are {stages}"
        elif row["status"] in {"failed", "cancelled"}:
            yield f"run {run_id} is {row['status']}: {row['error']}"


def no_step_is_done_twice_or_left_out(evidence: Evidence) -> Iterator[str]:
    for run_id, row in evidence.runs.items():
        positions = sorted(step["position"] for step in evidence.steps[run_id])
        if row["status"] == "succeeded" and positions != list(range(8)):
            yield f"run {run_id} succeeded with the steps {positions}"
        still_open = [each["state"] for each in evidence.stages[run_id] if each["wake_at"] is not None]
        if row["status"] in ENDED and still_open:
            yield f"run {run_id} is {row['status']}, and stages are {still_open}"


def one_message_per_run(evidence: Evidence) -> Iterator[str]:
    for run_id, row in evidence.runs.items():
        written = [each["message_id"] for each in evidence.deliveries[run_id]]
        if row["status"] in ENDED and len(written) != 1:
            yield f"run {run_id} has {len(written)} deliveries"
        told = {receipt.message_id for receipt in evidence.receipts[run_id]}
        if not told <= set(written):
            yield f"run {run_id}: the receiver saw the ids {sorted(told)}, written are {written}"


def bodies_never_change(evidence: Evidence) -> Iterator[str]:
    for run_id, receipts in evidence.receipts.items():
        kept = [evidence.runs[run_id]["result"], *(each["body"] for each in evidence.deliveries[run_id])]
        digests = {hashlib.sha256(body.encode()).hexdigest() for body in kept}
        digests |= {receipt.digest for receipt in receipts}
        if len(digests) != 1:
            yield f"run {run_id}: {len(digests)} different callback bodies"
        unsigned = sum(not receipt.verified for receipt in receipts)
        if unsigned:
            yield f"run {run_id}: {unsigned} callbacks have no good signature"


def every_caller_is_told(evidence: Evidence) -> Iterator[str]:
    for run_id, deliveries in evidence.deliveries.items():
        answers = [receipt.answered for receipt in evidence.receipts[run_id]]
        for each in deliveries:
            good = {
                "delivered": any(200 <= status < 300 for status in answers),
                "permanently_failed": each["attempts"] == evidence.tries <= len(answers),
            }
            if not good.get(each["status"], False):
                words = f"{each['status']} after {each['attempts']} attempts, the receiver answered {answers}"
                yield f"delivery {each['id']} of run {run_id} is {words}"


def callback_and_history_agree(evidence: Evidence) -> Iterator[str]:
    for run_id, row in evidence.runs.items():
        told = {receipt.outcome for receipt in evidence.receipts[run_id]}
        if told - {_OUTCOME.get(row["status"])}:
            yield f"run {run_id} is {row['status']}, the callback said {sorted(told)}"
        states = {each["status"] for each in evidence.deliveries[run_id]}
        if row["status"] in ENDED and states != {row["callback_status"]}:
            yield f"run {run_id}: callback_status {row['callback_status']}, deliveries {sorted(states)}"


QUESTIONS: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    every_202_has_its_run,
    every_run_has_ended_well,
    no_step_is_done_twice_or_left_out,
    one_message_per_run,
    bodies_never_change,
    every_caller_is_told,
    callback_and_history_agree,
)


def _by_run(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["run_id"]].append(row)
    return found
