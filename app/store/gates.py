"""What rate limiters and breakers hold back: reads only, the engine writes."""

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


def place(connection: Connection, run_id: str) -> Place | None:
    """The run's place, None when no limiter holds it."""
    own = select(start_log.c.gate, start_log.c.slot).where(
        start_log.c.run_id == run_id, start_log.c.started.is_(False)
    )
    row = connection.execute(own).first()
    if row is None:
        return None
    ahead = select(func.count()).where(
        start_log.c.gate == row.gate, start_log.c.started.is_(False), start_log.c.slot < row.slot
    )
    return Place(int(connection.execute(ahead).scalar_one()) + 1, row.slot)
