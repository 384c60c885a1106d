"""Rate limiter and circuit breaker: exact, in SQL, decided where a run is accepted and again where it starts.

The limiter hands out start slots per workflow and caller: a run's slot is the later of now and the limit-th
last slot plus the window, so that no rolling window ever sees more starts than the limit (S62, S63). A slot
that is used late is logged at its real time and checked again. The breaker counts accepted triggers; past
factor × limit it opens, and what it holds back is kept until an operator decides (S73).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, text, update

from app.engine.clock import iso
from app.engine.records import NewRun
from app.store.ids import new_id
from app.store.seating import Rule
from app.store.tables import alert, audit, breaker, stage, start_log, trigger_log
from graphs.node import Json
from graphs.plan import Gates

_DEFAULT_LIMIT = 100
_DEFAULT_WINDOW = 3600.0
# how long a run steps aside for one that came before it
_AFTER_YOU = 0.1


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a new run may start at once, and if not, why and until when (None: until someone decides)."""

    gate: str | None = None
    wait: Json | None = None
    wake_at: float | None = None
    detail: Json | None = None

    @property
    def held(self) -> bool:
        return self.wait is not None


FREE = Admission()
# queue → how many wait in it
Places = dict[str, int]
_OPEN = Gates()


def gate_key(new: NewRun) -> str:
    return f"{new.workflow_id}:{new.caller_id}"


def admit(connection: Connection, new: NewRun, run_id: str, now: float, places: Places) -> Admission:
    """Pass a new run through its workflow's gates; runs in the accepting transaction.

    ``places`` is how long each queue is that this transaction, at this moment, has counted.
    """
    gates = new.plan.gates if new.plan else None
    if gates is None or (gates.limiter is None and gates.breaker is None):
        return FREE
    gate = gate_key(new)
    lock(connection, gate)
    limit = gates.limiter.limit if gates.limiter else _DEFAULT_LIMIT
    window = gates.limiter.window_seconds if gates.limiter else _DEFAULT_WINDOW
    detail: Json = {"limit": limit, "window": window, "limited": gates.limiter is not None}
    if gates.breaker and _breaker_open(
        connection, new, run_id, gate, limit * gates.breaker.factor, window, now
    ):
        wait: Json = {
            "reason": "breaker_open",
            "explanation": f"the circuit breaker of {new.caller} is open until an operator decides",
        }
        return Admission(gate, wait, None, detail)
    if gates.limiter is None:
        return Admission(gate, detail=detail)
    return _reserve(connection, new, run_id, gate, limit, window, now, detail, places)


def lock_all(connection: Connection, items: Sequence[NewRun]) -> None:
    """Take the locks of many new runs in one order, so that no two processes wait in a circle."""
    if connection.dialect.name != "postgresql":
        return
    found = {gate_key(new) for new in items if new.plan and new.plan.gates != _OPEN}
    for gate in sorted(found | {new.budget.scope for new in items if new.budget}):
        lock(connection, gate)


def lock(connection: Connection, gate: str) -> None:
    """One transaction at a time decides about a gate; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:gate))"), {"gate": gate})


def _breaker_open(  # noqa: PLR0917
    connection: Connection, new: NewRun, run_id: str, gate: str, most: float, window: float, now: float
) -> bool:
    connection.execute(insert(trigger_log).values(gate=gate, run_id=run_id, at=now))
    row = connection.execute(select(breaker).where(breaker.c.gate == gate)).one_or_none()
    if row is not None and row.opened_at is not None:
        return True
    since = max(now - window, row.closed_at or 0 if row else 0)
    count = connection.scalar(
        select(func.count()).where(trigger_log.c.gate == gate, trigger_log.c.at > since)
    )
    if (count or 0) <= most:
        return False
    _open(
        connection,
        new,
        gate,
        f"more than {most:g} triggers in {window:g} seconds",
        now,
        known=row is not None,
    )
    return True


def _open(  # noqa: PLR0917
    connection: Connection, new: NewRun, gate: str, reason: str, now: float, known: bool
) -> None:
    values = {"opened_at": now, "reason": reason, "closed_at": None, "closed_by": None}
    if known:
        connection.execute(update(breaker).where(breaker.c.gate == gate).values(values))
    else:
        names = {"gate": gate, "org_id": new.org_id, "workflow": new.workflow, "caller": new.caller}
        connection.execute(insert(breaker).values({**names, **values}))
    subject = f"{new.workflow} / {new.caller}"
    connection.execute(
        insert(alert).values(
            id=new_id("alr"), org_id=new.org_id, at=now, code="breaker_open", subject=subject, text=reason
        )
    )
    connection.execute(
        insert(audit).values(
            id=new_id("aud"), org_id=new.org_id, at=now, actor="system", action="breaker.open", object=gate
        )
    )


def _reserve(  # noqa: PLR0917
    connection: Connection,
    new: NewRun,
    run_id: str,
    gate: str,
    limit: int,
    window: float,
    now: float,
    detail: Json,
    places: Places,
) -> Admission:
    slot = max(now, next_slot(connection, gate, limit, window), _last_slot(connection, gate))
    connection.execute(insert(start_log).values(gate=gate, run_id=run_id, slot=slot, started=False))
    if slot <= now:
        return Admission(gate, detail=detail)
    position = _place(connection, gate, now, places)
    wait: Json = {
        "reason": "rate_limited",
        "position": position,
        "expected_start": iso(slot),
        "explanation": f"{limit} per {span(window)} for {new.caller}",
    }
    return Admission(gate, wait, slot, detail)


def _place(connection: Connection, gate: str, now: float, places: Places) -> int:
    """The place of the run that was just put at the end of a queue: counted once in a transaction.

    What has a slot to come has not started, so that the index alone answers.
    """
    if gate in places:
        places[gate] += 1
    else:
        coming = select(func.count()).where(start_log.c.gate == gate, start_log.c.slot > now)
        places[gate] = connection.scalar(coming) or 1
    return places[gate]


def next_slot(
    connection: Connection, gate: str, limit: int, window: float, *, started: bool = False
) -> float:
    """The first moment another start fits into every rolling window; 0 when none is in the way."""
    query = select(start_log.c.slot).where(start_log.c.gate == gate)
    if started:
        query = query.where(start_log.c.started.is_(True))
    nth = connection.scalar(query.order_by(start_log.c.slot.desc()).limit(1).offset(limit - 1))
    return nth + window if nth is not None else 0.0


def _last_slot(connection: Connection, gate: str) -> float:
    # order per caller: nobody starts before someone who came earlier
    last: float | None = connection.scalar(select(func.max(start_log.c.slot)).where(start_log.c.gate == gate))
    return last or 0.0


def free_at(connection: Connection, gate: str, run_id: str, detail: Json, now: float) -> float | None:
    """When a run whose turn it is may start; None for now. Writes nothing but takes the gate's lock."""
    windows = Rule.of(detail).windows
    if not windows:
        return None
    lock(connection, gate)
    mine = connection.execute(select(start_log).where(*_mine(gate, run_id))).one_or_none()
    if mine is not None and mine.started:
        return None
    moment = max(next_slot(connection, gate, count, window, started=True) for count, window in windows)
    if moment > now:
        return moment
    if mine is not None and _someone_before(connection, mine, now):
        return now + _AFTER_YOU
    return None


def log_start(connection: Connection, gate: str, run_id: str, detail: Json, now: float) -> None:
    """Log a start at its real time."""
    if Rule.of(detail).windows:
        set_slot(connection, gate, run_id, now, started=True)


def set_slot(connection: Connection, gate: str, run_id: str, slot: float, *, started: bool = False) -> None:
    """Give a run its place in the log, whether or not it has one; a start that is logged stays."""
    mine = (*_mine(gate, run_id), ~start_log.c.started)
    values = {"slot": slot, "started": started}
    if connection.execute(update(start_log).where(*mine).values(values)).rowcount:
        return
    if connection.scalar(select(start_log.c.run_id).where(*_mine(gate, run_id))) is None:
        connection.execute(insert(start_log).values(gate=gate, run_id=run_id, **values))


def _mine(gate: str, run_id: str) -> tuple[Any, ...]:
    return start_log.c.gate == gate, start_log.c.run_id == run_id


def _someone_before(connection: Connection, mine: Any, now: float) -> bool:
    """Whether a run that came earlier is due as well: its message is only a moment behind (S63)."""
    due = or_(stage.c.state == "ready", and_(stage.c.state == "waiting", stage.c.wake_at <= now))
    earlier = or_(
        start_log.c.slot < mine.slot, and_(start_log.c.slot == mine.slot, start_log.c.run_id < mine.run_id)
    )
    query = (
        select(start_log.c.run_id)
        .join(stage, and_(stage.c.run_id == start_log.c.run_id, stage.c.number == 0))
        .where(start_log.c.gate == mine.gate, ~start_log.c.started, start_log.c.slot <= now, earlier, due)
    )
    return connection.execute(query.limit(1)).first() is not None


def told(wait: Json) -> str:
    """A wait as the row of its run keeps it."""
    return json.dumps(wait, ensure_ascii=False)


def forget(connection: Connection, run_ids: Sequence[str]) -> set[str]:
    """Give back the slots of runs that will never start; the gates at which they waited."""
    mine = start_log.c.run_id.in_(run_ids)
    gone = delete(start_log).where(mine, ~start_log.c.started).returning(start_log.c.gate)
    return set(connection.scalars(gone))


def trickles(per_minute: float) -> str:
    return f"released with {per_minute:g} others a minute"


def span(seconds: float) -> str:
    return {60: "minute", 3600: "hour", 86400: "day"}.get(int(seconds), f"{seconds:g} seconds")
