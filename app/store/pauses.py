"""What people have paused: runs, workflows and callers, and which runs that holds (S86)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, TextClause, text

from app.store import bulk
from app.store.database import Dialect

What = Literal["run", "workflow", "caller"]
_ANYTHING = text(
    "SELECT EXISTS (SELECT 1 FROM workflow WHERE paused_at IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM caller WHERE paused_at IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM run WHERE paused_at IS NOT NULL AND finished_at IS NULL)"
)


@dataclass(frozen=True, slots=True)
class Paused:
    """What holds a run: the run itself, its workflow or its caller; `at` is seconds since the epoch."""

    what: What
    name: str
    at: float
    by: str | None


def anything(connection: Connection) -> bool:
    """Whether anything at all is paused, in any organisation; three looks into small indexes."""
    return bool(connection.scalar(_ANYTHING))


def held(connection: Connection, run_ids: Iterable[str], *, lock: bool = False) -> dict[str, Paused]:
    """Which of these runs a pause holds, and which pause.

    With `lock` the pauses stay as they are until the end of the transaction, so that what is laid aside
    because of one is seen by whoever ends it.
    """
    dialect: Dialect = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
    found: Sequence[Any] = connection.execute(
        _held(dialect, lock=lock), bulk.id_params(dialect, sorted(set(run_ids)))
    ).all()
    return {row.id: _paused(row) for row in found}


def _paused(row: Any) -> Paused:
    if row.run_at is not None:
        return Paused("run", row.id, row.run_at, row.run_by)
    if row.workflow_at is not None:
        return Paused("workflow", row.workflow, row.workflow_at, row.workflow_by)
    return Paused("caller", row.caller, row.caller_at, row.caller_by)


@lru_cache
def _held(dialect: Dialect, *, lock: bool) -> TextClause:
    locks = " FOR UPDATE OF run FOR SHARE OF workflow, caller" if lock and dialect == "postgresql" else ""
    return text(
        "SELECT run.id, run.paused_at AS run_at, run.paused_by AS run_by,"  # noqa: S608
        " workflow.slug AS workflow, workflow.paused_at AS workflow_at, workflow.paused_by AS workflow_by,"
        " caller.name AS caller, caller.paused_at AS caller_at, caller.paused_by AS caller_by"
        " FROM run JOIN workflow ON workflow.id = run.workflow_id JOIN caller ON caller.id = run.caller_id"
        f" WHERE run.id IN {bulk.ids(dialect)} AND (run.paused_at IS NOT NULL"
        f" OR workflow.paused_at IS NOT NULL OR caller.paused_at IS NOT NULL){locks}"
    )
