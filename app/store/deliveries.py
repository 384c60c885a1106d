"""Deliveries and their attempts: reads only, the engine writes."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from app.store.ids import floor_id
from app.store.rows import Page, columns, page, record, records
from app.store.runs import Scope
from app.store.tables import delivery, delivery_attempt

STATUSES = ("pending", "sending", "retrying", "delivered", "permanently_failed")


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One completion payload to one URL, without its body; times are seconds since the epoch."""

    id: str
    org_id: str
    run_id: str
    caller_id: str
    event: str
    message_id: str
    url: str
    status: str
    attempts: int
    attempt_base: int
    wake_at: float | None
    created_at: float
    finished_at: float | None
    error_code: str | None


@dataclass(frozen=True, slots=True)
class DeliveryAttemptRow:
    delivery_id: str
    number: int
    started_at: float
    duration: float
    status_code: int | None
    error_code: str | None
    reason: str | None
    response: str | None
    next_at: float | None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    status: tuple[str, ...] = ()
    run_id: str | None = None
    caller_id: str | None = None
    since: float | None = None
    until: float | None = None


def get(connection: Connection, scope: Scope, delivery_id: str) -> DeliveryRow | None:
    """The delivery, or None when it is unknown or another's."""
    query = select(*columns(delivery, DeliveryRow)).where(delivery.c.id == delivery_id, *_visible(scope))
    return record(DeliveryRow, connection.execute(query).one_or_none())


def body(connection: Connection, delivery_id: str) -> str | None:
    """The payload as sent, byte for byte."""
    query = select(delivery.c.body).where(delivery.c.id == delivery_id)
    return connection.execute(query).scalar_one_or_none()


def of_run(connection: Connection, run_id: str) -> tuple[DeliveryRow, ...]:
    query = select(*columns(delivery, DeliveryRow)).where(delivery.c.run_id == run_id)
    return records(DeliveryRow, connection.execute(query.order_by(delivery.c.id)))


def attempts(connection: Connection, delivery_ids: list[str]) -> dict[str, list[DeliveryAttemptRow]]:
    """The attempts of each delivery, oldest first."""
    query = select(*columns(delivery_attempt, DeliveryAttemptRow)).where(
        delivery_attempt.c.delivery_id.in_(delivery_ids)
    )
    found: dict[str, list[DeliveryAttemptRow]] = {identifier: [] for identifier in delivery_ids}
    ordered = query.order_by(delivery_attempt.c.delivery_id, delivery_attempt.c.number)
    for row in records(DeliveryAttemptRow, connection.execute(ordered)):
        found[row.delivery_id].append(row)
    return found


def list_page(
    connection: Connection, scope: Scope, wanted: DeliveryFilter, cursor: str | None = None, limit: int = 50
) -> Page[DeliveryRow]:
    """One keyset page, newest first."""
    query = _filtered(select(*columns(delivery, DeliveryRow)), scope, wanted)
    if cursor:
        query = query.where(delivery.c.id < cursor)
    query = query.order_by(delivery.c.id.desc()).limit(limit + 1)
    return page(records(DeliveryRow, connection.execute(query)), limit)


def ids(connection: Connection, scope: Scope, wanted: DeliveryFilter, limit: int) -> list[str]:
    """Ids of matching deliveries, oldest first."""
    query = _filtered(select(delivery.c.id), scope, wanted).order_by(delivery.c.id).limit(limit)
    return list(connection.execute(query).scalars())


def _visible(scope: Scope) -> list[Any]:
    clauses = [delivery.c.org_id == scope.org_id]
    if scope.caller_id is not None:
        clauses.append(delivery.c.caller_id == scope.caller_id)
    return clauses


def _filtered(query: Select[Any], scope: Scope, wanted: DeliveryFilter) -> Select[Any]:
    clauses = _visible(scope)
    if wanted.status:
        clauses.append(delivery.c.status.in_(wanted.status))
    if wanted.run_id:
        clauses.append(delivery.c.run_id == wanted.run_id)
    if wanted.caller_id:
        clauses.append(delivery.c.caller_id == wanted.caller_id)
    if wanted.since is not None:
        clauses.append(delivery.c.id >= floor_id("dlv", wanted.since))
    if wanted.until is not None:
        clauses.append(delivery.c.id < floor_id("dlv", wanted.until))
    return query.where(*clauses)
