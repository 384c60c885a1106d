"""Giving the queues of rate limiters new times, in the order in which their runs stand (S62).

After a pause the slots that were handed out went by unused; everybody behind them would start at once and in
any order, and the limiter would send most of them back to one and the same moment. And when a run that waits
is cancelled, those behind it move up.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select, text

from app.engine import gates
from app.engine.clock import iso
from app.store import bulk, seating
from app.store.pauses import What
from app.store.seating import Rule, Seats
from app.store.tables import run, start_log
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
_STANDING = text(
    "SELECT start_log.run_id, start_log.slot, stage.detail FROM start_log"
    " JOIN stage ON stage.run_id = start_log.run_id AND stage.number = 0"
    " WHERE start_log.gate = :gate AND NOT start_log.started ORDER BY start_log.slot, start_log.run_id"
)
_SLOT = text("UPDATE start_log SET slot = :slot WHERE gate = :gate AND run_id = :key")
_STAGE = text("UPDATE stage SET state = :state, wake_at = :slot WHERE run_id = :key AND number = 0")
# only what sleeps: what is awake already is somebody's to claim
_SOONER = text("UPDATE stage SET wake_at = :slot WHERE run_id = :key AND number = 0 AND state = 'waiting'")
_WAIT = text("UPDATE run SET status = 'queued', wait = :wait WHERE id = :key AND finished_at IS NULL")
_TELL = text("UPDATE run SET wait = :wait WHERE id = :key AND finished_at IS NULL")
_TICK = 1e-6
_CHUNK = 500


def queues(connection: Connection, what: What, identifier: str, now: float) -> None:
    """Time the waiting runs of every limiter of a workflow or caller anew."""
    for gate in _gates(connection, what, identifier):
        gates.lock(connection, gate)
        waiting = connection.execute(_QUEUE, {"gate": gate}).all()
        if waiting:
            _seat(connection, gate, waiting, now)


def move_up(connection: Connection, left: Iterable[str], now: float) -> None:
    """Let those who stand behind the places that somebody left have them; nobody is put back."""
    for gate in sorted(set(left)):
        gates.lock(connection, gate)
        queue = connection.execute(_STANDING, {"gate": gate}).all()
        rules = [seating.read(row.detail) for row in queue]
        seats = Seats(_used(connection, gate, rules), now)
        sooner: dict[str, float] = {}
        for row, rule in zip(queue, rules, strict=True):
            slot = seats.next(rule)
            if row.slot > now and slot < row.slot - _TICK:
                sooner[row.run_id] = slot
        if sooner:
            _advance(connection, gate, sooner)


def _gates(connection: Connection, what: What, identifier: str) -> list[str]:
    mine = f"{identifier}:%" if what == "workflow" else f"%:{identifier}"
    query = select(start_log.c.gate).where(~start_log.c.started, start_log.c.gate.like(mine)).distinct()
    return sorted(connection.scalars(query))


def _seat(connection: Connection, gate: str, waiting: Sequence[Any], now: float) -> None:
    rules = [seating.read(row.detail) for row in waiting]
    seats = Seats(_used(connection, gate, rules), now)
    rows: list[dict[str, Any]] = []
    waits: list[dict[str, Any]] = []
    for place, (row, rule) in enumerate(zip(waiting, rules, strict=True)):
        slot = seats.next(rule)
        due = slot <= now
        at = now - (len(waiting) - place) * _TICK if due else slot
        rows.append({"gate": gate, "key": row.run_id, "slot": at, "state": "ready" if due else "waiting"})
        wait = None if due else json.dumps(_wait(slot, rule, row.caller))
        waits.append({"key": row.run_id, "wait": wait})
    bulk.many(connection, _SLOT, rows)
    bulk.many(connection, _STAGE, rows)
    bulk.many(connection, _WAIT, waits)


def _advance(connection: Connection, gate: str, sooner: dict[str, float]) -> None:
    rows = [{"gate": gate, "key": run_id, "slot": slot} for run_id, slot in sooner.items()]
    bulk.many(connection, _SLOT, rows)
    bulk.many(connection, _SOONER, rows)
    ids, waits = list(sooner), []
    for first in range(0, len(ids), _CHUNK):
        query = select(run.c.id, run.c.wait).where(run.c.id.in_(ids[first : first + _CHUNK]))
        for row in connection.execute(query):
            wait = json.loads(row.wait or "{}")
            if wait.get("reason") == "rate_limited":
                wait["expected_start"] = iso(sooner[row.id])
                waits.append({"key": row.id, "wait": gates.told(wait)})
    if waits:
        bulk.many(connection, _TELL, waits)


def _used(connection: Connection, gate: str, rules: Iterable[Rule]) -> list[float]:
    """The last starts that count, oldest first."""
    most = max((rule.most for rule in rules), default=0)
    query = select(start_log.c.slot).where(start_log.c.gate == gate, start_log.c.started)
    return sorted(connection.scalars(query.order_by(start_log.c.slot.desc()).limit(most)))


def _wait(slot: float, rule: Rule, caller: str) -> Json:
    words = (
        gates.trickles(rule.per_minute)
        if rule.per_minute is not None
        else f"{rule.limit} per {gates.span(rule.window)} for {caller}"
    )
    return {"reason": "rate_limited", "position": None, "expected_start": iso(slot), "explanation": words}
