"""What a node is told about redos of its run: its generation, the change, and what it found before (S45)."""

from typing import Any

from app.engine.records import Claimed
from graphs.generations import change_for, comparable_since
from graphs.plan import Plan
from graphs.stale import EDITED, PINNED

_PINNED = frozenset({PINNED, EDITED})


def fixed(claimed: Claimed, plan: Plan, node_id: str) -> bool:
    """Whether a redo that this node asks for would come upon a pinned result, which stays as it is (S22)."""
    start = plan.redo_start(node_id)
    if start is None or not any(row.reason in _PINNED for row in claimed.steps.values()):
        return False
    way = (claimed.steps.get(each) for each in plan.between(start, node_id) if each != node_id)
    return any(row is not None and row.reason in _PINNED for row in way)


def facts_of_redos(claimed: Claimed, plan: Plan, node_id: str) -> dict[str, Any]:
    """The fields of ``RunInfo`` that a run with redos fills."""
    redos = claimed.run.redos
    since = comparable_since(node_id, redos)
    own = (row for row in claimed.earlier if row.node_id == node_id and row.generation >= since)
    return {
        "generation": plan.generation(claimed.number),
        "change": change_for(node_id, redos),
        "redos": sum(redo.by == node_id for redo in redos),
        "earlier": tuple(dict(row.outputs) for row in own if row.outputs),
    }
