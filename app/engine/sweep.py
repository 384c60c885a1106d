"""The sweeper: one column, ``wake_at``, is outbox, timer, retry and lease (design §4.5).

Whoever holds the leader row looks for what is due a few times a second: it breaks expired leases itself,
makes what waited ready, and rings again for what nobody came to fetch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, case, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.engine.control import Cancel
from app.engine.deadlines import overdue
from app.engine.pace import Pace
from app.points import Point, reached
from app.store.bulk import StageKey
from app.store.database import Dialect
from app.store.tables import delivery, leader, stage

_LIMIT = 500
_LEADER_LEASE = 5.0
_CLOCKS_APART = 5.0
_FIRST_GRACE = 5.0
_LONGEST_GRACE = 300.0
MAX_CRASHES = 5


class Due(NamedTuple):
    """What to ring for, the runs whose stages crashed too often, and those past their deadline."""

    stages: list[StageKey]
    deliveries: list[str]
    poisoned: list[StageKey]
    leading: bool
    overdue: tuple[Cancel, ...] = ()


@dataclass(frozen=True, slots=True)
class Sweep:
    """One round of the sweeper, asked for by one process; a backlog of None: the broker does not answer."""

    owner: str
    backlog: int | None


_WAKE_STAGE = (
    update(stage)
    .where(
        stage.c.run_id == bindparam("key_run"),
        stage.c.number == bindparam("key_number"),
        stage.c.fence == bindparam("key_fence"),
        stage.c.state == bindparam("key_state"),
    )
    .values(
        state=bindparam("new_state"),
        fence=bindparam("new_fence"),
        crashes=bindparam("new_crashes"),
        rings=bindparam("new_rings"),
        wake_at=bindparam("new_wake_at"),
    )
)
_WAKE_DELIVERY = (
    update(delivery)
    .where(
        delivery.c.id == bindparam("key"),
        delivery.c.fence == bindparam("key_fence"),
        delivery.c.status == bindparam("key_status"),
    )
    .values(
        status=bindparam("new_status"),
        fence=bindparam("new_fence"),
        rings=bindparam("new_rings"),
        wake_at=bindparam("new_wake_at"),
    )
)


# one step into each index: asked whether any row lies before a moment, PostgreSQL may read the whole table,
# by a plan made for any moment
_ANYTHING_DUE = text(
    "SELECT (SELECT wake_at FROM stage WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT 1) <= :now"
    " OR (SELECT wake_at FROM delivery WHERE wake_at IS NOT NULL ORDER BY wake_at LIMIT 1) <= :now"
    " OR (SELECT next_at FROM schedule WHERE next_at IS NOT NULL ORDER BY next_at LIMIT 1) <= :wall"
    " OR (SELECT deadline FROM run WHERE deadline IS NOT NULL AND finished_at IS NULL"
    " ORDER BY deadline LIMIT 1) <= :now"
    " OR EXISTS (SELECT 1 FROM batch WHERE pending > 0)"
    " OR EXISTS (SELECT 1 FROM spend_entry)"
)
# bounded on both sides: for such a range PostgreSQL's plan for any moment uses the index
_HOLDERS = text(
    "SELECT DISTINCT worker FROM stage WHERE state = 'running' AND wake_at > 0 AND wake_at <= :until"
    " UNION SELECT DISTINCT worker FROM delivery"
    " WHERE status = 'sending' AND wake_at > 0 AND wake_at <= :until"
    " UNION SELECT owner FROM leader"
)


class Sweeper:
    """Sweeping operations."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        self._pace = Pace()

    def sweep(self, connection: Connection, items: Sequence[Sweep]) -> list[Due]:
        """Take the leader row if it is free, then wake what is due; nothing when another process leads."""
        return [self._sweep(connection, item) for item in items]

    def _sweep(self, connection: Connection, item: Sweep) -> Due:
        now = clock.now()
        if not self._lead(connection, item.owner, now):
            return Due([], [], [], leading=False)
        reached(Point.SWEEP_LEADING)
        stages, poisoned = self._stages(connection, now, item.backlog)
        deliveries = self._deliveries(connection, now, deaf=item.backlog is None)
        reached(Point.SWEEP_WOKEN)
        return Due(stages, deliveries, poisoned, leading=True, overdue=overdue(connection, now))

    def _lead(self, connection: Connection, owner: str, now: float) -> bool:
        claim = self._insert(leader).values(name="sweeper", owner=owner, until=now + _LEADER_LEASE)
        free = (leader.c.until < now) | (leader.c.owner == owner)
        done = connection.execute(
            claim.on_conflict_do_update(
                index_elements=["name"],
                set_={"owner": claim.excluded.owner, "until": claim.excluded.until},
                where=free,
            ).returning(leader.c.owner)
        )
        return done.first() is not None

    def _stages(
        self, connection: Connection, now: float, backlog: int | None
    ) -> tuple[list[StageKey], list[StageKey]]:
        rows = connection.execute(
            select(stage)
            .where(stage.c.wake_at <= now)
            .order_by(stage.c.wake_at, stage.c.run_id)
            .limit(_LIMIT)
        ).all()
        poisoned = [row for row in rows if row.state == "running" and row.crashes >= MAX_CRASHES]
        alive = [row for row in rows if row.state != "running" or row.crashes < MAX_CRASHES]
        # a plain backlog is not a lost message: ring again only when the broker has little to do;
        # one that does not answer hears nothing, and its outage must not lengthen anybody's wait
        silent = {
            (row.run_id, row.number)
            for row in alive
            if backlog is None or (backlog >= _LIMIT and row.state == "ready" and row.rings)
        }
        if alive:
            connection.execute(
                _WAKE_STAGE,
                [_wake_stage(row, now, silent=(row.run_id, row.number) in silent) for row in alive],
            )
        rung = [key for row in alive if (key := (row.run_id, row.number)) not in silent]
        return rung, [(row.run_id, row.number) for row in poisoned]

    def _deliveries(self, connection: Connection, now: float, *, deaf: bool) -> list[str]:
        rows = connection.execute(
            select(
                *(delivery.c.id, delivery.c.status, delivery.c.fence, delivery.c.rings),
                *(delivery.c.attempts, delivery.c.url, delivery.c.wake_at),
            )
            .where(delivery.c.wake_at <= now)
            .order_by(delivery.c.wake_at)
            .limit(_LIMIT)
        ).all()
        later = self._pace.put_off(connection, rows, now)
        if rows:
            woken = [_wake_delivery(row, now, silent=deaf) for row in rows if row.id not in later]
            put_off = [_put_off(row, later[row.id]) for row in rows if row.id in later]
            connection.execute(_WAKE_DELIVERY, woken + put_off)
        return [] if deaf else [row.id for row in rows if row.id not in later]


def _grace(rings: int) -> float:
    return float(min(_FIRST_GRACE * 2 ** min(rings, 10), _LONGEST_GRACE))


def _wake_stage(row: Any, now: float, *, silent: bool) -> dict[str, Any]:
    """A silent row keeps its count and steps aside, so that it hides nothing that is due."""
    broken = row.state == "running"
    return {
        "key_run": row.run_id,
        "key_number": row.number,
        "key_fence": row.fence,
        "key_state": row.state,
        "new_state": "ready",
        "new_fence": row.fence + 1 if broken else row.fence,
        "new_crashes": row.crashes + 1 if broken else row.crashes,
        "new_rings": row.rings if silent else row.rings + 1,
        "new_wake_at": now + (_FIRST_GRACE if silent else _grace(row.rings)),
    }


def _wake_delivery(row: Any, now: float, *, silent: bool) -> dict[str, Any]:
    broken = row.status == "sending"
    return {
        "key": row.id,
        "key_fence": row.fence,
        "key_status": row.status,
        "new_status": "pending",
        "new_fence": row.fence + 1 if broken else row.fence,
        "new_rings": row.rings if silent else row.rings + 1,
        "new_wake_at": now + (_FIRST_GRACE if silent else _grace(row.rings)),
    }


def _put_off(row: Any, at: float) -> dict[str, Any]:
    """As woken, at its own moment; an old message for what was tried before finds that it is not due."""
    tried = {"new_status": "retrying"} if row.attempts else {}
    return {**_wake_delivery(row, at, silent=True), **tried, "new_wake_at": at}


def anything_due(connection: Connection) -> bool:
    """Whether a sweep would find work; reading costs nothing, and an idle system writes nothing."""
    return bool(connection.scalar(_ANYTHING_DUE, {"now": clock.now(), "wall": clock.wall()}))


def break_leases_of(connection: Connection, workers: Sequence[Sequence[str]]) -> list[int]:
    """Give back what dead workers of this host held, the lead included, without waiting for their leases."""
    counts = []
    for names in workers:
        now = clock.now()
        stages = connection.execute(
            update(stage).where(stage.c.state == "running", stage.c.worker.in_(names)).values(wake_at=now - 1)
        )
        sent = connection.execute(
            update(delivery)
            .where(delivery.c.status == "sending", delivery.c.worker.in_(names))
            # how long it has been overdue stays known
            .values(wake_at=case((delivery.c.wake_at < now - 1, delivery.c.wake_at), else_=now - 1))
        )
        connection.execute(delete(leader).where(leader.c.owner.in_(names)))
        counts.append(stages.rowcount + sent.rowcount)
    return counts


def holders(connection: Connection, lease: float) -> set[str]:
    """Names of the workers that hold something now, or lead.

    Nobody's lease ends later than a whole one from now, and what sleeps longer is not looked through.
    """
    rows = connection.execute(_HOLDERS, {"until": clock.now() + lease + _CLOCKS_APART})
    return {row.worker for row in rows if row.worker}
