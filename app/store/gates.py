"""What rate limiters and breakers hold back: reads only, the engine writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, case, func, select

from app.store import seating
from app.store.rows import columns, record, records
from app.store.seating import Seats
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
    moments = {
        gate: _moments(connection, gate, [row for row in rows if row.gate == gate], now)
        for gate in {row.gate for row in rows}
    }
    return {
        row.run_id: Place(row.rank - row.due, moments[row.gate].get(row.run_id, row.slot)) for row in rows
    }


def _moments(connection: Connection, gate: str, rows: Sequence[Any], now: float) -> Mapping[str, float]:
    """When these of a queue may start, each by the rule it was accepted with."""
    waiting = (start_log.c.gate == gate, ~start_log.c.started)
    first = and_(stage.c.run_id == start_log.c.run_id, stage.c.number == 0)
    kinds = select(stage.c.detail).distinct().join(start_log, first).where(*waiting)
    rules = {seating.read(detail) for detail in connection.scalars(kinds)}
    if not rules:
        # the last of them has started since they were found
        return {}
    starts = _starts(connection, gate, max(rule.most for rule in rules))
    (rule, *others) = rules
    if others or rule.limit is None or rule.per_minute is not None:
        seats, moments = Seats(starts, now), {}
        query = select(start_log.c.run_id, start_log.c.slot, stage.c.detail).join(stage, first)
        for row in connection.execute(query.where(*waiting).order_by(start_log.c.slot, start_log.c.run_id)):
            moments[row.run_id] = seats.next(seating.read(row.detail), at=row.slot)
        return moments
    soonest = [0.0] * (rule.limit - len(starts)) + [at + rule.window for at in starts]
    return {row.run_id: _moment(row, now, soonest, rule.window) for row in rows}


def _starts(connection: Connection, gate: str, most: int) -> list[float]:
    """The last starts that count, oldest first."""
    mine = select(start_log.c.slot).where(start_log.c.gate == gate, start_log.c.started)
    return list(reversed(connection.scalars(mine.order_by(start_log.c.slot.desc()).limit(most)).all()))


def _moment(row: Any, now: float, soonest: Sequence[float], window: float) -> float:
    """Where all wait by one rule, a run starts as many windows later as whole rounds are before it."""
    rounds, place = divmod(row.rank - 1, len(soonest))
    return float(max(row.slot, max(now, soonest[place]) + rounds * window))
