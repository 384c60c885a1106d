"""Counts for `/metrics`, read when asked (contract §7)."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from app.store.tables import delivery, run


@dataclass(frozen=True, slots=True)
class Numbers:
    """Runs and deliveries by status; `oldest_open` is when the longest open run was accepted."""

    runs: dict[str, int]
    deliveries: dict[str, int]
    oldest_open: float | None
    oldest_delivery: float | None


def read(connection: Connection) -> Numbers:
    runs = select(run.c.status, func.count()).group_by(run.c.status)
    deliveries = select(delivery.c.status, func.count()).group_by(delivery.c.status)
    oldest_run = select(run.c.created_at).where(run.c.finished_at.is_(None)).order_by(run.c.id).limit(1)
    oldest = select(func.min(delivery.c.created_at)).where(delivery.c.wake_at.is_not(None))
    return Numbers(
        runs={status: count for status, count in connection.execute(runs)},  # noqa: C416 - typed rows
        deliveries={status: count for status, count in connection.execute(deliveries)},  # noqa: C416
        oldest_open=connection.execute(oldest_run).scalar_one_or_none(),
        oldest_delivery=connection.execute(oldest).scalar_one_or_none(),
    )
