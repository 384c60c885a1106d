"""Settling: one transaction writes what an execution changed, if its fence still holds (design §4.4)."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, insert, null, text, update
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.engine import bookings, family, still, tally
from app.engine.accept import RING_GRACE
from app.engine.claim import Claims
from app.engine.finish import finish
from app.engine.history import History
from app.engine.records import Claimed, Settled, Settlement, StepRow
from app.engine.reopen import Following, Reopening
from app.points import Point, reached
from app.store import bulk
from app.store.bulk import StageKey
from app.store.database import Dialect
from app.store.tables import run, stage

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
_NOTHING: Following = ((), ())


class Settlements:
    """The settling operation of one worker; it claims what follows in the same transaction."""

    def __init__(self, dialect: Dialect, worker: str, lease: float, claims: Claims) -> None:
        self._dialect: Dialect = dialect
        self._worker = worker
        self._lease = lease
        self._claims = claims
        self._upsert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        self._history = History(self._upsert, worker)

    def settle(self, connection: Connection, items: Sequence[Settlement]) -> list[Settled]:
        """Apply settlements whose fence holds; the others change nothing and say so."""
        now = clock.now()
        family.lock(connection, [item.family for item in items])
        reopening = Reopening(connection, self._dialect, items, self._new_stage)
        first = self._first(connection, items)
        if not first:
            return [Settled(applied=False) for _ in items]
        valid, rung = family.start(connection, [items[index] for index in first.values()], now)
        self._history.write(connection, valid)
        bookings.settle(connection, valid)
        tally.note(connection, valid)
        self._write_stages(connection, valid)
        following = self._go_on(connection, valid, reopening, now)
        ended = family.closing(connection, self._dialect, valid, now)
        arrived = [item for item in valid if item.following and following[self._key(item)] == _NOTHING]
        still.tell_waits(connection, [item.claimed.run.id for item in arrived])
        deliveries = finish(connection, self._dialect, ended, now, self._lease, self._worker)
        family.wake_parents(connection, [item.claimed.run.parent_id for item in ended], now, rung)
        reached(Point.SETTLE_WRITTEN)
        over = {item.claimed.run.id for item in ended}
        return [
            Settled(
                True,
                *_next(_NOTHING if item.claimed.run.id in over else following[self._key(item)], rung, item),
                deliveries.pop(item.claimed.run.id, None),
            )
            if first.get(self._key(item)) == index
            else Settled(applied=False)
            for index, item in enumerate(items)
        ]

    def _first(self, connection: Connection, items: Sequence[Settlement]) -> dict[StageKey, int]:
        """The places of those whose fence holds; of several for one stage the first."""
        holding = self._holding(connection, items)
        first: dict[StageKey, int] = {}
        for index, item in enumerate(items):
            if _holds(item, holding):
                first.setdefault(self._key(item), index)
        return first

    def _go_on(
        self, connection: Connection, valid: Sequence[Settlement], reopening: Reopening, now: float
    ) -> dict[StageKey, Following]:
        """Open what follows each."""
        paused = self._claims.pauses.held(connection, {item.claimed.run.id for item in valid}, now)
        reopening.apply(valid, paused)
        opened: list[dict[str, Any]] = []
        following = {
            self._key(item): reopening.follow(item)
            if reopening.concerns(item)
            else self._follow(connection, item, now, opened, held=item.claimed.run.id in paused)
            for item in valid
        }
        if opened:
            bulk.many(connection, _INSERT_STAGE, opened)
        return following

    @staticmethod
    def _key(item: Settlement) -> StageKey:
        return item.claimed.run.id, item.claimed.number

    def _holding(self, connection: Connection, items: Sequence[Settlement]) -> dict[StageKey, int]:
        rows = connection.execute(
            _fences(self._dialect),
            bulk.pair_params(self._dialect, sorted({self._key(item) for item in items})),
        )
        return {(row.run_id, row.number): row.fence for row in rows}

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

    def _new_stage(self, run_id: str, number: int, pending: int, *, mine: bool) -> dict[str, Any]:
        return _stage_values(run_id, number, pending, clock.now(), self._lease, self._worker, mine=mine)

    def _follow(
        self,
        connection: Connection,
        item: Settlement,
        now: float,
        opened: list[dict[str, Any]],
        *,
        held: bool,
    ) -> Following:
        """Open the next stages: the first that is free is claimed at once, others are for the doorbell.

        Those of a held run are all for the doorbell: the claim that answers it lays them aside.
        """
        claimed: list[Claimed] = []
        rung: list[StageKey] = []
        run_ = item.claimed.run
        for number, pending in item.following:
            mine = not claimed and pending == 0 and not held
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
        ready = {"state": "ready", "wake_at": clock.now() + RING_GRACE}
        return (
            connection.execute(update(stage).where(mine, stage.c.state == "blocked").values(ready)).rowcount
            > 0
        )


def _next(following: Following, rung: family.Rung, item: Settlement) -> Following:
    """What comes next in the run itself, in those it started and in the one that started it."""
    if item.family is None:
        return following
    run_ = item.claimed.run
    found = (rung.pop(name, ()) for name in (run_.id, run_.parent_id or ""))
    return following[0], (*following[1], *(key for keys in found for key in keys))


def _holds(item: Settlement, holding: dict[StageKey, int]) -> bool:
    return holding.get((item.claimed.run.id, item.claimed.number)) == item.claimed.fence


def _merged(item: Settlement) -> dict[str, StepRow]:
    return {**item.claimed.steps, **{row.node_id: row for row in item.steps}}


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


@lru_cache
def _fences(dialect: Dialect) -> TextClause:
    return text(
        f"SELECT run_id, number, fence FROM stage WHERE (run_id, number) IN {bulk.pairs(dialect)}"  # noqa: S608
        f" AND state = 'running'{bulk.for_update(dialect)}"
    )
