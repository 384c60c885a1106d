"""Workflows as apps for colleagues: how they are set up, and who started what through them."""

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Column, Connection, insert, select, update

from app import clock
from app.store.rows import columns, record, records
from app.store.runs import RunRow
from app.store.tables import app_run, app_view, run, workflow


@dataclass(frozen=True, slots=True)
class AppRow:
    """One app; `fields` is a JSON list of how trigger fields are shown."""

    workflow_id: str
    org_id: str
    enabled: bool
    title: str
    intro: str
    fields: str
    created_by: str | None
    updated_at: float
    slug: str
    workflow_name: str
    published: int | None


_FOREIGN = {"slug": workflow.c.slug, "workflow_name": workflow.c.name, "published": workflow.c.published}
_COLUMNS: list[Column[Any]] = [
    _FOREIGN[each.name] if each.name in _FOREIGN else app_view.c[each.name] for each in fields(AppRow)
]
_QUERY = (
    select(*_COLUMNS)
    .join(workflow, workflow.c.id == app_view.c.workflow_id)
    .where(workflow.c.archived_at.is_(None))
)


def of_workflow(connection: Connection, org_id: str, slug: str) -> AppRow | None:
    query = _QUERY.where(app_view.c.org_id == org_id, workflow.c.slug == slug)
    return record(AppRow, connection.execute(query).one_or_none())


def list_all(connection: Connection, org_id: str) -> tuple[AppRow, ...]:
    """The apps that can be used: switched on, and published."""
    query = _QUERY.where(
        app_view.c.org_id == org_id, app_view.c.enabled.is_(True), workflow.c.published.is_not(None)
    )
    return records(AppRow, connection.execute(query.order_by(workflow.c.name, workflow.c.slug)))


def save(connection: Connection, values: dict[str, Any], *, known: bool) -> None:
    """Make an app, or replace what people can set."""
    now = clock.now()
    if known:
        kept = {name: value for name, value in values.items() if name != "created_by"}
        mine = update(app_view).where(app_view.c.workflow_id == values["workflow_id"])
        connection.execute(mine.values(updated_at=now, **kept))
    else:
        connection.execute(insert(app_view).values(created_at=now, updated_at=now, **values))


def note_run(connection: Connection, run_id: str, workflow_id: str, key_id: str) -> None:
    """Remember who started a run; the same run is noted once."""
    known = connection.execute(select(app_run.c.run_id).where(app_run.c.run_id == run_id)).first()
    if known is None:
        connection.execute(insert(app_run).values(run_id=run_id, workflow_id=workflow_id, key_id=key_id))


def runs_of(connection: Connection, workflow_id: str, key_id: str, limit: int) -> tuple[RunRow, ...]:
    """What somebody started through an app, newest first."""
    mine = (
        select(*columns(run, RunRow))
        .join(app_run, app_run.c.run_id == run.c.id)
        .where(app_run.c.workflow_id == workflow_id, app_run.c.key_id == key_id)
        .order_by(app_run.c.run_id.desc())
        .limit(limit)
    )
    return records(RunRow, connection.execute(mine))


def is_mine(connection: Connection, run_id: str, key_id: str) -> bool:
    query = select(app_run.c.run_id).where(app_run.c.run_id == run_id, app_run.c.key_id == key_id)
    return connection.execute(query).first() is not None
