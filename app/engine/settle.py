"""Settling: one transaction writes what an execution changed, if its fence still holds (design §4.4)."""

import json
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, TextClause, bindparam, insert, null, text, update
from sqlalchemy.dialects import postgresql, sqlite

from app.engine import gates
from app.engine.accept import RING_GRACE
from app.engine.claim import Claims
from app.engine.records import Claimed, Finish, Outgoing, RunRow, Settled, Settlement, StepRow
from app.store import bulk
from app.store.bulk import StageKey
from app.store.database import Dialect
from app.store.ids import new_id
from app.store.tables import alert, asset, attempt, delivery, run, run_asset, stage, step

_UPDATE_STAGE = (
    update(stage)
    .where(stage.c.run_id == bindparam("key_run"), stage.c.number == bindparam("key_number"))
    .values(
        state=bindparam("new_state"),
        attempt=bindparam("new_attempt"),
        wake_at=bindparam("new_wake_at"),
        detail=bindparam("new_detail"),
        worker=null(),
    )
)
_UPDATE_WAIT = (
    update(run)
    .where(run.c.id == bindparam("key"), run.c.finished_at.is_(None))
    .values(status=bindparam("new_status"), wait=bindparam("new_wait"))
)
_INSERT_STAGE = insert(stage)
_INSERT_DELIVERY = insert(delivery)
_INSERT_ALERT = insert(alert)
_OPEN_STAGES = ("blocked", "ready", "running", "waiting")


class Settlements:
    """The settling operation of one worker; it claims what follows in the same transaction."""

    def __init__(self, dialect: Dialect, worker: str, lease: float, claims: Claims) -> None:
        self._dialect: Dialect = dialect
        self._worker = worker
        self._lease = lease
        self._claims = claims
        self._upsert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        self._put_steps = self._replacing(step, ("run_id", "node_id"))
        self._put_attempts = self._replacing(attempt, ("run_id", "node_id", "number"))
        self._put_assets = self._upsert(asset).on_conflict_do_nothing()
        self._put_links = self._upsert(run_asset).on_conflict_do_nothing()

    def settle(self, connection: Connection, items: Sequence[Settlement]) -> list[Settled]:
        """Apply settlements whose fence holds; the others change nothing and say so."""
        now = time.time()
        holding = self._holding(connection, items)
        first: dict[StageKey, int] = {}
        for index, item in enumerate(items):
            if _holds(item, holding):
                first.setdefault(self._key(item), index)
        valid = [items[index] for index in first.values()]
        if not valid:
            return [Settled(applied=False) for _ in items]
        self._write_history(connection, valid)
        self._write_stages(connection, valid)
        opened: list[dict[str, Any]] = []
        following = {self._key(item): self._follow(connection, item, now, opened) for item in valid}
        if opened:
            bulk.many(connection, _INSERT_STAGE, opened)
        ended = [item for item in valid if item.finish]
        deliveries = self._finish(connection, ended, now)
        over = {item.claimed.run.id for item in ended}
        return [
            Settled(
                True,
                *(((), ()) if item.claimed.run.id in over else following[self._key(item)]),
                deliveries.pop(item.claimed.run.id, None),
            )
            if first.get(self._key(item)) == index
            else Settled(applied=False)
            for index, item in enumerate(items)
        ]

    @staticmethod
    def _key(item: Settlement) -> StageKey:
        return item.claimed.run.id, item.claimed.number

    def _holding(self, connection: Connection, items: Sequence[Settlement]) -> dict[StageKey, int]:
        rows = connection.execute(
            _fences(self._dialect),
            bulk.pair_params(self._dialect, sorted({self._key(item) for item in items})),
        )
        return {(row.run_id, row.number): row.fence for row in rows}

    def _write_history(self, connection: Connection, valid: Sequence[Settlement]) -> None:
        steps = [_step_values(item.claimed.run.id, row) for item in valid for row in item.steps]
        if steps:
            bulk.many(connection, self._put_steps, steps)
        attempts = [
            {"run_id": item.claimed.run.id, "executor": self._worker, **_fields(row)}
            for item in valid
            for row in item.attempts
        ]
        if attempts:
            bulk.many(connection, self._put_attempts, attempts)
        self._write_assets(connection, valid)
        alerts = [_alert(item) for item in valid if item.alert]
        if alerts:
            bulk.many(connection, _INSERT_ALERT, alerts)

    def _write_assets(self, connection: Connection, valid: Sequence[Settlement]) -> None:
        now = time.time()
        made = [(item.claimed.run, row) for item in valid for row in item.assets]
        if not made:
            return
        rows = {
            row.asset_id: {
                "id": row.asset_id,
                "org_id": owner.org_id,
                "sha256": row.sha256,
                "kind": "image",
                "format": row.format,
                "width": row.width,
                "height": row.height,
                "bytes": row.bytes,
                "created_at": now,
            }
            for owner, row in made
        }
        links = {
            (owner.id, row.node_id, row.asset_id): {
                "run_id": owner.id,
                "node_id": row.node_id,
                "asset_id": row.asset_id,
                "platform_code": row.platform_code,
            }
            for owner, row in made
        }
        bulk.many(connection, self._put_assets, list(rows.values()))
        bulk.many(connection, self._put_links, list(links.values()))

    def _replacing(self, table: Any, key: tuple[str, ...]) -> Any:
        statement = self._upsert(table)
        changed = {name: statement.excluded[name] for name in _names(table) if name not in key}
        return statement.on_conflict_do_update(index_elements=list(key), set_=changed)

    def _write_stages(self, connection: Connection, valid: Sequence[Settlement]) -> None:
        bulk.many(
            connection,
            _UPDATE_STAGE,
            [
                {
                    "key_run": item.claimed.run.id,
                    "key_number": item.claimed.number,
                    "new_state": item.state,
                    "new_attempt": item.attempt,
                    "new_wake_at": item.wake_at,
                    "new_detail": json.dumps(item.detail) if item.detail else None,
                }
                for item in valid
            ],
        )
        waits = [
            {
                "key": item.claimed.run.id,
                "new_status": "waiting" if item.wait else "running",
                "new_wait": json.dumps(item.wait) if item.wait else None,
            }
            for item in valid
            if item.state == "waiting"
        ]
        if waits:
            bulk.many(connection, _UPDATE_WAIT, waits)

    def _follow(
        self, connection: Connection, item: Settlement, now: float, opened: list[dict[str, Any]]
    ) -> tuple[tuple[Claimed, ...], tuple[StageKey, ...]]:
        """Open the next stages: the first that is free is claimed at once, others are for the doorbell."""
        claimed: list[Claimed] = []
        rung: list[StageKey] = []
        run_ = item.claimed.run
        for number, pending in item.following:
            mine = not claimed and pending == 0
            row = _stage_values(run_.id, number, pending, now, self._lease, self._worker, mine=mine)
            if pending:
                if self._arrive(connection, row):
                    rung.append((run_.id, number))
                continue
            opened.append(row)
            if mine:
                claimed.append(Claimed(run_, number, 1, 1, None, _merged(item)))
            else:
                rung.append((run_.id, number))
        return tuple(claimed), tuple(rung)

    def _arrive(self, connection: Connection, row: dict[str, Any]) -> bool:
        """One more branch reached a join; True when it was the last."""
        statement = self._upsert(stage).values(row)
        left = connection.scalar(
            statement.on_conflict_do_update(
                index_elements=["run_id", "number"], set_={"pending": stage.c.pending - 1}
            ).returning(stage.c.pending)
        )
        if left:
            return False
        mine = (stage.c.run_id == row["run_id"]) & (stage.c.number == row["number"])
        ready = {"state": "ready", "wake_at": time.time() + RING_GRACE}
        return (
            connection.execute(update(stage).where(mine, stage.c.state == "blocked").values(ready)).rowcount
            > 0
        )

    def _finish(self, connection: Connection, items: Sequence[Settlement], now: float) -> dict[str, Outgoing]:
        # of two branches that end their run in one commit the first one is heard
        ends = {
            item.claimed.run.id: (item.claimed.run, item.finish) for item in reversed(items) if item.finish
        }
        endings = list(ends.values())
        if not endings:
            return {}
        open_ids = finish_runs(connection, self._dialect, endings, now)
        broken = [run_.id for run_, end in endings if end.status != "succeeded" and run_.id in open_ids]
        if broken:
            close_stages(connection, broken)
        sent = [(run_, end) for run_, end in endings if run_.callback_url and run_.id in open_ids]
        rows = [delivery_values(run_, end, now, lease=self._lease, worker=self._worker) for run_, end in sent]
        if rows:
            bulk.many(connection, _INSERT_DELIVERY, rows)
        return {row["run_id"]: _outgoing(row) for row in rows}


def _holds(item: Settlement, holding: dict[StageKey, int]) -> bool:
    return holding.get((item.claimed.run.id, item.claimed.number)) == item.claimed.fence


def _merged(item: Settlement) -> dict[str, StepRow]:
    return {**item.claimed.steps, **{row.node_id: row for row in item.steps}}


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _step_values(run_id: str, row: StepRow) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "node_id": row.node_id,
        "position": row.position,
        "status": row.status,
        "attempts": row.attempts,
        "started_at": row.started_at,
        "duration": row.duration,
        "outputs": row.text,
        "error_code": row.error_code,
        "reason": row.reason,
        "credits": row.credits,
        "model_id": row.model_id,
        "executor": row.executor,
    }


def _alert(item: Settlement) -> dict[str, Any]:
    code, words = item.alert or ("", "")
    subject = f"{item.claimed.run.workflow} / {item.claimed.run.id}"
    return {
        "id": new_id("alr"),
        "org_id": item.claimed.run.org_id,
        "at": time.time(),
        "code": code,
        "subject": subject,
        "text": words,
    }


def _stage_values(  # noqa: PLR0917
    run_id: str, number: int, pending: int, now: float, lease: float, worker: str, *, mine: bool
) -> dict[str, Any]:
    free = "running" if mine else "ready"
    return {
        "run_id": run_id,
        "number": number,
        "state": "blocked" if pending else free,
        "fence": 1 if mine else 0,
        "attempt": 1,
        "crashes": 0,
        "pending": pending,
        "rings": 0,
        "wake_at": None if pending else now + (lease if mine else RING_GRACE),
        "worker": worker if mine else None,
        "detail": None,
        "gate": None,
    }


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


def close_stages(connection: Connection, run_ids: Sequence[str]) -> None:
    """Nothing of these runs is worked on any more: whoever works on it finds the fence moved."""
    connection.execute(
        update(stage)
        .where(stage.c.run_id.in_(run_ids), stage.c.state.in_(_OPEN_STAGES))
        .values(state="cancelled", fence=stage.c.fence + 1, wake_at=None)
    )
    gates.forget(connection, run_ids)


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
def _fences(dialect: Dialect) -> TextClause:
    return text(
        f"SELECT run_id, number, fence FROM stage WHERE (run_id, number) IN {bulk.pairs(dialect)}"  # noqa: S608
        f" AND state = 'running'{bulk.for_update(dialect)}"
    )


@lru_cache
def _open_runs(dialect: Dialect) -> TextClause:
    return text(
        f"SELECT id FROM run WHERE id IN {bulk.ids(dialect)}"  # noqa: S608
        f" AND finished_at IS NULL{bulk.for_update(dialect)}"
    )


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]
