"""Schedules: when which workflow runs by itself (S1)."""

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Column, Connection, delete, insert, select, true, update

from app import clock
from app.store.ids import new_id
from app.store.rows import Page, page, record, records
from app.store.tables import caller, schedule, workflow


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One schedule; `payload` is JSON text, times are seconds since the epoch, `last_at` a due time."""

    id: str
    org_id: str
    workflow_id: str
    caller_id: str
    name: str
    cron: str
    zone: str
    missed: str
    payload: str
    callback_url: str | None
    enabled: bool
    next_at: float | None
    last_at: float | None
    last_run_id: str | None
    error: str | None
    created_by: str | None
    created_at: float
    updated_at: float
    workflow: str
    project_id: str
    caller: str


_FOREIGN = {"workflow": workflow.c.slug, "project_id": workflow.c.project_id, "caller": caller.c.name}
_COLUMNS: list[Column[Any]] = [
    _FOREIGN[each.name] if each.name in _FOREIGN else schedule.c[each.name] for each in fields(ScheduleRow)
]
_QUERY = (
    select(*_COLUMNS)
    .join(workflow, workflow.c.id == schedule.c.workflow_id)
    .join(caller, caller.c.id == schedule.c.caller_id)
)


def get(connection: Connection, org_id: str, schedule_id: str) -> ScheduleRow | None:
    query = _QUERY.where(schedule.c.id == schedule_id, schedule.c.org_id == org_id)
    return record(ScheduleRow, connection.execute(query).one_or_none())


def list_page(
    connection: Connection, org_id: str, slug: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[ScheduleRow]:
    """One keyset page, newest first; of one workflow when `slug` is given."""
    query = _QUERY.where(schedule.c.org_id == org_id)
    if slug:
        query = query.where(workflow.c.slug == slug)
    if cursor:
        query = query.where(schedule.c.id < cursor)
    query = query.order_by(schedule.c.id.desc()).limit(limit + 1)
    return page(records(ScheduleRow, connection.execute(query)), limit)


def due(connection: Connection, now: float, limit: int) -> tuple[ScheduleRow, ...]:
    """Schedules whose time has come, the longest overdue first."""
    query = _QUERY.where(schedule.c.next_at <= now, schedule.c.enabled == true())
    return records(ScheduleRow, connection.execute(query.order_by(schedule.c.next_at).limit(limit)))


def add(connection: Connection, values: dict[str, Any]) -> str:
    """Store a new schedule; its id."""
    identifier, now = new_id("sch"), clock.now()
    connection.execute(insert(schedule).values(id=identifier, created_at=now, updated_at=now, **values))
    return identifier


def change(connection: Connection, schedule_id: str, values: dict[str, Any]) -> None:
    """Replace what a person can set."""
    query = update(schedule).where(schedule.c.id == schedule_id)
    connection.execute(query.values(updated_at=clock.now(), **values))


def remember_run(connection: Connection, schedule_id: str, run_id: str) -> None:
    connection.execute(update(schedule).where(schedule.c.id == schedule_id).values(last_run_id=run_id))


def remove(connection: Connection, schedule_id: str) -> None:
    connection.execute(delete(schedule).where(schedule.c.id == schedule_id))
