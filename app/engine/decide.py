"""From what a stage did to what is written: pure, one frozen record (design §1.2).

What becomes of one attempt is decided by ``graphs.outcome``; here it is put into rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.assets.library import Library
from app.engine.charges import with_money
from app.engine.clock import iso
from app.engine.ending import Endings, images_in
from app.engine.perform import Performed, Stop
from app.engine.records import AssetRow, AttemptRow, Claimed, Settlement, Spawning, StepRow
from app.engine.redo import asked_again, refused, stamped, with_request
from app.engine.tools import attempts_of
from graphs.errors import NodeError
from graphs.node import Json
from graphs.outcome import Failed, Failure, Redone, RetryAt, Waits, decide
from graphs.plan import Plan

_SHORTEST_WAIT = 0.05
_LOOK_AGAIN = 600.0
_REASONS = {"node.circuit_open": "breaker_open", "run.budget_stopped": "budget"}


@dataclass(frozen=True)
class Decider:
    """Decides settlements; ``delays`` is the retry schedule in seconds (S38)."""

    delays: tuple[float, ...]
    library: Library
    endings: Endings = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "endings", Endings(self.library))

    def decide(self, claimed: Claimed, plan: Plan, done: Performed, now: float) -> Settlement:
        """The one record of an execution."""
        settlement = self._decide(claimed, plan, done, now)
        settlement = with_money(stamped(settlement, plan) if plan.redoable else settlement, plan)
        if plan.spawns or claimed.run.parent_id:
            return replace(settlement, family=claimed.run.trace_id)
        return settlement

    def _decide(self, claimed: Claimed, plan: Plan, done: Performed, now: float) -> Settlement:
        stop = done.stop
        if stop is None:
            return self._passed(claimed, plan, done, now)
        if isinstance(stop.cause, Spawning):
            return _with_children(claimed, done, stop, stop.cause, now)
        tries = attempts_of(claimed, stop.node)
        match decide(stop.cause, tries, self.delays, now):
            case Waits() as waits:
                return _waiting(claimed, done, stop, waits, now)
            case RetryAt() as retry:
                return _retrying(claimed, done, stop, retry)
            case Failed() as end:
                return self._failed(claimed, plan, done, stop, end, now)
            case Redone() as again:
                return self._redone(claimed, plan, done, stop, again, now)
        raise AssertionError(f"{stop.node.id} stopped its stage, so it is not done")

    def _passed(self, claimed: Claimed, plan: Plan, done: Performed, now: float) -> Settlement:
        following = tuple(
            (number, len(plan.stages[number].after) - 1) for number in plan.stage(claimed.number).before
        )
        return Settlement(
            claimed,
            "done",
            attempt=claimed.attempt,
            steps=done.steps,
            attempts=_recovered(claimed, done),
            assets=_assets(done.steps),
            following=following,
            finish=None if following else self.endings.success(claimed, plan, done.steps, now),
        )

    def _redone(  # noqa: PLR0917
        self, claimed: Claimed, plan: Plan, done: Performed, stop: Stop, again: Redone, now: float
    ) -> Settlement:
        fault = refused(claimed, plan, stop)
        if fault is not None:
            return self._failed(claimed, plan, done, stop, fault, now)
        done = with_request(claimed, plan, done, stop)
        return Settlement(
            claimed,
            "done",
            attempt=claimed.attempt,
            steps=done.steps,
            attempts=_recovered(claimed, done),
            assets=_assets(done.steps),
            redo=asked_again(plan, stop, again, now),
        )

    def _failed(  # noqa: PLR0917
        self, claimed: Claimed, plan: Plan, done: Performed, stop: Stop, end: Failed, now: float
    ) -> Settlement:
        steps = (*done.steps, _failed_step(plan, stop, end))
        cause = end.failure
        return Settlement(
            claimed,
            "failed",
            attempt=end.attempts,
            steps=steps,
            attempts=(_attempt(claimed, stop, cause, "failed", None),),
            assets=_assets(done.steps),
            finish=self.endings.failure(claimed, stop.node.id, end, steps, now),
            alert=(cause.code, cause.description) if end.alert else None,
        )


def _with_children(
    claimed: Claimed, done: Performed, stop: Stop, spawning: Spawning, now: float
) -> Settlement:
    # whoever ends a child wakes this stage; the moment is for what nobody thought of
    slept = _sleeping(claimed, done, stop, now + _LOOK_AGAIN, spawning.detail, spawning.wait)
    return replace(slept, spawning=spawning)


def _waiting(claimed: Claimed, done: Performed, stop: Stop, waits: Waits, now: float) -> Settlement:
    cause = waits.failure
    if cause is None:
        detail: Json = {"node": stop.node.id, "state": waits.state, "note": waits.note}
        due = max(waits.wake_at or now, now + _SHORTEST_WAIT)
        return _sleeping(claimed, done, stop, due, detail, _own_wait(stop, waits, due))
    detail = {"node": stop.node.id, "state": _job_state(claimed, stop, cause)}
    if waits.wake_at is not None:
        return _sleeping(claimed, done, stop, waits.wake_at, detail, _retry_wait(stop, cause, waits.wake_at))
    wait: Json = {"reason": "review", "explanation": f"{stop.node.title}: {cause.description}"}
    tried = (_attempt(claimed, stop, cause, "unknown", None),)
    return _sleeping(claimed, done, stop, None, detail, wait, tried, (cause.code, cause.description))


def _retrying(claimed: Claimed, done: Performed, stop: Stop, retry: RetryAt) -> Settlement:
    cause = retry.failure
    detail: Json = {"node": stop.node.id, "state": _job_state(claimed, stop, cause)}
    tried = (_attempt(claimed, stop, cause, "failed", retry.wake_at),)
    wait = _retry_wait(stop, cause, retry.wake_at)
    return _sleeping(claimed, done, stop, retry.wake_at, detail, wait, tried)


def _sleeping(  # noqa: PLR0917
    claimed: Claimed,
    done: Performed,
    stop: Stop,
    wake_at: float | None,
    detail: Json,
    wait: Json | None = None,
    tried: tuple[AttemptRow, ...] = (),
    alert: tuple[str, str] | None = None,
) -> Settlement:
    if wait is not None:
        # its run tells another branch's story meanwhile, and this one again when that is over
        detail = {**detail, "wait": wait}
    return Settlement(
        claimed,
        "waiting",
        attempt=attempts_of(claimed, stop.node) + len(tried),
        steps=done.steps,
        attempts=tried,
        assets=_assets(done.steps),
        wake_at=wake_at,
        detail=detail,
        wait=wait,
        alert=alert,
    )


def _assets(steps: Sequence[StepRow]) -> tuple[AssetRow, ...]:
    """Each picture once, with the first node that gave it out."""
    first: dict[str, AssetRow] = {}
    for row in steps:
        for image in images_in(row.outputs):
            if image.asset_id not in first:
                first[image.asset_id] = AssetRow(
                    row.node_id,
                    image.asset_id,
                    image.sha256,
                    image.format,
                    image.width,
                    image.height,
                    image.bytes,
                    image.platform_code,
                )
    return tuple(first.values())


def _job_state(claimed: Claimed, stop: Stop, cause: Failure) -> Any:
    """A submitted job outlives errors of asking for it; one that ended badly is submitted anew."""
    before = claimed.detail or {}
    if before.get("node") != stop.node.id or cause.code == "node.provider_bad_output":
        return None
    return before.get("state")


def _recovered(claimed: Claimed, done: Performed) -> tuple[AttemptRow, ...]:
    return tuple(
        AttemptRow(
            row.node_id, row.attempts, "succeeded", None, None, row.started_at or 0.0, row.duration or 0.0
        )
        for row in done.steps
        if row.attempts > 1 and claimed.attempt > 1
    )


def _attempt(claimed: Claimed, stop: Stop, cause: Failure, status: str, next_at: float | None) -> AttemptRow:
    return AttemptRow(
        stop.node.id,
        attempts_of(claimed, stop.node),
        status,
        cause.code,
        cause.description,
        stop.started_at,
        round(stop.duration, 6),
        next_at,
    )


def _failed_step(plan: Plan, stop: Stop, end: Failed) -> StepRow:
    return StepRow(
        node_id=stop.node.id,
        position=plan.position(stop.node.id),
        status="failed",
        attempts=end.attempts,
        started_at=stop.started_at,
        duration=round(stop.duration, 6),
        outputs=None,
        error_code=end.failure.code,
        reason=end.failure.description,
        credits=stop.cause.credits if isinstance(stop.cause, NodeError) else 0.0,
    )


def _own_wait(stop: Stop, waits: Waits, due: float) -> Json | None:
    """A wait the graph asks for is told; polling a service is work."""
    if waits.reason != "delay":
        return None
    words = f"{stop.node.title}: the run goes on at {iso(due)}"
    return {
        "reason": "delay",
        "expected_start": iso(due),
        "node_id": stop.node.id,
        "explanation": words,
    }


def _retry_wait(stop: Stop, cause: Failure, due: float) -> Json:
    return {
        "reason": _REASONS.get(cause.code, "retry"),
        "expected_start": iso(due),
        "node_id": stop.node.id,
        "explanation": f"{stop.node.title}: {_and_then(cause.description)} next try is at {iso(due)}",
    }


def _and_then(told: str) -> str:
    """What went wrong, as the beginning of what comes next."""
    return f"{told} The" if told.endswith((".", "!", "?")) else f"{told}; the"
