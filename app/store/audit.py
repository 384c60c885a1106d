"""Who did what, append only (S125)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from app import clock
from app.store.ids import floor_id, new_id
from app.store.rows import Page, columns, page, records
from app.store.tables import audit


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One act; `detail` is JSON text."""

    id: str
    org_id: str
    at: float
    actor: str
    action: str
    object: str
    detail: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in whose name, and by which request."""

    org_id: str
    name: str
    request_id: str | None = None


def write(
    connection: Connection,
    actor: Actor,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry in the transaction of the act itself, so that neither stands without the other."""
    connection.execute(
        insert(audit).values(
            id=new_id("aud"),
            org_id=actor.org_id,
            at=clock.now(),
            actor=actor.name,
            action=action,
            object=subject,
            detail=json.dumps(detail or {}, ensure_ascii=False),
            request_id=actor.request_id,
        )
    )


def is_known(
    connection: Connection, org_id: str, action: str, subject: str, detail: Mapping[str, Any]
) -> bool:
    """Whether there is such an entry already; for acts that are told of a second time."""
    text = json.dumps(detail, ensure_ascii=False)
    same = audit.c.org_id == org_id, audit.c.action == action, audit.c.object == subject
    return (
        connection.execute(select(audit.c.id).where(*same, audit.c.detail == text).limit(1)).first()
        is not None
    )


def recently(connection: Connection, actor: Actor, action: str, subject: str, since: float) -> bool:
    """Whether this actor has an entry of that action on that subject, at or after a time."""
    query = select(audit.c.id).where(
        audit.c.org_id == actor.org_id,
        audit.c.id >= floor_id("aud", since),
        audit.c.actor == actor.name,
        audit.c.action == action,
        audit.c.object == subject,
    )
    return connection.execute(query.limit(1)).first() is not None


def others_than(connection: Connection, org_id: str, actor: str) -> bool:
    """Whether anybody else than this actor has done something."""
    query = select(audit.c.id).where(audit.c.org_id == org_id, audit.c.actor != actor).limit(1)
    return connection.execute(query).first() is not None


def list_page(
    connection: Connection,
    org_id: str,
    *,
    action: str | None = None,
    subject: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[AuditRow]:
    """One keyset page, newest first."""
    query = select(*columns(audit, AuditRow)).where(audit.c.org_id == org_id)
    if action:
        query = query.where(audit.c.action == action)
    if subject:
        query = query.where(audit.c.object == subject)
    if cursor:
        query = query.where(audit.c.id < cursor)
    query = query.order_by(audit.c.id.desc()).limit(limit + 1)
    return page(records(AuditRow, connection.execute(query)), limit)
