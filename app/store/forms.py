"""Forms: one page per workflow that starts it from a browser (S1)."""

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Column, Connection, insert, select, update

from app import clock
from app.store.rows import record
from app.store.tables import caller, form, workflow


@dataclass(frozen=True, slots=True)
class FormRow:
    """The form of one workflow; whoever knows `token` finds it, `open` needs no sign-in."""

    workflow_id: str
    org_id: str
    caller_id: str
    token: str
    title: str
    intro: str
    enabled: bool
    open: bool
    created_by: str | None
    created_at: float
    updated_at: float
    workflow: str
    workflow_name: str
    caller: str


_FOREIGN = {"workflow": workflow.c.slug, "workflow_name": workflow.c.name, "caller": caller.c.name}
_COLUMNS: list[Column[Any]] = [
    _FOREIGN[each.name] if each.name in _FOREIGN else form.c[each.name] for each in fields(FormRow)
]
_QUERY = (
    select(*_COLUMNS)
    .join(workflow, workflow.c.id == form.c.workflow_id)
    .join(caller, caller.c.id == form.c.caller_id)
)


def of_workflow(connection: Connection, org_id: str, slug: str) -> FormRow | None:
    query = _QUERY.where(form.c.org_id == org_id, workflow.c.slug == slug)
    return record(FormRow, connection.execute(query).one_or_none())


def by_token(connection: Connection, token: str) -> FormRow | None:
    return record(FormRow, connection.execute(_QUERY.where(form.c.token == token)).one_or_none())


def save(connection: Connection, values: dict[str, Any], *, known: bool) -> None:
    """Make the form of a workflow, or replace what people can set."""
    now = clock.now()
    if known:
        kept = {name: value for name, value in values.items() if name != "created_by"}
        mine = update(form).where(form.c.workflow_id == values["workflow_id"])
        connection.execute(mine.values(updated_at=now, **kept))
    else:
        connection.execute(insert(form).values(created_at=now, updated_at=now, **values))
