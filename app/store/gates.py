"""What rate limiters and breakers hold back: reads only, the engine writes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

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
    """The places of those runs that a limiter holds; a run whose turn has come stands first."""
    waiting = ~start_log.c.started
    held = select(start_log.c.gate).where(start_log.c.run_id.in_(run_ids), waiting)
    order = func.row_number().over(
        partition_by=start_log.c.gate, order_by=(start_log.c.slot, start_log.c.run_id)
    )
    queue = (
        select(start_log.c.run_id, start_log.c.slot, order.label("position"))
        .where(start_log.c.gate.in_(held), waiting, start_log.c.slot > now)
        .subquery()
    )
    rows = connection.execute(select(queue).where(queue.c.run_id.in_(run_ids)))
    return {run_id: Place(position, slot) for run_id, slot, position in rows}
