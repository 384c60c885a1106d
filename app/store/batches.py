"""Files of rows, and how far their runs have come (S1)."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Column, Connection, and_, func, insert, select, update

from app import clock
from app.store import bulk
from app.store.ids import new_id
from app.store.rows import Page, page, record, records
from app.store.runs import ENDED, Scope
from app.store.tables import batch, batch_row, caller, row_verdict, run, workflow


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One file; `mapping` is JSON text, `pending` counts rows without a run, times are since the epoch."""

    id: str
    org_id: str
    workflow_id: str
    caller_id: str
    name: str
    version: int
    draft_id: str | None
    rows: int
    skipped: int
    pending: int
    mapping: str
    callback_url: str | None
    error: str | None
    created_by: str | None
    created_at: float
    cancelled_at: float | None
    workflow: str
    caller: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row of a file with what became of its newest run; `payload` and `error` are JSON text."""

    number: int
    payload: str
    external_id: str | None
    run_id: str | None
    status: str | None
    error_code: str | None
    error: str | None
    thumb: str | None
    wait: str | None
    verdict: str | None = None
    verdict_note: str | None = None
    decided_by: str | None = None
    decided_at: float | None = None


@dataclass(frozen=True, slots=True)
class PlainLine:
    """A row that has no run yet."""

    number: int
    payload: str
    external_id: str | None


_INSERT = insert(batch_row)
_FOREIGN = {"workflow": workflow.c.slug, "caller": caller.c.name}
_COLUMNS: list[Column[Any]] = [
    _FOREIGN[each.name] if each.name in _FOREIGN else batch.c[each.name] for each in fields(BatchRow)
]
_QUERY = (
    select(*_COLUMNS)
    .join(workflow, workflow.c.id == batch.c.workflow_id)
    .join(caller, caller.c.id == batch.c.caller_id)
)
_LINE = select(
    *(batch_row.c.number, batch_row.c.payload, batch_row.c.external_id, batch_row.c.run_id),
    *(run.c.status, run.c.error_code, run.c.error, run.c.thumb, run.c.wait),
    *(row_verdict.c.verdict, row_verdict.c.note.label("verdict_note")),
    *(row_verdict.c.decided_by, row_verdict.c.decided_at),
)
_LINE = _LINE.outerjoin(run, run.c.id == batch_row.c.run_id).outerjoin(
    row_verdict,
    and_(
        row_verdict.c.batch_id == batch_row.c.batch_id,
        row_verdict.c.number == batch_row.c.number,
        row_verdict.c.run_id == batch_row.c.run_id,
    ),
)


def add(connection: Connection, values: dict[str, Any], lines: Iterable[dict[str, Any]]) -> str:
    """Store a file with all its rows; its id."""
    identifier = new_id("bat")
    connection.execute(insert(batch).values(id=identifier, created_at=clock.now(), **values))
    found = [{"batch_id": identifier, **line} for line in lines]
    for start in range(0, len(found), 1_000):
        bulk.many(connection, _INSERT, found[start : start + 1_000])
    return identifier


def get(connection: Connection, scope: Scope, batch_id: str) -> BatchRow | None:
    query = _QUERY.where(batch.c.id == batch_id, *_visible(scope))
    return record(BatchRow, connection.execute(query).one_or_none())


def list_page(
    connection: Connection, scope: Scope, slug: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[BatchRow]:
    """One keyset page, newest first; of one workflow when `slug` is given."""
    query = _QUERY.where(*_visible(scope))
    if slug:
        query = query.where(workflow.c.slug == slug)
    if cursor:
        query = query.where(batch.c.id < cursor)
    query = query.order_by(batch.c.id.desc()).limit(limit + 1)
    return page(records(BatchRow, connection.execute(query)), limit)


def pending(connection: Connection, limit: int) -> tuple[BatchRow, ...]:
    """Files with rows that have no run yet, oldest first."""
    query = _QUERY.where(batch.c.pending > 0).order_by(batch.c.id).limit(limit)
    return records(BatchRow, connection.execute(query))


def waiting_lines(connection: Connection, batch_id: str, limit: int) -> tuple[PlainLine, ...]:
    """The first rows of a file that have no run yet."""
    query = (
        select(batch_row.c.number, batch_row.c.payload, batch_row.c.external_id)
        .where(batch_row.c.batch_id == batch_id, batch_row.c.run_id.is_(None))
        .order_by(batch_row.c.number)
        .limit(limit)
    )
    return records(PlainLine, connection.execute(query))


def lines(
    connection: Connection,
    batch_id: str,
    *,
    after: int = 0,
    limit: int = 100,
    status: tuple[str, ...] = (),
    verdict: str = "",
) -> tuple[LineRow, ...]:
    """Rows of a file in their order, those after a number; `verdict` ``open``: succeeded and not judged."""
    query = _LINE.where(batch_row.c.batch_id == batch_id, batch_row.c.number > after)
    if status:
        query = query.where(run.c.status.in_(status))
    if verdict == "open":
        query = query.where(run.c.status == "succeeded", row_verdict.c.verdict.is_(None))
    elif verdict:
        query = query.where(row_verdict.c.verdict == verdict)
    return records(LineRow, connection.execute(query.order_by(batch_row.c.number).limit(limit)))


def results(connection: Connection, run_ids: list[str]) -> dict[str, str]:
    """The callback bodies of ended runs by run."""
    query = select(run.c.id, run.c.result).where(run.c.id.in_(run_ids), run.c.result.is_not(None))
    return {row.id: row.result for row in connection.execute(query)}


def line(connection: Connection, batch_id: str, number: int) -> LineRow | None:
    """One row of a file."""
    query = _LINE.where(batch_row.c.batch_id == batch_id, batch_row.c.number == number)
    return next(iter(records(LineRow, connection.execute(query))), None)


def again(connection: Connection, batch_id: str, number: int, run_id: str, payload: str) -> bool:
    """Let one row run once more, with this payload; False when it has another run by now."""
    mine = batch_row.c.batch_id == batch_id, batch_row.c.number == number, batch_row.c.run_id == run_id
    if connection.execute(update(batch_row).where(*mine).values(run_id=None, payload=payload)).rowcount != 1:
        return False
    change = update(batch).where(batch.c.id == batch_id)
    connection.execute(change.values(pending=batch.c.pending + 1, error=None))
    return True


def last_mapping(connection: Connection, workflow_id: str) -> str:
    """The mapping of a workflow's newest file, as JSON text."""
    query = select(batch.c.mapping).where(batch.c.workflow_id == workflow_id)
    return connection.scalar(query.order_by(batch.c.id.desc()).limit(1)) or "{}"


def counts(connection: Connection, batch_id: str) -> dict[str, int]:
    """How many rows stand where, by the status of their newest run."""
    query = (
        select(run.c.status, func.count())
        .join(batch_row, batch_row.c.run_id == run.c.id)
        .where(batch_row.c.batch_id == batch_id)
        .group_by(run.c.status)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def open_runs(connection: Connection, batch_id: str) -> list[str]:
    """Runs of a file that have not ended, the newest first: whoever ends them moves nobody up on the way."""
    query = select(run.c.id).where(run.c.batch_id == batch_id, run.c.finished_at.is_(None))
    return list(connection.execute(query.order_by(run.c.id.desc())).scalars())


def stop(connection: Connection, batch_id: str, error: str | None = None) -> None:
    """Let no further row become a run."""
    change = update(batch).where(batch.c.id == batch_id)
    values = {"pending": 0, "error": error} if error else {"pending": 0, "cancelled_at": clock.now()}
    connection.execute(change.values(values))


def release(connection: Connection, batch_id: str, status: tuple[str, ...]) -> int:
    """Take the ended runs of that status from their rows, and let all rows without one run; how many."""
    ended = tuple(each for each in status if each in ENDED)
    mine = select(run.c.id).where(run.c.batch_id == batch_id, run.c.status.in_(ended))
    freed = (
        update(batch_row)
        .where(batch_row.c.batch_id == batch_id, batch_row.c.run_id.in_(mine))
        .values(run_id=None)
    )
    connection.execute(freed)
    left = select(func.count()).where(batch_row.c.batch_id == batch_id, batch_row.c.run_id.is_(None))
    count = int(connection.execute(left).scalar_one())
    change = update(batch).where(batch.c.id == batch_id)
    connection.execute(change.values(pending=count, cancelled_at=None, error=None))
    return count


def _visible(scope: Scope) -> list[Any]:
    mine = [batch.c.org_id == scope.org_id]
    if scope.caller_id is not None:
        mine.append(batch.c.caller_id == scope.caller_id)
    return mine
