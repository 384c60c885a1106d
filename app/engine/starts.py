"""The gates once more, where a claimed stage would start: exact, whatever was planned before."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from app.engine import budget, gates, stopped
from app.engine.budget import Hold
from app.engine.clock import iso
from app.engine.records import RunRow
from app.store.database import Dialect
from app.store.tables import run, stage
from graphs.node import Json

_ASIDE = 1.0


def through(
    connection: Connection, dialect: Dialect, rows: Sequence[Any], now: float, read: Callable[[Any], RunRow]
) -> list[Any]:
    """Those of the claimed stages that may be worked on now; the others are put back with their reason.

    ``read`` makes the record of a row of ``run``: runs that end here need one.
    """
    if not any(row.gate or row.detail for row in rows):
        return list(rows)
    owed = budget.due(connection, rows)
    passed: list[Any] = []
    refused: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row.gate or "", row.run_id, row.number)):
        detail = json.loads(row.detail or "{}") if row.gate else {}
        free_at = _turn(connection, row, detail, now)
        if free_at is not None:
            _queue_again(connection, row, free_at, now)
            continue
        need = owed.pop(row.run_id, None)
        hold = budget.reserve(connection, need, now) if need else None
        if hold is None:
            _log(connection, row, detail, now)
            passed.append(row)
        elif need and need.terms.mode == "refuse":
            refused[row.run_id] = str(hold.wait["explanation"])
        else:
            _hold(connection, row, need.owner.scope if need else "", hold)
    if refused:
        query = select(run).where(run.c.id.in_(refused), run.c.finished_at.is_(None)).order_by(run.c.id)
        found = [read(row) for row in connection.execute(query.with_for_update())]
        stopped.over_budget(connection, dialect, found, refused, now)
    return passed


def _begins(row: Any) -> bool:
    return bool(row.gate and row.attempt == 1 and row.crashes == 0)


def _turn(connection: Connection, row: Any, detail: Json, now: float) -> float | None:
    return gates.free_at(connection, row.gate, row.run_id, detail, now) if _begins(row) else None


def _log(connection: Connection, row: Any, detail: Json, now: float) -> None:
    if _begins(row):
        gates.log_start(connection, row.gate, row.run_id, detail, now)


def _queue_again(connection: Connection, row: Any, free_at: float, now: float) -> None:
    """Back into the limiter's queue; who only steps aside for another keeps slot and place."""
    if free_at <= now + _ASIDE:
        values = {"state": "ready", "wake_at": free_at, "worker": None}
        connection.execute(update(stage).where(*_mine(row)).values(values))
        return
    gates.set_slot(connection, row.gate, row.run_id, free_at)
    wait: Json = {
        "reason": "rate_limited",
        "expected_start": iso(free_at),
        "explanation": "the window of the rate limiter is full",
    }
    _park(connection, row, free_at, wait, row.gate, "queued")


def _hold(connection: Connection, row: Any, scope: str, hold: Hold) -> None:
    """Until the next day; a run that has not started gives its turn at the limiter back."""
    gates.forget(connection, [row.run_id])
    _park(connection, row, hold.wake_at, hold.wait, row.gate or scope, None)


def _park(  # noqa: PLR0917
    connection: Connection, row: Any, wake_at: float, wait: Json, gate: str, status: str | None
) -> None:
    values = {"state": "waiting", "wake_at": wake_at, "worker": None, "gate": gate}
    connection.execute(update(stage).where(*_mine(row)).values(values))
    if status is None:
        started = connection.scalar(select(run.c.started_at).where(run.c.id == row.run_id))
        status = "queued" if started is None else "waiting"
    connection.execute(update(run).where(run.c.id == row.run_id).values(status=status, wait=json.dumps(wait)))


def _mine(row: Any) -> tuple[Any, ...]:
    return stage.c.run_id == row.run_id, stage.c.number == row.number
