"""The ledger of paid calls: an intent is committed before the request leaves, its outcome after (S120, S121).

Four operations, each for many items inside one connection, so that what depends on the money (reservations,
spending) can change in the same transaction: ``intend``, ``submitted``, ``settled``, ``unknown``.
``open_calls`` gives the rows that a change is about to touch, locked.

One generation of a step has one key, ``run:node:generation``. A service that knows keys is asked again with
the same one. For any other, another try is another row with its number behind the key, and it is made only
after the one before certainly was not charged.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, insert, select, text, update

from app import clock
from app.engine import bookings, late
from app.engine.call_records import (
    OPEN,
    OUTCOME_UNKNOWN,
    SAME,
    Answered,
    Call,
    FenceLostError,
    Intent,
    Lost,
    State,
    Submitted,
    read_call,
)
from app.points import Point, reached
from app.store import bulk
from app.store.database import Dialect
from app.store.days import day_of
from app.store.ids import new_id
from app.store.tables import call
from graphs.pricing import micro

_NOTE = 500
_RESTARTED = "the worker that sent the request ended before it saw the answer"


def intend(connection: Connection, items: Sequence[Intent]) -> list[Call | Exception]:
    """Write down calls before they leave; a call that was made before is given as it stands instead.

    An item whose stage is not held any more is answered with FenceLostError.
    """
    now = clock.now()
    held = _held(connection, items)
    former = _former(connection, sorted({item.run_id for item in items}))
    answers: list[Call | Exception] = []
    rows: list[dict[str, Any]] = []
    for item in items:
        stage = held.get((item.run_id, item.stage))
        if stage is None or stage.fence != item.fence:
            answers.append(FenceLostError(item.key))
            continue
        tries = former.get((item.run_id, item.node_id, item.generation), [])
        answers.append(_next(connection, item, stage, tries, rows, now))
    if rows:
        bulk.many(connection, _INSERT, rows)
        reached(Point.CALL_WRITTEN)
    return answers


def without_sending(connection: Connection, items: Sequence[Intent]) -> list[bool]:
    """Which of these intents would only be told what came of an earlier call: nothing of them leaves."""
    latest = _latest(connection, items)
    return [last is not None and not _leaves(item, last) for item, last in zip(items, latest, strict=True)]


def under_way(connection: Connection, items: Sequence[Intent]) -> list[bool]:
    """Which of these calls may have left before and were not answered, or need not leave any more."""
    latest = _latest(connection, items)
    return [
        last is not None and (last.state == "intent" or not _leaves(item, last))
        for item, last in zip(items, latest, strict=True)
    ]


def _latest(connection: Connection, items: Sequence[Intent]) -> list[Call | None]:
    """The last try of each."""
    former = _former(connection, sorted({item.run_id for item in items}))
    tries = [former.get((item.run_id, item.node_id, item.generation), []) for item in items]
    return [made[-1] if made else None for made in tries]


def submitted(connection: Connection, items: Sequence[Submitted]) -> list[bool]:
    """Keep the job ids of calls that a service works on now; False for those that have ended."""
    found = open_calls(connection, [item.id for item in items])
    _move(
        connection,
        [_row(found[item.id], "submitted", memo={"job": item.job}) for item in items if item.id in found],
    )
    return [item.id in found for item in items]


def settled(connection: Connection, items: Sequence[Answered]) -> list[bool]:
    """Write down how calls ended; False for those that ended before, which stay as they are."""
    found = open_calls(connection, [item.id for item in items])
    rows = [
        _row(
            found[item.id],
            item.state,
            charged=micro(item.charged),
            memo=item.memo,
            error_code=item.error_code,
            note=item.note,
        )
        for item in items
        if item.id in found
    ]
    _move(connection, rows)
    bookings.charge(connection, [(found[row["key"]], row["new_charged"]) for row in rows])
    late.add(connection, _by_run((found[row["key"]].run_id, row["new_charged"]) for row in rows))
    return [item.id in found for item in items]


def _by_run(charged: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for run_id, amount in charged:
        if amount:
            sums[run_id] = sums.get(run_id, 0) + amount
    return sums


def unknown(connection: Connection, items: Sequence[Lost]) -> list[bool]:
    """Write down that nobody knows whether these calls were charged; what is reserved stays reserved."""
    found = open_calls(connection, [item.id for item in items])
    rows = [
        _row(found[item.id], "unknown", error_code=item.error_code, note=item.note)
        for item in items
        if item.id in found
    ]
    _move(connection, rows)
    return [item.id in found for item in items]


def open_calls(connection: Connection, ids: Sequence[str]) -> dict[str, Call]:
    """Those of the calls that have not ended, locked until the transaction does."""
    query = select(call).where(call.c.id.in_(ids), call.c.state.in_(OPEN)).with_for_update()
    return {row.id: read_call(row) for row in connection.execute(query.order_by(call.c.id))}


def _move(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        bulk.many(connection, _MOVE, rows)


def _next(  # noqa: PLR0917
    connection: Connection,
    item: Intent,
    stage: Any,
    tries: Sequence[Call],
    rows: list[dict[str, Any]],
    now: float,
) -> Call:
    """What is to be done for one generation of a step, from what was done for it before."""
    last = tries[-1] if tries else None
    if last is None:
        return _opened(item, 1, stage, rows, now)
    if last.state == "failed" and "decided" not in last.memo:
        if _same_key(item, last):
            return _reopened(connection, item, last, stage, now)
        return _opened(item, len(tries) + 1, stage, rows, now)
    if last.state == "intent" and not _same_key(item, last):
        unknown(connection, [Lost(last.id, OUTCOME_UNKNOWN, _RESTARTED)])
        return replace(last, state="unknown")
    return replace(last, fresh=last.state == "intent", unsure=last.state == "intent")


def _opened(item: Intent, number: int, stage: Any, rows: list[dict[str, Any]], now: float) -> Call:
    """A new call; its row is put with the others of the batch."""
    made = Call(
        new_id("call"),
        *(item.org_id, item.caller_id, item.run_id, item.node_id, item.generation, item.provider, item.model),
        key=item.key if number == 1 else f"{item.key}:{number}",
        state="intent",
        memo={"keyed": item.keyed},
        reserved=micro(item.price),
        charged=0,
        day=day_of(now, stage.time_zone),
        fresh=True,
    )
    row = {name: getattr(made, name) for name in SAME}
    more = {"workflow_id": stage.workflow_id, "idempotency_key": made.key, "job": json.dumps(made.memo)}
    rows.append({**row, **more, "created_at": now, "updated_at": now})
    return made


def _reopened(connection: Connection, item: Intent, last: Call, stage: Any, now: float) -> Call:
    """The row of before, for a service that knows its key: whatever was charged for it is charged once."""
    again = replace(
        last,
        state="intent",
        memo={"keyed": True},
        reserved=micro(item.price),
        charged=0,
        day=day_of(now, stage.time_zone),
        fresh=True,
    )
    row = {name: getattr(again, name) for name in ("state", "reserved", "charged", "day")}
    more = {"job": json.dumps(again.memo), "error_code": None, "note": None, "updated_at": now}
    connection.execute(update(call).where(call.c.id == last.id).values(**row, **more))
    return again


def _leaves(item: Intent, last: Call) -> bool:
    if last.state == "failed":
        return "decided" not in last.memo
    return last.state == "intent" and _same_key(item, last)


def _same_key(item: Intent, last: Call) -> bool:
    """Whether the service was told this key before, and charges once for it."""
    return item.keyed and bool(last.memo.get("keyed"))


def _held(connection: Connection, items: Sequence[Intent]) -> dict[bulk.StageKey, Any]:
    """The stages that are being worked on, locked, with what their calls need to know of the run."""
    dialect: Dialect = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
    keys = sorted({(item.run_id, item.stage) for item in items})
    rows = connection.execute(_stages(dialect), bulk.pair_params(dialect, keys))
    return {(row.run_id, row.number): row for row in rows}


def _former(connection: Connection, runs: Sequence[str]) -> dict[tuple[str, str, int], list[Call]]:
    found: dict[tuple[str, str, int], list[Call]] = {}
    for row in connection.execute(select(call).where(call.c.run_id.in_(runs)).order_by(call.c.id)):
        found.setdefault((row.run_id, row.node_id, row.generation), []).append(read_call(row))
    return found


def _row(found: Call, state: State, **changed: Any) -> dict[str, Any]:
    """The parameters of one change; a memo is added to what was known."""
    return {
        "key": found.id,
        "new_state": state,
        "new_charged": changed.get("charged", 0),
        "new_job": json.dumps({**found.memo, **(changed.get("memo") or {})}),
        "new_error": changed.get("error_code"),
        "new_note": (changed.get("note") or "")[:_NOTE] or None,
        "new_updated": clock.now(),
    }


_INSERT = insert(call)
_MOVE = (
    update(call)
    .where(call.c.id == bindparam("key"))
    .values(
        state=bindparam("new_state"),
        charged=bindparam("new_charged"),
        job=bindparam("new_job"),
        error_code=bindparam("new_error"),
        note=bindparam("new_note"),
        updated_at=bindparam("new_updated"),
    )
)


@lru_cache
def _stages(dialect: Dialect) -> TextClause:
    lock = bulk.for_update(dialect)
    return text(
        "SELECT stage.run_id, stage.number, stage.fence, run.workflow_id, project.time_zone"  # noqa: S608
        " FROM stage JOIN run ON run.id = stage.run_id JOIN project ON project.id = run.project_id"
        f" WHERE (stage.run_id, stage.number) IN {bulk.pairs(dialect)}"
        f" AND stage.state = 'running'{lock + ' OF stage' if lock else ''}"
    )
