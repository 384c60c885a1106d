"""Runs, their steps and attempts: reads only, the engine writes."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from app.store.ids import floor_id
from app.store.rows import Page, columns, page, record, records
from app.store.tables import attempt, run, step

OPEN_STATUSES = ("queued", "running", "waiting")
OPEN = frozenset(OPEN_STATUSES)
ENDED = ("succeeded", "failed", "cancelled")
STATUSES = ("queued", "running", "waiting", "succeeded", "failed", "cancelled")
SOURCES = ("api", "canvas", "form", "schedule", "rerun", "csv", "workflow")
CALLBACK_STATUSES = ("none", "pending", "retrying", "delivered", "permanently_failed")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be seen: an organisation's, or one caller's of it."""

    org_id: str
    caller_id: str | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run without its payloads; `wait` and `error` are JSON text, times seconds since the epoch."""

    id: str
    org_id: str
    project_id: str
    workflow_id: str
    workflow: str
    version: int
    version_id: str | None
    caller_id: str
    caller: str
    source: str
    status: str
    wait: str | None
    callback_url: str | None
    external_id: str | None
    trace_id: str
    request_id: str
    input_version: str
    created_at: float
    started_at: float | None
    finished_at: float | None
    credit_cost: float
    callback_status: str
    error_code: str | None
    error: str | None
    quality_warning: bool
    thumb: str | None
    rerun_of: str | None
    schedule_id: str | None = None
    batch_id: str | None = None
    deadline: float | None = None
    paused_at: float | None = None
    paused_by: str | None = None
    parent_id: str | None = None
    parent_node: str | None = None
    parent_item: int | None = None
    # JSON list: a partial run ends after these nodes
    targets: str | None = None
    fresh: bool = False

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass(frozen=True, slots=True)
class Payloads:
    """The JSON texts of one run: what came in, what the nodes got, what the callback says."""

    trigger: str
    inputs: str
    result: str | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step; what has not happened yet is left out."""

    run_id: str
    node_id: str
    position: int
    status: str
    attempts: int = 0
    started_at: float | None = None
    duration: float | None = None
    outputs: str | None = None
    error_code: str | None = None
    reason: str | None = None
    credits: float = 0.0
    model_id: str | None = None
    executor: str | None = None
    generation: int = 0
    # JSON: the step whose result was reused
    cached_from: str | None = None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    run_id: str
    node_id: str
    number: int
    status: str
    error_code: str | None
    reason: str | None
    started_at: float
    duration: float
    next_at: float | None
    executor: str | None
    generation: int = 0


@dataclass(frozen=True, slots=True)
class RunFilter:
    """What a list of runs is narrowed to; empty means everything. Times are seconds since the epoch."""

    workflow: str | None = None
    status: tuple[str, ...] = ()
    caller: str | None = None
    project: str | None = None
    callback_status: tuple[str, ...] = ()
    error_code: str | None = None
    since: float | None = None
    until: float | None = None
    q: str | None = None
    # the runs that one run started, or "none" for those that no run started
    parent: str | None = None
    source: tuple[str, ...] = ()
    schedule: str | None = None
    batch: str | None = None


def get(connection: Connection, scope: Scope, run_id: str) -> RunRow | None:
    """The run, or None when it is unknown or another's."""
    query = select(*columns(run, RunRow)).where(run.c.id == run_id, *_visible(scope))
    return record(RunRow, connection.execute(query).one_or_none())


def payloads(connection: Connection, run_id: str) -> Payloads | None:
    query = select(*columns(run, Payloads)).where(run.c.id == run_id)
    return record(Payloads, connection.execute(query).one_or_none())


def list_page(
    connection: Connection, scope: Scope, wanted: RunFilter, cursor: str | None = None, limit: int = 50
) -> Page[RunRow]:
    """One keyset page, newest first; rows that arrive meanwhile never shift the next page."""
    query = _filtered(select(*columns(run, RunRow)), scope, wanted)
    if cursor:
        query = query.where(run.c.id < cursor)
    query = query.order_by(run.c.id.desc()).limit(limit + 1)
    return page(records(RunRow, connection.execute(query)), limit)


def called(connection: Connection, scope: Scope, text: str, limit: int) -> tuple[RunRow, ...]:
    """The newest runs whose id or external id begins with a text; by index only, however many there are."""
    column = run.c.id if text.startswith("run_") else run.c.external_id
    begins = and_(column >= text, column < text + "\U0010ffff", column.startswith(text, autoescape=True))
    query = select(*columns(run, RunRow)).where(*_visible(scope), begins)
    return records(RunRow, connection.execute(query.order_by(run.c.id.desc()).limit(limit)))


def ids(connection: Connection, scope: Scope, wanted: RunFilter, limit: int) -> list[str]:
    """Ids of the newest runs that match."""
    query = _filtered(select(run.c.id), scope, wanted).order_by(run.c.id.desc()).limit(limit)
    return list(connection.execute(query).scalars())


def oldest(connection: Connection, scope: Scope, wanted: RunFilter, limit: int) -> tuple[RunRow, ...]:
    """The first runs that match, in the order they came."""
    query = _filtered(select(*columns(run, RunRow)), scope, wanted).order_by(run.c.id).limit(limit)
    return records(RunRow, connection.execute(query))


def count(connection: Connection, scope: Scope, wanted: RunFilter) -> int:
    """How many runs match."""
    query = _filtered(select(func.count()).select_from(run), scope, wanted)
    return int(connection.execute(query).scalar_one())


def newer(connection: Connection, scope: Scope, wanted: RunFilter, than: str) -> int:
    """How many matching runs arrived after one."""
    query = _filtered(select(func.count()).select_from(run), scope, wanted).where(run.c.id > than)
    return int(connection.execute(query).scalar_one())


def attempts(connection: Connection, run_id: str) -> tuple[AttemptRow, ...]:
    query = select(*columns(attempt, AttemptRow)).where(attempt.c.run_id == run_id)
    return records(
        AttemptRow,
        connection.execute(query.order_by(attempt.c.node_id, attempt.c.generation, attempt.c.number)),
    )


def children(connection: Connection, run_id: str, limit: int = 1_000) -> tuple[RunRow, ...]:
    """The runs that a run started, by node and item."""
    query = select(*columns(run, RunRow)).where(run.c.parent_id == run_id)
    order = (run.c.parent_node, run.c.parent_generation, run.c.parent_item)
    return records(RunRow, connection.execute(query.order_by(*order).limit(limit)))


def count_children(connection: Connection, run_id: str) -> dict[str, dict[str, int]]:
    """How many runs each node of a run has started: node → status → number."""
    query = (
        select(run.c.parent_node, run.c.status, func.count())
        .where(run.c.parent_id == run_id)
        .group_by(run.c.parent_node, run.c.status)
    )
    found: dict[str, dict[str, int]] = {}
    for node_id, status, number in connection.execute(query):
        found.setdefault(node_id, {})[status] = number
    return found


def usual_durations(connection: Connection, version_id: str, sample: int = 20) -> dict[str, float]:
    """Mean seconds per node over the last succeeded runs of a version."""
    recent = (
        select(run.c.id)
        .where(run.c.version_id == version_id, run.c.status == "succeeded")
        .order_by(run.c.id.desc())
        .limit(sample)
    )
    query = (
        select(step.c.node_id, func.avg(step.c.duration))
        .where(step.c.run_id.in_(recent.scalar_subquery()), step.c.duration.is_not(None), step.c.attempts > 0)
        .group_by(step.c.node_id)
    )
    return {node_id: float(seconds) for node_id, seconds in connection.execute(query)}


def _visible(scope: Scope) -> list[Any]:
    clauses = [run.c.org_id == scope.org_id]
    if scope.caller_id is not None:
        clauses.append(run.c.caller_id == scope.caller_id)
    return clauses


def _filtered(query: Select[Any], scope: Scope, wanted: RunFilter) -> Select[Any]:
    equal = {
        run.c.workflow: wanted.workflow,
        run.c.caller: wanted.caller,
        run.c.error_code: wanted.error_code,
        run.c.schedule_id: wanted.schedule,
        run.c.batch_id: wanted.batch,
    }
    clauses = _visible(scope) + [column == value for column, value in equal.items() if value]
    if wanted.project:
        clauses.append(run.c.project_id == wanted.project)
    if wanted.status:
        clauses.append(run.c.status.in_(wanted.status))
    if wanted.source:
        clauses.append(run.c.source.in_(wanted.source))
    if wanted.callback_status:
        clauses.append(run.c.callback_status.in_(wanted.callback_status))
    if wanted.parent:
        top = run.c.parent_id.is_(None)
        clauses.append(top if wanted.parent == "none" else run.c.parent_id == wanted.parent)
    if wanted.since is not None:
        clauses.append(run.c.id >= floor_id("run", wanted.since))
    if wanted.until is not None:
        clauses.append(run.c.id < floor_id("run", wanted.until))
    if wanted.q:
        clauses.append(_matches(wanted.q))
    return query.where(and_(*clauses))


def _matches(text: str) -> Any:
    if text.startswith("run_"):
        return run.c.id.startswith(text, autoescape=True)
    return or_(
        run.c.external_id.startswith(text, autoescape=True),
        run.c.trace_id == text,
        run.c.request_id == text,
        run.c.trigger.contains(text, autoescape=True),
    )


def owner_of(connection: Connection, run_id: str) -> tuple[str, str] | None:
    """Ids of the organisation and the caller that a run belongs to."""
    row = connection.execute(select(run.c.org_id, run.c.caller_id).where(run.c.id == run_id)).one_or_none()
    return None if row is None else (row.org_id, row.caller_id)
