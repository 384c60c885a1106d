"""The built-in test inbox: callbacks kept for people who have no receiver of their own (contract §5)."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select

from app import clock
from app.store.ids import new_id
from app.store.rows import Page, columns, page, records
from app.store.tables import inbox_message

KEPT = 200
KEPT_IN_ALL = 2_000
KEPT_BYTES = 16 * 2**20
KEPT_BYTES_IN_ALL = 64 * 2**20


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One received request; `headers` is JSON text, `body` as received, `verified` None when unsigned."""

    id: str
    inbox: str
    received_at: float
    message_id: str | None
    headers: str
    body: str
    verified: bool | None


def add(
    connection: Connection,
    org_id: str,
    inbox: str,
    *,
    message_id: str | None,
    headers: str,
    body: str,
    verified: bool | None,
) -> str:
    """Keep a message; only the newest of each inbox, and of an organisation's inboxes together, stay.

    Both their number and their bytes are bounded: nobody needs a key to send to an inbox.
    """
    identifier = new_id("msg")
    connection.execute(
        insert(inbox_message).values(
            id=identifier,
            org_id=org_id,
            inbox=inbox,
            received_at=clock.now(),
            message_id=message_id,
            headers=headers,
            body=body,
            verified=verified,
            bytes=len(body.encode()) + len(headers.encode()),
        )
    )
    _trim(connection, _mine(org_id, inbox), KEPT, KEPT_BYTES)
    _trim(connection, inbox_message.c.org_id == org_id, KEPT_IN_ALL, KEPT_BYTES_IN_ALL)
    return identifier


def list_page(
    connection: Connection, org_id: str, inbox: str, cursor: str | None = None, limit: int = 50
) -> Page[InboxRow]:
    """One keyset page, newest first."""
    query = select(*columns(inbox_message, InboxRow)).where(_mine(org_id, inbox))
    if cursor:
        query = query.where(inbox_message.c.id < cursor)
    query = query.order_by(inbox_message.c.id.desc()).limit(limit + 1)
    return page(records(InboxRow, connection.execute(query)), limit)


def names(connection: Connection, org_id: str, limit: int = 100) -> list[tuple[str, int, float]]:
    """Inboxes with their number of messages and the time of the last one, latest first."""
    latest = func.max(inbox_message.c.received_at)
    query = select(inbox_message.c.inbox, func.count(), latest).where(inbox_message.c.org_id == org_id)
    query = query.group_by(inbox_message.c.inbox)
    rows = connection.execute(query.order_by(latest.desc()).limit(limit))
    return [(name, count, at) for name, count, at in rows]


def clear(connection: Connection, org_id: str, inbox: str) -> int:
    """Remove every message of an inbox; gives their number."""
    return connection.execute(delete(inbox_message).where(_mine(org_id, inbox))).rowcount


def _mine(org_id: str, inbox: str) -> ColumnElement[bool]:
    return and_(inbox_message.c.org_id == org_id, inbox_message.c.inbox == inbox)


def _trim(connection: Connection, which: ColumnElement[bool], kept: int, most: int) -> None:
    """Remove the oldest beyond so many messages and so many bytes; the index alone answers what is there."""
    newest = inbox_message.c.id.desc()
    place = func.row_number().over(order_by=newest).label("place")
    sum_of = func.sum(inbox_message.c.bytes).over(order_by=newest).label("sum")
    counted = select(inbox_message.c.id, place, sum_of).where(which).subquery()
    too_many = or_(counted.c.place > kept, counted.c.sum > most)
    limit_id = connection.scalar(select(func.max(counted.c.id)).where(too_many))
    if limit_id is not None:
        connection.execute(delete(inbox_message).where(which, inbox_message.c.id <= limit_id))
