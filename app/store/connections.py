"""Connected generation services, and how their breakers stand."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from app.store.rows import columns, record, records
from app.store.tables import call, provider, provider_breaker

_OPEN = ("intent", "submitted", "unknown")


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One connected service; `credential` is ciphertext, `models` and `settings` are JSON texts."""

    id: str
    org_id: str
    name: str
    kind: str
    base_url: str
    credential: str | None
    models: str
    settings: str
    enabled: bool
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True)
class CircuitRow:
    """The breaker of one service; times in seconds since the epoch."""

    name: str
    state: str
    failures: int
    opened_at: float | None
    trial_at: float | None
    reason: str | None
    updated_at: float


def list_all(connection: Connection, org_id: str) -> tuple[ConnectionRow, ...]:
    query = select(*columns(provider, ConnectionRow)).where(provider.c.org_id == org_id)
    return records(ConnectionRow, connection.execute(query.order_by(provider.c.name)))


def find(connection: Connection, org_id: str, name: str) -> ConnectionRow | None:
    mine = (provider.c.org_id == org_id) & (provider.c.name == name)
    query = select(*columns(provider, ConnectionRow)).where(mine)
    return record(ConnectionRow, connection.execute(query).one_or_none())


def add(connection: Connection, row: ConnectionRow) -> None:
    values = {column.name: getattr(row, column.name) for column in columns(provider, ConnectionRow)}
    connection.execute(insert(provider).values(values))


def replace(connection: Connection, row: ConnectionRow) -> None:
    """Store a service anew under its id."""
    values = {column.name: getattr(row, column.name) for column in columns(provider, ConnectionRow)}
    connection.execute(update(provider).where(provider.c.id == row.id).values(values))


def remove(connection: Connection, org_id: str, name: str) -> None:
    """Forget a service and its breaker."""
    for table in (provider, provider_breaker):
        connection.execute(delete(table).where(table.c.org_id == org_id, table.c.name == name))


def under_way(connection: Connection, org_id: str, name: str) -> int:
    """Calls of a service that have not ended."""
    mine = (call.c.org_id == org_id) & (call.c.provider == name) & call.c.state.in_(_OPEN)
    return connection.scalar(select(func.count()).select_from(call).where(mine)) or 0


def circuits(connection: Connection, org_id: str) -> tuple[CircuitRow, ...]:
    """The breakers of services that have failed at least once."""
    query = select(*columns(provider_breaker, CircuitRow)).where(provider_breaker.c.org_id == org_id)
    return records(CircuitRow, connection.execute(query.order_by(provider_breaker.c.name)))
