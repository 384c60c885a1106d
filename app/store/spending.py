"""What callers spend: the accounts of budgets by workflow, caller and day; reads only, the engine writes."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from app import clock
from app.store.days import day_of
from app.store.tables import caller, project, spend, workflow


@dataclass(frozen=True, slots=True)
class Account:
    """One workflow, caller and day; money in micro-credits, `limit` is what holds on that day."""

    scope: str
    day: str
    workflow: str
    caller: str
    spent: int
    reserved: int
    limit: int | None
    raised: bool
    zone: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts are asked for; days as 2026-01-31, both included."""

    caller: str | None = None
    workflow: str | None = None
    since: str | None = None
    until: str | None = None
    # of the latest days first, what comes behind this day and scope
    after: tuple[str, str] | None = None


def accounts(connection: Connection, org_id: str, wanted: Wanted, limit: int = 1000) -> tuple[Account, ...]:
    """The latest days first; what was spent without a budget is there as soon as a worker added it up."""
    query = (
        select(
            spend.c.scope,
            spend.c.day,
            func.coalesce(workflow.c.slug, spend.c.workflow_id),
            func.coalesce(caller.c.name, spend.c.caller_id),
            spend.c.spent,
            spend.c.reserved,
            func.coalesce(spend.c.raised, spend.c.ceiling),
            spend.c.raised.is_not(None),
            func.coalesce(project.c.time_zone, "UTC"),
        )
        .outerjoin(workflow, workflow.c.id == spend.c.workflow_id)
        .outerjoin(project, project.c.id == workflow.c.project_id)
        .outerjoin(caller, caller.c.id == spend.c.caller_id)
        .where(spend.c.org_id == org_id)
    )
    for column, value in ((caller.c.name, wanted.caller), (workflow.c.slug, wanted.workflow)):
        if value:
            query = query.where(column == value)
    if wanted.since:
        query = query.where(spend.c.day >= wanted.since)
    if wanted.until:
        query = query.where(spend.c.day <= wanted.until)
    if wanted.after:
        day, scope = wanted.after
        query = query.where(or_(spend.c.day < day, and_(spend.c.day == day, spend.c.scope > scope)))
    query = query.order_by(spend.c.day.desc(), spend.c.scope).limit(limit)
    return tuple(Account(*row) for row in connection.execute(query))


def today(connection: Connection, org_id: str) -> tuple[Account, ...]:
    """The accounts of today, each in the time zone of its project."""
    now = clock.now()
    since = day_of(now - 2 * 86_400, "UTC")
    found = accounts(connection, org_id, Wanted(since=since))
    return tuple(each for each in found if each.day == day_of(now, each.zone))
