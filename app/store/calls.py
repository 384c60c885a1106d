"""Paid calls, for those who look at them: reads only, the engine writes."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.store.rows import Page, columns, page, record, records
from app.store.tables import call


@dataclass(frozen=True, slots=True)
class CallRow:
    """One paid call; money in micro-credits, times in seconds since the epoch."""

    id: str
    org_id: str
    caller_id: str
    run_id: str
    node_id: str
    generation: int
    provider: str
    model: str
    idempotency_key: str
    state: str
    reserved: int
    charged: int
    day: str
    error_code: str | None
    note: str | None
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True)
class Filter:
    """Which calls; None leaves a condition out."""

    state: str | None = None
    provider: str | None = None
    run_id: str | None = None


def list_page(
    connection: Connection, org_id: str, wanted: Filter, *, cursor: str | None = None, limit: int = 50
) -> Page[CallRow]:
    """One keyset page, newest first."""
    query = select(*columns(call, CallRow)).where(call.c.org_id == org_id)
    for column, value in (
        (call.c.state, wanted.state),
        (call.c.provider, wanted.provider),
        (call.c.run_id, wanted.run_id),
    ):
        if value:
            query = query.where(column == value)
    if cursor:
        query = query.where(call.c.id < cursor)
    query = query.order_by(call.c.id.desc()).limit(limit + 1)
    return page(records(CallRow, connection.execute(query)), limit)


def find(connection: Connection, org_id: str, call_id: str) -> CallRow | None:
    query = select(*columns(call, CallRow)).where(call.c.org_id == org_id, call.c.id == call_id)
    return record(CallRow, connection.execute(query).one_or_none())
