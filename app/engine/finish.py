"""Terminal states: a run ends once, its stages close, and its caller is owed a delivery."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, insert, null, text, update

from app.engine import bookings, gates
from app.engine.accept import RING_GRACE
from app.engine.records import Finish, Outgoing, RunRow, Settlement
from app.points import Point, reached
from app.store import bulk
from app.store.database import Dialect
from app.store.ids import new_id
from app.store.tables import delivery, run, stage

_OPEN_STAGES = ("blocked", "ready", "running", "waiting", "paused")
_INSERT_DELIVERY = insert(delivery)
_FINISH_RUN = (
    update(run)
    .where(run.c.id == bindparam("key"))
    .values(
        wait=null(),
        **{
            name: bindparam(f"new_{name}")
            for name in (
                "status",
                "finished_at",
                "credit_cost",
                "error_code",
                "error",
                "result",
                "quality_warning",
                "thumb",
            )
        },
    )
)


def finish(  # noqa: PLR0917
    connection: Connection,
    dialect: Dialect,
    items: Sequence[Settlement],
    now: float,
    lease: float,
    worker: str,
) -> dict[str, Outgoing]:
    """End the runs of these settlements; returns their deliveries, claimed by this worker, by run."""
    # of two branches that end their run in one commit the first one is heard
    ends = {item.claimed.run.id: (item.claimed.run, item.finish) for item in reversed(items) if item.finish}
    endings = list(ends.values())
    if not endings:
        return {}
    open_ids = finish_runs(connection, dialect, endings, now)
    broken = [run_.id for run_, end in endings if end.status != "succeeded" and run_.id in open_ids]
    if broken:
        close_stages(connection, broken)
    sent = [(run_, end) for run_, end in endings if run_.callback_url and run_.id in open_ids]
    rows = [delivery_values(run_, end, now, lease=lease, worker=worker) for run_, end in sent]
    if rows:
        bulk.many(connection, _INSERT_DELIVERY, rows)
        reached(Point.FINISH_WRITTEN)
    return {row["run_id"]: _outgoing(row) for row in rows}


def finish_runs(
    connection: Connection, dialect: Dialect, endings: Sequence[tuple[RunRow, Finish]], now: float
) -> set[str]:
    """Write terminal states; a run that ended before keeps its end. Returns the ids that ended now."""
    ids = [run_.id for run_, _ in endings]
    still_open = {row.id for row in connection.execute(_open_runs(dialect), bulk.id_params(dialect, ids))}
    rows = [
        {
            "key": run_.id,
            "new_status": end.status,
            "new_finished_at": now,
            "new_credit_cost": end.credit_cost,
            "new_error_code": end.error_code,
            "new_error": json.dumps(end.error) if end.error else None,
            "new_result": end.body,
            "new_quality_warning": end.quality_warning,
            "new_thumb": end.thumb,
        }
        for run_, end in endings
        if run_.id in still_open
    ]
    if rows:
        bulk.many(connection, _FINISH_RUN, rows)
    return still_open


def close_stages(connection: Connection, run_ids: Sequence[str]) -> set[str]:
    """Nothing of these runs is worked on any more: whoever works on it finds the fence moved.

    Returns the gates whose queues they leave, where those behind them may move up.
    """
    connection.execute(
        update(stage)
        .where(stage.c.run_id.in_(run_ids), stage.c.state.in_(_OPEN_STAGES))
        .values(state="cancelled", fence=stage.c.fence + 1, wake_at=None)
    )
    left = gates.forget(connection, run_ids)
    bookings.release(connection, run_ids)
    return left


def delivery_values(
    run_: RunRow, end: Finish, now: float, *, lease: float = 0, worker: str | None = None
) -> dict[str, Any]:
    """The row of a delivery: claimed by the worker that made it, or ready for any."""
    return {
        "id": new_id("dlv"),
        "org_id": run_.org_id,
        "run_id": run_.id,
        "caller_id": run_.caller_id,
        "event": end.event,
        "message_id": new_id("msg"),
        "url": run_.callback_url,
        "body": end.body,
        "status": "sending" if worker else "pending",
        "attempts": 0,
        "attempt_base": 0,
        "fence": 1 if worker else 0,
        "rings": 0,
        "wake_at": now + (lease if worker else RING_GRACE),
        "worker": worker,
        "created_at": now,
    }


def _outgoing(row: dict[str, Any]) -> Outgoing:
    return Outgoing(**{name: row[name] for name in Outgoing.__slots__})


@lru_cache
def _open_runs(dialect: Dialect) -> TextClause:
    return text(
        f"SELECT id FROM run WHERE id IN {bulk.ids(dialect)}"  # noqa: S608
        f" AND finished_at IS NULL{bulk.for_update(dialect)}"
    )
