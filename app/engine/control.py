"""Decisions of people: cancel, rerun, replay, resume (contract §4). Each is audited with its actor."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app import clock
from app.delivery.body import Failure, error, failed
from app.engine import family, gates, reseat
from app.engine.claim import run_row
from app.engine.ending import facts_of
from app.engine.finish import close_stages, delivery_values, finish_runs
from app.engine.records import Finish, RunRow
from app.store.audit import Actor, write
from app.store.database import Dialect
from app.store.ids import new_id
from app.store.tables import alert, breaker, delivery, run, stage, start_log

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Cancel:
    """End a run now: by a person, or because it was dropped or crashed too often."""

    run_id: str
    actor: str
    org_id: str | None = None
    code: str = "run.cancelled"
    words: str = "cancelled"
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """Send a delivery again: same webhook-id, same bytes, fresh schedule."""

    delivery_id: str
    org_id: str
    actor: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Close an open breaker: release what it holds, or drop it."""

    gate: str
    org_id: str
    actor: str
    drop: bool = False
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a breaker held: the runs released or dropped, and the deliveries that tell of drops."""

    runs: tuple[str, ...]
    deliveries: tuple[str, ...] = ()


class Control:
    """The operations behind an operator's decisions."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect: Dialect = dialect

    def cancel(self, connection: Connection, items: Sequence[Cancel]) -> list[str | None]:
        """End open runs; per item the id of the delivery that tells the caller, "" when none is owed.

        None means that there was no such open run.
        """
        left: set[str] = set()
        letters = [self._cancel(connection, item, left) for item in items]
        reseat.move_up(connection, left, clock.now())
        return letters

    def _cancel(self, connection: Connection, item: Cancel, left: set[str]) -> str | None:
        family.lock_of(connection, [item.run_id])
        query = select(run).where(run.c.id == item.run_id, run.c.finished_at.is_(None))
        if item.org_id is not None:
            query = query.where(run.c.org_id == item.org_id)
        # locked: where the run ends at this moment, its end is waited for, and there is nothing to cancel
        row = connection.execute(query.with_for_update()).one_or_none()
        if row is None:
            return None
        now = clock.now()
        left |= family.close_children(connection, self._dialect, [item.run_id], now)
        cost = family.cost(connection, item.run_id)
        if item.code == "run.internal":
            connection.execute(insert(alert).values(_alert(run_row(row), item, now)))
        return next(iter(self._end(connection, [run_row(row)], item, now, left, cost)), "")

    def _end(  # noqa: PLR0917
        self,
        connection: Connection,
        found: Sequence[RunRow],
        item: Cancel,
        now: float,
        left: set[str],
        cost: float = 0.0,
    ) -> list[str]:
        """End open runs in one go; returns the ids of the deliveries that tell their callers.

        ``left`` takes up the gates whose queues they leave.
        """
        endings = [(each, _ending(each, item, now, cost)) for each in found]
        ended = finish_runs(connection, self._dialect, endings, now)
        endings = [(each, end) for each, end in endings if each.id in ended]
        left |= close_stages(connection, sorted(ended))
        family.wake_parents(connection, [each.parent_id for each, _ in endings], now)
        for each, _ in endings:
            write(
                connection,
                Actor(each.org_id, item.actor, item.request_id),
                "run.cancel",
                each.id,
                {"code": item.code},
            )
        rows = [delivery_values(each, end, now) for each, end in endings if each.callback_url]
        if rows:
            connection.execute(insert(delivery), rows)
        return [row["id"] for row in rows]

    def replay(self, connection: Connection, items: Sequence[Replay]) -> list[bool]:
        """Put ended deliveries back on their way; False for those that are under way or unknown."""
        return [self._replay(connection, item) for item in items]

    def _replay(self, connection: Connection, item: Replay) -> bool:
        ended = delivery.c.status.in_(("delivered", "permanently_failed"))
        done = connection.execute(
            update(delivery)
            .where(delivery.c.id == item.delivery_id, delivery.c.org_id == item.org_id, ended)
            .values(
                status="pending",
                attempt_base=delivery.c.attempts,
                wake_at=clock.now(),
                finished_at=None,
                fence=delivery.c.fence + 1,
            )
        )
        if not done.rowcount:
            return False
        run_id = select(delivery.c.run_id).where(delivery.c.id == item.delivery_id).scalar_subquery()
        connection.execute(update(run).where(run.c.id == run_id).values(callback_status="pending"))
        write(
            connection, Actor(item.org_id, item.actor, item.request_id), "delivery.replay", item.delivery_id
        )
        return True

    def resume(self, connection: Connection, items: Sequence[Resume]) -> list[Resumed | None]:
        """Close breakers and release or drop what they held; None when there is no such open breaker."""
        return [self._resume(connection, item) for item in items]

    def _resume(self, connection: Connection, item: Resume) -> Resumed | None:
        now = clock.now()
        gates.lock(connection, item.gate)
        mine = (breaker.c.gate == item.gate) & (breaker.c.org_id == item.org_id)
        closed = {"opened_at": None, "closed_at": now, "closed_by": item.actor}
        done = connection.execute(
            update(breaker).where(mine, breaker.c.opened_at.is_not(None)).values(closed)
        )
        if not done.rowcount:
            return None
        held = connection.execute(
            select(stage.c.run_id, stage.c.detail).where(*held_at(item.gate)).order_by(stage.c.run_id)
        ).all()
        ids = tuple(row.run_id for row in held)
        action = "breaker.drop" if item.drop else "breaker.resume"
        counts = {"dropped" if item.drop else "released": len(ids)}
        write(connection, Actor(item.org_id, item.actor, item.request_id), action, item.gate, counts)
        if item.drop:
            return Resumed(ids, tuple(self.drop(connection, item, ids, now)))
        self._release(connection, item.gate, [row.run_id for row in held if is_limited(row)], now)
        return Resumed(ids)

    def drop(self, connection: Connection, item: Resume, ids: Sequence[str], now: float) -> list[str]:
        """End held runs as cancelled; the ids of the deliveries that tell their callers."""
        cancel = Cancel(
            "",
            item.actor,
            item.org_id,
            words="dropped behind the circuit breaker",
            request_id=item.request_id,
        )
        letters: list[str] = []
        for first in range(0, len(ids), _CHUNK):
            query = select(run).where(run.c.id.in_(ids[first : first + _CHUNK]), run.c.finished_at.is_(None))
            found = [run_row(row) for row in connection.execute(query)]
            letters += self._end(connection, found, cancel, now, set())
        return letters

    @staticmethod
    def _release(connection: Connection, gate: str, limited: Sequence[str], now: float) -> None:
        # each released run takes its turn at the limiter when it is claimed
        slots = [{"gate": gate, "run_id": run_id, "slot": now, "started": False} for run_id in limited]
        if slots:
            connection.execute(insert(start_log), slots)
        held = select(stage.c.run_id).where(*held_at(gate))
        connection.execute(update(run).where(run.c.id.in_(held)).values(wait=None))
        connection.execute(update(stage).where(*held_at(gate)).values(state="ready", wake_at=now))


def held_at(gate: str) -> tuple[Any, ...]:
    """Stages that a breaker holds: never claimed (what waits for a person's review has been)."""
    return stage.c.gate == gate, stage.c.state == "waiting", stage.c.wake_at.is_(None), stage.c.fence == 0


def is_limited(row: Any) -> bool:
    return bool(json.loads(row.detail or "{}").get("limited"))


def _alert(found: RunRow, item: Cancel, now: float) -> dict[str, Any]:
    subject = f"{found.workflow} / {found.id}"
    words = {"code": item.code, "subject": subject, "text": item.words}
    return {"id": new_id("alr"), "org_id": found.org_id, "at": now, **words}


def _ending(found: RunRow, item: Cancel, now: float, cost: float) -> Finish:
    failure = Failure(item.code, f"{item.words} by {item.actor}" if item.actor != "system" else item.words)
    body = failed(facts_of(found, now, cost, 1), failure)
    status: Any = "cancelled" if item.code == "run.cancelled" else "failed"
    return Finish(status, "job.failed", body, cost, error_code=item.code, error=error(failure))
