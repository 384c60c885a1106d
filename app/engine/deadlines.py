"""Runs that took longer than they may: found by the sweeper, ended like a cancelled one (contract §6)."""

from sqlalchemy import Connection, text

from app.engine.control import Cancel

_MOST = 100
_OVERDUE = text(
    "SELECT id, created_at, deadline FROM run WHERE deadline <= :now AND finished_at IS NULL"
    " ORDER BY deadline LIMIT :most"
)


def overdue(connection: Connection, now: float) -> tuple[Cancel, ...]:
    """How the first open runs past their deadline are to end; a run that ended meanwhile keeps its end."""
    rows = connection.execute(_OVERDUE, {"now": now, "most": _MOST})
    return tuple(
        Cancel(
            row.id,
            "system",
            code="run.deadline_exceeded",
            words=f"the run did not end within its deadline of {row.deadline - row.created_at:g} s",
        )
        for row in rows
    )
