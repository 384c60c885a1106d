"""Counts of the fields that callers used, by day: written by one worker at a time, read when publishing."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.store import bulk
from app.store.tables import caller, field_use, field_use_mark, run

DAY = 86_400.0
KEPT_DAYS = 30
_MARK = "runs"
# workflow, day, version, caller, field
Key = tuple[str, int, int, str, str]


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """What of a run tells who used what; `trigger` is JSON text."""

    id: str
    workflow_id: str
    version: int
    version_id: str | None
    caller_id: str
    created_at: float
    trigger: str


@dataclass(frozen=True, slots=True)
class Use:
    """How often a caller's runs of a version brought a field (empty: how many there were), and when last."""

    field: str
    version: int
    caller: str
    runs: int
    last_at: float


def mark(connection: Connection) -> str | None:
    """The last run that was counted."""
    query = select(field_use_mark.c.run_id).where(field_use_mark.c.name == _MARK)
    return connection.execute(query).scalar_one_or_none()


def after(
    connection: Connection, start: str, end: str, limit: int, workflow_id: str | None = None
) -> list[TriggerRow]:
    """Runs of callers between two ids, the oldest first; of one workflow the newest first."""
    query = select(*(run.c[name] for name in TriggerRow.__slots__)).where(
        run.c.id > start, run.c.id < end, run.c.version > 0, run.c.source.not_in(("canvas", "rerun"))
    )
    order = run.c.id
    if workflow_id is not None:
        query, order = query.where(run.c.workflow_id == workflow_id), run.c.id.desc()  # type: ignore[assignment]
    return [TriggerRow(*row) for row in connection.execute(query.order_by(order).limit(limit))]


def last_before(connection: Connection, start: str, end: str, limit: int) -> str | None:
    """The last of at most so many runs between two ids, of whatever kind."""
    some = select(run.c.id).where(run.c.id > start, run.c.id < end).order_by(run.c.id).limit(limit).subquery()
    return connection.execute(select(func.max(some.c.id))).scalar_one_or_none()


def add(
    connection: Connection, counts: Mapping[Key, tuple[int, float]], before: str | None, now: str
) -> bool:
    """Add counts and move the mark; False, and nothing done, when another moved it first."""
    upsert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    first = upsert(field_use_mark).values(name=_MARK, run_id=now).on_conflict_do_nothing()
    mine = (field_use_mark.c.name == _MARK) & (field_use_mark.c.run_id == before)
    moving = first if before is None else update(field_use_mark).where(mine).values(run_id=now)
    if connection.execute(moving.returning(field_use_mark.c.name)).first() is None:
        return False
    statement = upsert(field_use)
    fresh = statement.excluded
    latest = case((fresh.last_at > field_use.c.last_at, fresh.last_at), else_=field_use.c.last_at)
    adding = statement.on_conflict_do_update(
        index_elements=["workflow_id", "day", "version", "caller_id", "field"],
        set_={"runs": field_use.c.runs + fresh.runs, "last_at": latest},
    )
    names = ("workflow_id", "day", "version", "caller_id", "field")
    rows = [
        {**dict(zip(names, key, strict=True)), "runs": runs, "last_at": last_at}
        for key, (runs, last_at) in sorted(counts.items())
    ]
    if rows:
        bulk.many(connection, adding, rows)
    return True


def forget_before(connection: Connection, day: int) -> None:
    connection.execute(delete(field_use).where(field_use.c.day < day))


def uses(connection: Connection, workflow_id: str, since_day: int) -> list[Use]:
    """Every count of a workflow since a day, by field, version and caller."""
    query = (
        select(
            field_use.c.field,
            field_use.c.version,
            func.coalesce(caller.c.name, field_use.c.caller_id),
            func.sum(field_use.c.runs),
            func.max(field_use.c.last_at),
        )
        .outerjoin(caller, caller.c.id == field_use.c.caller_id)
        .where(field_use.c.workflow_id == workflow_id, field_use.c.day >= since_day)
        .group_by(field_use.c.field, field_use.c.version, func.coalesce(caller.c.name, field_use.c.caller_id))
    )
    return [Use(*row) for row in connection.execute(query)]


def names(connection: Connection, ids: set[str]) -> dict[str, str]:
    """Callers' names by id."""
    found = connection.execute(select(caller.c.id, caller.c.name).where(caller.c.id.in_(ids)))
    return {row.id: row.name for row in found}
