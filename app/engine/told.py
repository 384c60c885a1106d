"""What a node is told about redos of its run: its generation, the change, and what it found before (S45)."""

from typing import Any

from app.engine.records import Claimed
from graphs.generations import change_for, comparable_since
from graphs.plan import Plan


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
