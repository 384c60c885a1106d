"""The built-in test inbox: callbacks kept for people who have no receiver of their own (contract §5)."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from app.store.ids import new_id
from app.store.rows import Page, columns, page, records
from app.store.tables import inbox_message, run

KEPT = 200


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
    inbox: str,
    *,
    message_id: str | None,
    headers: str,
    body: str,
    verified: bool | None,
) -> str:
    """Keep a message; only the newest of each inbox stay."""
    identifier = new_id("msg")
    connection.execute(
        insert(inbox_message).values(
            id=identifier,
            inbox=inbox,
            received_at=time.time(),
            message_id=message_id,
            headers=headers,
            body=body,
            verified=verified,
        )
    )
    _trim(connection, inbox)
    return identifier


def list_page(
    connection: Connection, inbox: str, cursor: str | None = None, limit: int = 50
) -> Page[InboxRow]:
    """One keyset page, newest first."""
    query = select(*columns(inbox_message, InboxRow)).where(inbox_message.c.inbox == inbox)
    if cursor:
        query = query.where(inbox_message.c.id < cursor)
    query = query.order_by(inbox_message.c.id.desc()).limit(limit + 1)
    return page(records(InboxRow, connection.execute(query)), limit)


def names(connection: Connection, limit: int = 100) -> list[tuple[str, int, float]]:
    """Inboxes with their number of messages and the time of the last one, latest first."""
    latest = func.max(inbox_message.c.received_at)
    query = select(inbox_message.c.inbox, func.count(), latest).group_by(inbox_message.c.inbox)
    rows = connection.execute(query.order_by(latest.desc()).limit(limit))
    return [(name, count, at) for name, count, at in rows]


def clear(connection: Connection, inbox: str) -> int:
    """Remove every message of an inbox; gives their number."""
    return connection.execute(delete(inbox_message).where(inbox_message.c.inbox == inbox)).rowcount


def organisations_of(connection: Connection, run_ids: list[str]) -> dict[str, str]:
    """Whose runs these are: run id to organisation id."""
    query = select(run.c.id, run.c.org_id).where(run.c.id.in_(run_ids))
    return {run_id: org_id for run_id, org_id in connection.execute(query)}  # noqa: C416 - typed rows


def _trim(connection: Connection, inbox: str) -> None:
    oldest = (
        select(inbox_message.c.id)
        .where(inbox_message.c.inbox == inbox)
        .order_by(inbox_message.c.id.desc())
        .offset(KEPT)
        .limit(1)
    )
    limit_id = connection.execute(oldest).scalar_one_or_none()
    if limit_id is not None:
        connection.execute(
            delete(inbox_message).where(inbox_message.c.inbox == inbox, inbox_message.c.id <= limit_id)
        )
