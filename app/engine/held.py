"""What an operator decides about held triggers: all at once, few a minute, one of each, or none."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, text, update

from app import clock
from app.engine import gates
from app.engine.clock import iso
from app.engine.control import Control, Resume, held_at, is_limited
from app.store import bulk
from app.store.audit import Actor, write
from app.store.tables import breaker, run, stage, start_log
from graphs.node import Json

Mode = Literal["all", "trickle", "one_of_each", "drop"]
_CHUNK = 500
_DETAIL = text("UPDATE stage SET detail = :detail WHERE run_id = :key AND number = 0")


@dataclass(frozen=True, slots=True)
class Release:
    """A decision about what an open breaker holds.

    Args:
        groups: Contents (``run.input_version``) that it is about; None for all of them.
        per_minute: How many start in a minute at most when they trickle.
    """

    gate: str
    org_id: str
    actor: str
    mode: Mode
    groups: tuple[str, ...] | None = None
    per_minute: float = 10
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """What came of it; the breaker is closed once nothing is held any more."""

    released: tuple[str, ...]
    dropped: tuple[str, ...]
    deliveries: tuple[str, ...]
    left: int


class Holding:
    """The operation behind these decisions."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def release(self, connection: Connection, items: Sequence[Release]) -> list[Released | None]:
        """Carry decisions out; None where the organisation has no such open breaker."""
        return [self._release(connection, item) for item in items]

    def _release(self, connection: Connection, item: Release) -> Released | None:
        now = clock.now()
        gates.lock(connection, item.gate)
        mine = (breaker.c.gate == item.gate) & (breaker.c.org_id == item.org_id)
        opened = select(breaker.c.gate).where(mine, breaker.c.opened_at.is_not(None))
        if connection.execute(opened).first() is None:
            return None
        held = _held(connection, item.gate)
        chosen = [row for row in held if item.groups is None or row.input_version in item.groups]
        free, unwanted = _parted(item.mode, chosen)
        dropped = tuple(row.run_id for row in unwanted)
        asked = Resume(item.gate, item.org_id, item.actor, drop=True, request_id=item.request_id)
        letters = tuple(self._control.drop(connection, asked, dropped, now)) if dropped else ()
        _let_go(connection, item, free, now)
        left = len(held) - len(chosen)
        if not left:
            closed = {"opened_at": None, "closed_at": now, "closed_by": item.actor}
            connection.execute(update(breaker).where(mine).values(closed))
        counts = {"mode": item.mode, "released": len(free), "dropped": len(dropped), "left": left}
        write(
            connection, Actor(item.org_id, item.actor, item.request_id), "breaker.release", item.gate, counts
        )
        return Released(tuple(row.run_id for row in free), dropped, letters, left)


def _held(connection: Connection, gate: str) -> Sequence[Any]:
    query = select(stage.c.run_id, stage.c.detail, run.c.input_version).join(run, run.c.id == stage.c.run_id)
    return connection.execute(query.where(*held_at(gate)).order_by(stage.c.run_id)).all()


def _parted(mode: Mode, chosen: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Who goes on, and who is dropped; of each content the first one came first."""
    if mode == "drop":
        return [], list(chosen)
    if mode != "one_of_each":
        return list(chosen), []
    first: dict[str, str] = {}
    for row in chosen:
        first.setdefault(row.input_version, row.run_id)
    kept = set(first.values())
    return [row for row in chosen if row.run_id in kept], [row for row in chosen if row.run_id not in kept]


def _let_go(connection: Connection, item: Release, free: Sequence[Any], now: float) -> None:
    """Each takes its turn at the limiter when it is claimed; a trickle spreads these turns first."""
    gap = 60 / item.per_minute if item.mode == "trickle" else 0.0
    places = [(row, now + place * gap) for place, row in enumerate(free)]
    slots = [
        {"gate": item.gate, "run_id": row.run_id, "slot": at, "started": False}
        for row, at in places
        if gap or is_limited(row)
    ]
    if slots:
        connection.execute(insert(start_log), slots)
    if gap:
        _pace(connection, item, free)
    at_once = [row.run_id for row, at in places if at <= now]
    for begin in range(0, len(at_once), _CHUNK):
        ids = at_once[begin : begin + _CHUNK]
        connection.execute(update(run).where(run.c.id.in_(ids)).values(wait=None))
        root = stage.c.run_id.in_(ids), stage.c.number == 0
        connection.execute(update(stage).where(*root).values(state="ready", wake_at=now))
    for row, at in places:
        if at > now:
            _later(connection, item, row.run_id, at)


def _pace(connection: Connection, item: Release, free: Sequence[Any]) -> None:
    """Whatever comes between, a pause or workers that are away: no more than so many start in a minute."""
    rows = [
        {
            "key": row.run_id,
            "detail": json.dumps(json.loads(row.detail or "{}") | {"per_minute": item.per_minute}),
        }
        for row in free
    ]
    if rows:
        bulk.many(connection, _DETAIL, rows)


def _later(connection: Connection, item: Release, run_id: str, at: float) -> None:
    root = stage.c.run_id == run_id, stage.c.number == 0
    connection.execute(update(stage).where(*root).values(wake_at=at))
    wait: Json = {
        "reason": "rate_limited",
        "expected_start": iso(at),
        "explanation": gates.trickles(item.per_minute),
    }
    connection.execute(update(run).where(run.c.id == run_id).values(wait=gates.told(wait)))
