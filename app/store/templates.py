"""Workflows that an organisation offers to its members as a beginning."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, delete, insert, select

from app import clock
from app.store.rows import record, records
from app.store.tables import template, workflow


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A marked workflow and what its mark says."""

    workflow_id: str
    category: str
    purpose: str
    created_by: str | None
    created_at: float
    slug: str
    name: str
    published: int | None


_COLUMNS: list[Column[Any]] = [
    template.c.workflow_id,
    template.c.category,
    template.c.purpose,
    template.c.created_by,
    template.c.created_at,
    workflow.c.slug,
    workflow.c.name,
    workflow.c.published,
]
_QUERY = select(*_COLUMNS).join(workflow, workflow.c.id == template.c.workflow_id)


def list_all(connection: Connection, org_id: str) -> tuple[TemplateRow, ...]:
    """The organisation's templates by name; archived workflows are none."""
    query = _QUERY.where(template.c.org_id == org_id, workflow.c.archived_at.is_(None))
    return records(TemplateRow, connection.execute(query.order_by(workflow.c.name, workflow.c.slug)))


def get(connection: Connection, workflow_id: str) -> TemplateRow | None:
    query = _QUERY.where(template.c.workflow_id == workflow_id)
    return record(TemplateRow, connection.execute(query).one_or_none())


def save(connection: Connection, values: Mapping[str, Any]) -> None:
    """Mark a workflow, or say something else of it."""
    remove(connection, str(values["workflow_id"]))
    connection.execute(insert(template).values(created_at=clock.now(), **values))


def remove(connection: Connection, workflow_id: str) -> bool:
    """Take the mark away; says whether there was one."""
    gone = connection.execute(delete(template).where(template.c.workflow_id == workflow_id))
    return gone.rowcount > 0
