"""What rate limiters and breakers hold back: reads only, the engine writes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select

from app.store.rows import columns, record, records
from app.store.tables import breaker, run, stage, start_log


@dataclass(frozen=True, slots=True)
class BreakerRow:
    """A breaker that has opened at least once; open while `opened_at` is set and `closed_at` is not."""

    gate: str
    org_id: str
    workflow: str
    caller: str
    opened_at: float | None
    reason: str | None
    closed_at: float | None
    closed_by: str | None

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None


@dataclass(frozen=True, slots=True)
class Held:
    """Runs that wait at one gate; times are seconds since the epoch."""

    gate: str
    workflow: str
    caller: str
    waiting: int
    oldest: float
    next_at: float | None


def breakers(connection: Connection, org_id: str) -> tuple[BreakerRow, ...]:
    query = select(*columns(breaker, BreakerRow)).where(breaker.c.org_id == org_id)
    return records(BreakerRow, connection.execute(query.order_by(breaker.c.gate)))


def find_breaker(connection: Connection, org_id: str, gate: str) -> BreakerRow | None:
    query = select(*columns(breaker, BreakerRow)).where(breaker.c.org_id == org_id, breaker.c.gate == gate)
    return record(BreakerRow, connection.execute(query).one_or_none())


def held(connection: Connection, org_id: str) -> tuple[Held, ...]:
    """Waiting runs, grouped by the gate that holds them."""
    query = (
        select(
            stage.c.gate,
            run.c.workflow,
            run.c.caller,
            func.count(),
            func.min(run.c.created_at),
            func.min(stage.c.wake_at),
        )
        .join(run, run.c.id == stage.c.run_id)
        .where(stage.c.gate.is_not(None), stage.c.state == "waiting", run.c.org_id == org_id)
        .group_by(stage.c.gate, run.c.workflow, run.c.caller)
        .order_by(stage.c.gate)
    )
    return tuple(Held(*row) for row in connection.execute(query))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands in a limiter's queue, 1 for the next; `slot` is when it may start."""

    position: int
    slot: float


def places(connection: Connection, run_ids: Sequence[str], now: float) -> dict[str, Place]:
    """The places of those runs that a limiter holds; a run whose turn has come stands first.

    The moment is the later of the slot that was planned and the one that the starts so far leave: after a
    standstill every start is late, and those behind are too.
    """
    waiting = ~start_log.c.started
    held = select(start_log.c.gate).where(start_log.c.run_id.in_(run_ids), waiting)
    rank = func.row_number().over(
        partition_by=start_log.c.gate, order_by=(start_log.c.slot, start_log.c.run_id)
    )
    come = func.sum(case((start_log.c.slot <= now, 1), else_=0)).over(partition_by=start_log.c.gate)
    queue = (
        select(
            start_log.c.gate,
            start_log.c.run_id,
            start_log.c.slot,
            rank.label("rank"),
            come.label("due"),
        )
        .where(start_log.c.gate.in_(held), waiting)
        .subquery()
    )
    mine = queue.c.run_id.in_(run_ids), queue.c.slot > now
    rows = connection.execute(select(queue).where(*mine)).all()
    rules = _rules(connection, [row.run_id for row in rows])
    starts = {
        gate: _starts(connection, gate, *rules[gate]) for gate in {row.gate for row in rows} & rules.keys()
    }
    return {row.run_id: Place(row.rank - row.due, _moment(row, now, rules, starts)) for row in rows}


def _rules(connection: Connection, run_ids: Sequence[str]) -> dict[str, tuple[int, float]]:
    """Limit and window (seconds) by gate, as the runs that wait there were accepted with."""
    first = (stage.c.run_id.in_(run_ids), stage.c.number == 0, stage.c.gate.is_not(None))
    found = {}
    for row in connection.execute(select(stage.c.gate, stage.c.detail).where(*first)):
        detail = json.loads(row.detail or "{}")
        if detail.get("limited"):
            found[row.gate] = (int(detail["limit"]), float(detail["window"]))
    return found


def _starts(connection: Connection, gate: str, limit: int, window: float) -> list[float]:
    """When each of the next starts may be at the earliest, one for each of the last ones."""
    mine = select(start_log.c.slot).where(start_log.c.gate == gate, start_log.c.started)
    last = list(connection.scalars(mine.order_by(start_log.c.slot.desc()).limit(limit)))
    return [0.0] * (limit - len(last)) + [at + window for at in reversed(last)]


def _moment(
    row: Any, now: float, rules: Mapping[str, tuple[int, float]], starts: Mapping[str, list[float]]
) -> float:
    if row.gate not in rules:
        return float(row.slot)
    limit, window = rules[row.gate]
    rounds, place = divmod(row.rank - 1, limit)
    return float(max(row.slot, max(now, starts[row.gate][place]) + rounds * window))
