"""What must hold when the dust has settled: pure questions to the rows, the ledger and the callers' notes."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from tests.chaos.evidence import Evidence
from tests.chaos.watch import ENDED

_OUTCOME = {"succeeded": "success", "failed": "failed", "cancelled": "failed"}


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
        elif row["status"] in {"failed", "cancelled"} and run_id not in evidence.meant:
            yield f"run {run_id} is {row['status']}: {row['error']}"


def no_step_is_done_twice_or_left_out(evidence: Evidence) -> Iterator[str]:
    for run_id, row in evidence.runs.items():
        positions = sorted({step["position"] for step in evidence.steps[run_id]})
        if row["status"] == "succeeded" and positions != list(range(evidence.nodes[row["version_id"]])):
            yield f"run {run_id} succeeded with the steps {positions}"
        still_open = [each["state"] for each in evidence.stages[run_id] if each["wake_at"] is not None]
        if row["status"] in ENDED and still_open:
            yield f"run {run_id} is {row['status']}, and stages are {still_open}"


def nothing_is_charged_twice(evidence: Evidence) -> Iterator[str]:
    """Per step and generation at most one charge; what the run says it cost is what its steps cost."""
    for run_id, row in evidence.runs.items():
        steps = evidence.steps[run_id]
        for step, count in Counter((each["node_id"], each["generation"]) for each in steps).items():
            if count > 1:
                yield f"run {run_id}: step {step} is on the books {count} times"
        cost = sum(each["credits"] or 0 for each in steps)
        if row["status"] == "succeeded" and abs(cost - (row["credit_cost"] or 0)) > 1e-6:
            yield f"run {run_id} cost {row['credit_cost']}, its steps cost {cost}"
        paid = Counter(
            (call["node_id"], call["generation"]) for call in evidence.calls[run_id] if call["charged"]
        )
        yield from (f"run {run_id}: step {step} was paid {n} times" for step, n in paid.items() if n > 1)


def the_books_agree(evidence: Evidence) -> Iterator[str]:
    """What accounts say was spent is what steps cost; what they hold back, what runs may still cost."""
    spent: Counter[tuple[str, str]] = Counter(dict.fromkeys(_costs(evidence), 0))
    for account in evidence.spend:
        spent[account["workflow_id"], account["caller_id"]] += account["spent"]
        held = [each for each in evidence.reservations if each["scope"] == account["scope"]]
        amount = sum(each["amount"] for each in held if each["day"] == account["day"])
        if account["reserved"] != amount:
            yield f"account {account['scope']} holds {account['reserved']} back, its runs {amount}"
    costs = _costs(evidence)
    for (workflow, caller), micro in spent.items():
        cost = costs[workflow, caller]
        if round(cost * 1_000_000) != micro:
            yield f"account of {workflow} and {caller}: {micro} micro-credits spent, its steps cost {cost}"


def _costs(evidence: Evidence) -> Counter[tuple[str, str]]:
    """Credits of steps by workflow and caller; what a step started is told by the runs it started."""
    spawning = {(row["parent_id"], row["parent_node"]) for row in evidence.runs.values()}
    costs: Counter[tuple[str, str]] = Counter()
    for run_id, row in evidence.runs.items():
        steps = [each for each in evidence.steps[run_id] if (run_id, each["node_id"]) not in spawning]
        costs[row["workflow_id"], row["caller_id"]] += sum(each["credits"] or 0 for each in steps)
    return costs


def one_message_per_run(evidence: Evidence) -> Iterator[str]:
    for run_id, row in evidence.runs.items():
        written = [each["message_id"] for each in evidence.deliveries[run_id]]
        if row["status"] in ENDED and len(written) != bool(row["callback_url"]):
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
            if "/v1/inbox/" in each["url"]:
                continue
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
        if row["status"] in ENDED and (states or {"none"}) != {row["callback_status"]}:
            yield f"run {run_id}: callback_status {row['callback_status']}, deliveries {sorted(states)}"


QUESTIONS: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    every_202_has_its_run,
    every_run_has_ended_well,
    no_step_is_done_twice_or_left_out,
    nothing_is_charged_twice,
    the_books_agree,
    one_message_per_run,
    bodies_never_change,
    every_caller_is_told,
    callback_and_history_agree,
)
