"""Redo: quality control has steps done again, and every generation's rows are kept (S45, S46).

What becomes of a node's request. All pure; the rows are written by
``app.engine.reopen``, and what a node is told of earlier generations is in ``app.engine.told``.
"""

from dataclasses import replace

from app.engine.perform import Performed, Stop
from app.engine.records import AttemptRow, Claimed, Settlement, StepRow
from app.engine.told import fixed
from app.engine.tools import attempts_of
from graphs.generations import Redoing
from graphs.node import Redo
from graphs.outcome import Failed, Failure, Redone
from graphs.plan import Plan
from graphs.values import fired

_MOST_REDOS = 5
_NO_PLACE = "the node asked for a redo that its graph has no place for"
_FIXED = "It was made of a pinned result, which no redo makes anew: unpin it."
_TOO_MANY = "the node asked for more redos than its settings allow"


def refused(claimed: Claimed, plan: Plan, stop: Stop) -> Failed | None:
    """Why a request cannot be followed: a pinned result, else a fault of the node type."""
    if fixed(claimed, plan, stop.node.id):
        reason = stop.cause.reason if isinstance(stop.cause, Redo) else ""
        failure = Failure("node.qc_failed", f"{reason} {_FIXED}".strip(), "permanent")
        return Failed(failure, attempts_of(claimed, stop.node), retryable=False)
    asked = sum(redo.by == stop.node.id for redo in claimed.run.redos)
    most = int(str(stop.node.settings.get("max_redos", _MOST_REDOS)))
    words = _NO_PLACE if plan.redo_start(stop.node.id) is None else _TOO_MANY if asked >= most else ""
    if not words:
        return None
    failure = Failure("run.internal", words, "operator")
    return Failed(failure, attempts_of(claimed, stop.node), retryable=False, alert=True)


def asked_again(plan: Plan, stop: Stop, again: Redone, now: float) -> Redoing:
    """What a redo opens again; its generation is counted when it is written."""
    start = plan.redo_start(stop.node.id) or ""
    again_nodes = plan.downstream(start)
    nodes = tuple(node.id for node in plan.nodes if node.id in again_nodes)
    return Redoing(0, start, stop.node.id, again.change, again.reason, nodes, now)


def with_request(claimed: Claimed, plan: Plan, done: Performed, stop: Stop) -> Performed:
    """What was done, with the step that asked: its findings stay in the history."""
    found = stop.cause.outputs if isinstance(stop.cause, Redo) else None
    row = StepRow(
        node_id=stop.node.id,
        position=plan.position(stop.node.id),
        status="redone",
        attempts=attempts_of(claimed, stop.node),
        started_at=stop.started_at,
        duration=round(stop.duration, 6),
        outputs=None if found is None else fired(found),
        error_code="node.qc_failed",
        reason=stop.cause.reason if isinstance(stop.cause, Redo) else None,
        text=None if found is None else found.model_dump_json(exclude_unset=True),
    )
    return Performed((*done.steps, row), stop)


def stamped(settlement: Settlement, plan: Plan) -> Settlement:
    """The settlement with its generation on every row, for a graph that knows redos."""
    generation = plan.generation(settlement.claimed.number)
    if not generation:
        return replace(settlement, plan=plan)
    steps = tuple(row._replace(generation=generation) for row in settlement.steps)
    attempts: tuple[AttemptRow, ...] = tuple(
        replace(row, generation=generation) for row in settlement.attempts
    )
    return replace(settlement, plan=plan, steps=steps, attempts=attempts)
