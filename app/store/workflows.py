"""Workflows, their drafts and their immutable versions."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, literal, null, select, update

from app import clock
from app.store.ids import new_id
from app.store.rows import columns, record, records
from app.store.tables import draft_snapshot, workflow, workflow_version


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A workflow without its draft; `published` is a version number, None before the first one."""

    id: str
    org_id: str
    project_id: str
    slug: str
    name: str
    draft_revision: int
    draft_by: str | None
    published: int | None
    archived_at: float | None
    created_at: float
    updated_at: float
    paused_at: float | None = None
    paused_by: str | None = None
    # seconds that a run may take from its acceptance
    deadline_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class VersionInfo:
    id: str
    workflow_id: str
    number: int
    hash: str
    note: str
    created_by: str | None
    created_at: float
    # JSON: what its publication broke for callers; None: nothing
    breaking: str | None = None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version; `graph` is the document, `plan` what the engine runs, both JSON text."""

    id: str
    workflow_id: str
    number: int
    graph: str
    plan: str
    hash: str
    note: str
    created_by: str | None
    created_at: float
    breaking: str | None = None


def list_all(connection: Connection, org_id: str, *, archived: bool = False) -> tuple[WorkflowRow, ...]:
    """The organisation's workflows by slug; archived ones only when asked for."""
    query = select(*columns(workflow, WorkflowRow)).where(workflow.c.org_id == org_id)
    if not archived:
        query = query.where(workflow.c.archived_at.is_(None))
    return records(WorkflowRow, connection.execute(query.order_by(workflow.c.slug)))


def get(connection: Connection, org_id: str, slug: str) -> WorkflowRow | None:
    query = select(*columns(workflow, WorkflowRow))
    found = query.where(workflow.c.org_id == org_id, workflow.c.slug == slug)
    return record(WorkflowRow, connection.execute(found).one_or_none())


def draft(connection: Connection, workflow_id: str) -> tuple[str, int]:
    """The draft document and its revision."""
    query = select(workflow.c.draft, workflow.c.draft_revision).where(workflow.c.id == workflow_id)
    document, revision = connection.execute(query).one()
    return document, revision


def create(
    connection: Connection, *, org_id: str, project_id: str, slug: str, name: str, document: str, actor: str
) -> str:
    """Store a new workflow with its first draft; gives its id."""
    identifier, now = new_id("wf"), clock.now()
    connection.execute(
        insert(workflow).values(
            id=identifier,
            org_id=org_id,
            project_id=project_id,
            slug=slug,
            name=name,
            draft=document,
            draft_revision=1,
            draft_by=actor,
            created_at=now,
            updated_at=now,
        )
    )
    return identifier


def save_draft(
    connection: Connection, workflow_id: str, revision: int | None, *, document: str, name: str, actor: str
) -> int | None:
    """Replace the draft if it still has `revision` (None: whatever it has); gives the new revision."""
    change = update(workflow).where(workflow.c.id == workflow_id)
    if revision is not None:
        change = change.where(workflow.c.draft_revision == revision)
    values: dict[str, Any] = {
        "draft": document,
        "name": name,
        "draft_by": actor,
        "draft_revision": workflow.c.draft_revision + 1,
        "updated_at": clock.now(),
    }
    changed = connection.execute(change.values(values).returning(workflow.c.draft_revision))
    return changed.scalar_one_or_none()


def add_version(
    connection: Connection,
    workflow_id: str,
    *,
    graph: str,
    plan: str,
    digest: str,
    note: str,
    actor: str,
    breaking: str | None = None,
) -> VersionInfo:
    """Store the next version and point the workflow at it."""
    highest = select(func.max(workflow_version.c.number)).where(workflow_version.c.workflow_id == workflow_id)
    number = (connection.execute(highest).scalar_one() or 0) + 1
    info = VersionInfo(new_id("wfv"), workflow_id, number, digest, note, actor, clock.now(), breaking)
    connection.execute(
        insert(workflow_version).values(
            id=info.id,
            workflow_id=workflow_id,
            number=number,
            graph=graph,
            plan=plan,
            hash=digest,
            note=note,
            created_by=actor,
            created_at=info.created_at,
            breaking=breaking,
        )
    )
    point_to(connection, workflow_id, number)
    return info


def point_to(connection: Connection, workflow_id: str, number: int) -> None:
    """Make a version the published one."""
    values = {"published": number, "updated_at": clock.now()}
    connection.execute(update(workflow).where(workflow.c.id == workflow_id).values(values))


def set_deadline(connection: Connection, workflow_id: str, seconds: float | None) -> None:
    """How long runs accepted from now on may take; None: as long as they need."""
    values = {"deadline_seconds": seconds, "updated_at": clock.now()}
    connection.execute(update(workflow).where(workflow.c.id == workflow_id).values(values))


def archive(connection: Connection, workflow_id: str, *, out_of_use: bool = True) -> None:
    now = clock.now()
    values = {"archived_at": now if out_of_use else None, "updated_at": now}
    connection.execute(update(workflow).where(workflow.c.id == workflow_id).values(values))


def versions(connection: Connection, workflow_id: str) -> tuple[VersionInfo, ...]:
    """Newest first."""
    query = select(*columns(workflow_version, VersionInfo))
    query = query.where(workflow_version.c.workflow_id == workflow_id)
    return records(VersionInfo, connection.execute(query.order_by(workflow_version.c.number.desc())))


def version(connection: Connection, workflow_id: str, number: int) -> VersionRow | None:
    query = select(*columns(workflow_version, VersionRow)).where(
        workflow_version.c.workflow_id == workflow_id, workflow_version.c.number == number
    )
    return record(VersionRow, connection.execute(query).one_or_none())


def version_by_id(connection: Connection, version_id: str) -> VersionRow | None:
    """A version, or with number 0 a draft as somebody ran it."""
    query = select(*columns(workflow_version, VersionRow)).where(workflow_version.c.id == version_id)
    found = record(VersionRow, connection.execute(query).one_or_none())
    if found is not None:
        return found
    tried = draft_snapshot.c
    known = (tried.id, tried.workflow_id, literal(0).label("number"), tried.graph, tried.plan)
    rest = (tried.digest.label("hash"), literal("").label("note"), tried.created_by, tried.created_at, null())
    draft_query = select(*known, *rest).where(tried.id == version_id)
    return record(VersionRow, connection.execute(draft_query).one_or_none())
