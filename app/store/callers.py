"""Organisations, projects and callers."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, or_, select, update

from app import clock
from app.store.ids import new_id
from app.store.rows import columns, record, records
from app.store.tables import caller, organisation, project


@dataclass(frozen=True, slots=True)
class CallerRow:
    """A requesting service; `signing_secrets` is ciphertext, `settings` JSON text."""

    id: str
    org_id: str
    name: str
    signing_secrets: str
    settings: str
    created_at: float
    paused_at: float | None = None
    paused_by: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectRow:
    id: str
    org_id: str
    slug: str
    name: str
    time_zone: str
    created_at: float


def first_organisation(connection: Connection) -> str | None:
    """Id of the organisation made at first start."""
    query = select(organisation.c.id).order_by(organisation.c.created_at, organisation.c.id).limit(1)
    return connection.execute(query).scalar_one_or_none()


def add_organisation(connection: Connection, name: str) -> str:
    identifier = new_id("org")
    connection.execute(insert(organisation).values(id=identifier, name=name, created_at=clock.now()))
    return identifier


def add_project(connection: Connection, org_id: str, slug: str, name: str) -> str:
    identifier = new_id("prj")
    connection.execute(
        insert(project).values(id=identifier, org_id=org_id, slug=slug, name=name, created_at=clock.now())
    )
    return identifier


def find_project(connection: Connection, org_id: str, reference: str) -> ProjectRow | None:
    """A project by id or slug."""
    query = select(*columns(project, ProjectRow)).where(
        project.c.org_id == org_id, or_(project.c.id == reference, project.c.slug == reference)
    )
    return record(ProjectRow, connection.execute(query.order_by(project.c.id != reference)).first())


def projects(connection: Connection, org_id: str) -> tuple[ProjectRow, ...]:
    query = select(*columns(project, ProjectRow)).where(project.c.org_id == org_id)
    return records(ProjectRow, connection.execute(query.order_by(project.c.slug)))


def list_all(connection: Connection, org_id: str) -> tuple[CallerRow, ...]:
    query = select(*columns(caller, CallerRow)).where(caller.c.org_id == org_id)
    return records(CallerRow, connection.execute(query.order_by(caller.c.name)))


def find(connection: Connection, org_id: str, reference: str) -> CallerRow | None:
    """A caller by id or name."""
    query = select(*columns(caller, CallerRow)).where(
        caller.c.org_id == org_id, or_(caller.c.id == reference, caller.c.name == reference)
    )
    return record(CallerRow, connection.execute(query.order_by(caller.c.id != reference)).first())


def by_id(connection: Connection, caller_id: str) -> CallerRow | None:
    query = select(*columns(caller, CallerRow)).where(caller.c.id == caller_id)
    return record(CallerRow, connection.execute(query).one_or_none())


def add(
    connection: Connection, *, identifier: str, org_id: str, name: str, secrets: str, settings: str = "{}"
) -> None:
    """Store a caller under an id made before, because the ciphertext is bound to it."""
    connection.execute(
        insert(caller).values(
            id=identifier,
            org_id=org_id,
            name=name,
            signing_secrets=secrets,
            settings=settings,
            created_at=clock.now(),
        )
    )


def set_settings(connection: Connection, caller_id: str, settings: str) -> None:
    connection.execute(update(caller).where(caller.c.id == caller_id).values(settings=settings))


def set_secrets(connection: Connection, caller_id: str, secrets: str) -> None:
    connection.execute(update(caller).where(caller.c.id == caller_id).values(signing_secrets=secrets))
