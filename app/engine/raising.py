"""Another limit for today: what a budget held back goes on at once (S65)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, exists, or_, select, update

from app import clock
from app.engine import gates, spending
from app.engine.budget import NOT_YET
from app.engine.money import Owner
from app.store.audit import Actor, write
from app.store.days import day_of
from app.store.tables import caller, project, reservation, run, spend, stage, workflow
from graphs.pricing import credits_of


@dataclass(frozen=True, slots=True)
class Raise:
    """Let a caller spend so many micro-credits in a workflow today; None for what the workflow says."""

    scope: str
    org_id: str
    actor: str
    limit: int | None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """The day it holds for, and how many held runs are looked at again."""

    day: str
    woken: int


def raise_limits(connection: Connection, items: Sequence[Raise]) -> list[Raised | None]:
    """Set limits of today; None where the organisation has no such workflow and caller."""
    return [_raise(connection, item) for item in items]


def _raise(connection: Connection, item: Raise) -> Raised | None:
    owner = _owner(connection, item)
    if owner is None:
        return None
    now = clock.now()
    day = day_of(now, owner.zone)
    gates.lock(connection, item.scope)
    spending.ensure(connection, owner, day)
    mine = (spend.c.scope == item.scope) & (spend.c.day == day)
    connection.execute(update(spend).where(mine).values(raised=item.limit))
    woken = connection.execute(update(stage).where(*_held(item.scope, now)).values(wake_at=now)).rowcount
    limit = None if item.limit is None else str(credits_of(item.limit))
    detail = {"day": day, "daily_credits": limit, "woken": woken}
    write(connection, Actor(item.org_id, item.actor, item.request_id), "budget.limit", item.scope, detail)
    return Raised(day, woken)


def _held(scope: str, now: float) -> tuple[Any, ...]:
    """Stages that wait for money of this account: a child behind a limiter stands at its own gate."""
    owing = select(reservation.c.run_id).where(reservation.c.scope == scope, reservation.c.day == NOT_YET)
    theirs = or_(stage.c.gate == scope, stage.c.run_id.in_(owing))
    told = exists().where(run.c.id == stage.c.run_id, run.c.wait.contains('"reason": "budget"'))
    return theirs, stage.c.state == "waiting", stage.c.wake_at > now, told


def _owner(connection: Connection, item: Raise) -> Owner | None:
    workflow_id, _, caller_id = item.scope.partition(":")
    query = (
        select(workflow.c.slug, caller.c.name, project.c.time_zone)
        .join(project, project.c.id == workflow.c.project_id)
        .join(caller, caller.c.org_id == workflow.c.org_id)
        .where(workflow.c.id == workflow_id, workflow.c.org_id == item.org_id, caller.c.id == caller_id)
    )
    row: Any = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Owner(item.scope, item.org_id, workflow_id, row.slug, caller_id, row.name, row.time_zone or "UTC")
