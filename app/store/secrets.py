"""Secrets of organisations, sealed."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, literal, select, update

from app.store.rows import columns, record, records
from app.store.tables import secret, workflow, workflow_version


@dataclass(frozen=True, slots=True)
class SecretRow:
    """One secret; `sealed` is ciphertext, `hosts` a JSON list, times are seconds since the epoch."""

    id: str
    org_id: str
    name: str
    sealed: str
    ending: str
    hosts: str
    created_at: float
    created_by: str
    updated_at: float
    updated_by: str
    rotated_at: float


@dataclass(frozen=True, slots=True)
class Naming:
    """A graph (JSON text) in which a name occurs; `version` is 0 for the draft."""

    slug: str
    title: str
    version: int
    current: bool
    graph: str


def list_all(connection: Connection, org_id: str) -> tuple[SecretRow, ...]:
    query = select(*columns(secret, SecretRow)).where(secret.c.org_id == org_id)
    return records(SecretRow, connection.execute(query.order_by(secret.c.name)))


def hosts(connection: Connection, org_id: str) -> dict[str, str]:
    """Name → its hosts as JSON; what is sealed stays where it is."""
    query = select(secret.c.name, secret.c.hosts).where(secret.c.org_id == org_id)
    return {each.name: each.hosts for each in connection.execute(query)}


def named(connection: Connection, org_id: str, names: Collection[str]) -> tuple[SecretRow, ...]:
    """Those of these names that there are."""
    mine = (secret.c.org_id == org_id) & secret.c.name.in_(list(names))
    return records(SecretRow, connection.execute(select(*columns(secret, SecretRow)).where(mine)))


def find(connection: Connection, org_id: str, name: str, *, to_change: bool = False) -> SecretRow | None:
    """A secret by name; ``to_change`` lets nobody else change it until the transaction ends."""
    mine = (secret.c.org_id == org_id) & (secret.c.name == name)
    query = select(*columns(secret, SecretRow)).where(mine)
    found = connection.execute(query.with_for_update() if to_change else query)
    return record(SecretRow, found.one_or_none())


def count(connection: Connection, org_id: str) -> int:
    query = select(func.count()).select_from(secret).where(secret.c.org_id == org_id)
    return connection.scalar(query) or 0


def add(connection: Connection, row: SecretRow) -> None:
    connection.execute(insert(secret).values(_values(row)))


def replace(connection: Connection, row: SecretRow) -> None:
    """Store a secret anew under its id."""
    connection.execute(update(secret).where(secret.c.id == row.id).values(_values(row)))


def remove(connection: Connection, org_id: str, name: str) -> None:
    connection.execute(delete(secret).where(secret.c.org_id == org_id, secret.c.name == name))


def _values(row: SecretRow) -> dict[str, object]:
    return {column.name: getattr(row, column.name) for column in columns(secret, SecretRow)}


def naming(connection: Connection, org_id: str, name: str, most: int) -> list[Naming]:
    """Drafts (version 0) and versions whose graph holds the name as a text, the published ones first."""
    graph, text = workflow_version.c.graph, f'"{name}"'
    mine = (workflow.c.org_id == org_id) & workflow.c.archived_at.is_(None)
    head = (workflow.c.slug, workflow.c.name)
    is_current = workflow_version.c.number == workflow.c.published
    versions = (
        select(*head, workflow_version.c.number, is_current, graph)
        .join_from(workflow, workflow_version, workflow_version.c.workflow_id == workflow.c.id)
        .where(mine, graph.contains(text, autoescape=True))
        .order_by(is_current.desc(), workflow_version.c.created_at.desc())
    )
    drafts = select(*head, literal(0), literal(value=False), workflow.c.draft).where(
        mine, workflow.c.draft.contains(text, autoescape=True)
    )
    found = [*connection.execute(versions.limit(most)), *connection.execute(drafts.limit(most))]
    return [Naming(slug, title, no, bool(now), document) for slug, title, no, now, document in found]
