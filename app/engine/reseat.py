"""Giving the queues of rate limiters new times after a pause, in the order in which their runs came (S62).

While a pause lasted the slots that were handed out went by unused; everybody behind them would start at once
and in any order, and the limiter would send most of them back to one and the same moment.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, text

from app.engine import gates
from app.engine.clock import iso
from app.store import bulk
from app.store.pauses import What
from app.store.tables import start_log
from graphs.node import Json

_QUEUE = text(
    "SELECT start_log.run_id, stage.detail, run.caller FROM start_log"
    " JOIN stage ON stage.run_id = start_log.run_id AND stage.number = 0"
    " JOIN run ON run.id = start_log.run_id JOIN workflow ON workflow.id = run.workflow_id"
    " JOIN caller ON caller.id = run.caller_id"
    " WHERE start_log.gate = :gate AND NOT start_log.started"
    " AND stage.state IN ('ready', 'waiting', 'paused')"
    " AND run.paused_at IS NULL AND workflow.paused_at IS NULL AND caller.paused_at IS NULL"
    " ORDER BY start_log.run_id"
)
_SLOT = text("UPDATE start_log SET slot = :slot WHERE gate = :gate AND run_id = :key")
_STAGE = text("UPDATE stage SET state = :state, wake_at = :slot WHERE run_id = :key AND number = 0")
_WAIT = text("UPDATE run SET status = 'queued', wait = :wait WHERE id = :key AND finished_at IS NULL")
_TICK = 1e-6


def queues(connection: Connection, what: What, identifier: str, now: float) -> None:
    """Time the waiting runs of every limiter of a workflow or caller anew."""
    for gate in _gates(connection, what, identifier):
        gates.lock(connection, gate)
        waiting = connection.execute(_QUEUE, {"gate": gate}).all()
        if waiting:
            _seat(connection, gate, waiting, now)


def _gates(connection: Connection, what: What, identifier: str) -> list[str]:
    mine = f"{identifier}:%" if what == "workflow" else f"%:{identifier}"
    query = select(start_log.c.gate).where(~start_log.c.started, start_log.c.gate.like(mine)).distinct()
    return sorted(connection.scalars(query))


def _seat(connection: Connection, gate: str, waiting: Sequence[Any], now: float) -> None:
    settings = [json.loads(row.detail or "{}") for row in waiting]
    slots = _used(connection, gate, max(int(each.get("limit", 1)) for each in settings))
    rows: list[dict[str, Any]] = []
    waits: list[dict[str, Any]] = []
    for place, (row, each) in enumerate(zip(waiting, settings, strict=True)):
        limit, window = int(each.get("limit", 1)), float(each.get("window", 0))
        free_at = slots[-limit] + window if len(slots) >= limit else 0.0
        slot = max(now, free_at, slots[-1] if slots else 0.0)
        slots.append(slot)
        due = slot <= now
        at = now - (len(waiting) - place) * _TICK if due else slot
        rows.append({"gate": gate, "key": row.run_id, "slot": at, "state": "ready" if due else "waiting"})
        wait = None if due else json.dumps(_wait(slot, limit, window, row.caller))
        waits.append({"key": row.run_id, "wait": wait})
    bulk.many(connection, _SLOT, rows)
    bulk.many(connection, _STAGE, rows)
    bulk.many(connection, _WAIT, waits)


def _used(connection: Connection, gate: str, most: int) -> list[float]:
    """The last starts that count, oldest first."""
    query = select(start_log.c.slot).where(start_log.c.gate == gate, start_log.c.started)
    return sorted(connection.scalars(query.order_by(start_log.c.slot.desc()).limit(most)))


def _wait(slot: float, limit: int, window: float, caller: str) -> Json:
    words = f"{limit} per {gates.span(window)} for {caller}"
    return {"reason": "rate_limited", "position": None, "expected_start": iso(slot), "explanation": words}
