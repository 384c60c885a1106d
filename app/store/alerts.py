"""Alerts: what people have to look at."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from app import clock
from app.store.rows import Page, columns, page, records
from app.store.tables import alert


@dataclass(frozen=True, slots=True)
class AlertRow:
    id: str
    org_id: str
    at: float
    code: str
    subject: str
    text: str
    acknowledged_at: float | None


def list_page(
    connection: Connection, org_id: str, *, pending: bool = False, cursor: str | None = None, limit: int = 50
) -> Page[AlertRow]:
    """One keyset page, newest first; `pending` leaves out what was acknowledged."""
    query = select(*columns(alert, AlertRow)).where(alert.c.org_id == org_id)
    if pending:
        query = query.where(alert.c.acknowledged_at.is_(None))
    if cursor:
        query = query.where(alert.c.id < cursor)
    query = query.order_by(alert.c.id.desc()).limit(limit + 1)
    return page(records(AlertRow, connection.execute(query)), limit)


def count_pending(connection: Connection, org_id: str) -> int:
    """How many nobody has marked as seen."""
    query = select(func.count()).where(alert.c.org_id == org_id, alert.c.acknowledged_at.is_(None))
    return int(connection.execute(query).scalar_one())


def acknowledge(connection: Connection, org_id: str, alert_id: str) -> bool:
    """Mark as seen; False when there is no such alert."""
    change = update(alert).where(alert.c.id == alert_id, alert.c.org_id == org_id)
    return connection.execute(change.values(acknowledged_at=clock.now())).rowcount > 0
