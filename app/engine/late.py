"""Charges that are known only after their run ended: they belong to what the run cost all the same (S61)."""

from collections.abc import Mapping

from sqlalchemy import Connection, select, update

from app.store.tables import run
from graphs.pricing import credits_of


def add(connection: Connection, charged: Mapping[str, int]) -> None:
    """Add micro-credits by run to the runs among them that have ended, and to ended runs above those.

    A run that is open counts its calls, and what its children cost, when it ends. Callbacks that were
    written keep their bytes.
    """
    if not charged:
        return
    over = run.c.id.in_(sorted(charged)) & run.c.finished_at.is_not(None)
    for run_id in connection.execute(select(run.c.id).where(over).order_by(run.c.id)).scalars().all():
        above: str | None = run_id
        while above is not None:
            mine = update(run).where(run.c.id == above, run.c.finished_at.is_not(None))
            cost = run.c.credit_cost + float(credits_of(charged[run_id]))
            above = connection.execute(
                mine.values(credit_cost=cost).returning(run.c.parent_id)
            ).scalar_one_or_none()
