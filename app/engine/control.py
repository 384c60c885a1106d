"""Decisions of people: cancel, rerun, replay, resume (contract §4). Each is audited with its actor."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.delivery.body import Failure, error, failed
from app.engine.claim import run_row
from app.engine.decide import facts_of
from app.engine.records import Finish, RunRow
from app.engine.settle import close_stages, delivery_values, finish_runs
from app.store.audit import Actor, write
from app.store.database import Dialect
from app.store.ids import new_id
from app.store.tables import alert, breaker, delivery, run, stage, start_log, step


@dataclass(frozen=True, slots=True)
class Cancel:
    """End a run now: by a person, or because it was dropped or crashed too often."""

    run_id: str
    actor: str
    org_id: str | None = None
    code: str = "run.cancelled"
    words: str = "cancelled"


@dataclass(frozen=True, slots=True)
class Replay:
    """Send a delivery again: same webhook-id, same bytes, fresh schedule."""

    delivery_id: str
    org_id: str
    actor: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Close an open breaker: release what it holds, or drop it."""

    gate: str
    org_id: str
    actor: str
    drop: bool = False


class Control:
    """The operations behind an operator's decisions."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect: Dialect = dialect

    def cancel(self, connection: Connection, items: Sequence[Cancel]) -> list[str | None]:
        """End open runs; per item the id of the delivery that tells the caller, "" when none is owed.

        None means that there was no such open run.
        """
        return [self._cancel(connection, item) for item in items]

    def _cancel(self, connection: Connection, item: Cancel) -> str | None:
        query = select(run).where(run.c.id == item.run_id, run.c.finished_at.is_(None))
        if item.org_id is not None:
            query = query.where(run.c.org_id == item.org_id)
        row = connection.execute(query).one_or_none()
        if row is None:
            if item.org_id is None:
                close_stages(connection, [item.run_id])
            return None
        now = time.time()
        found = run_row(row)
        finish = _ending(connection, found, item, now)
        if not finish_runs(connection, self._dialect, [(found, finish)], now):
            # it ended while its row was waited for
            return None
        close_stages(connection, [found.id])
        write(connection, Actor(found.org_id, item.actor), "run.cancel", found.id, {"code": item.code})
        if item.code == "run.internal":
            connection.execute(insert(alert).values(_alert(found, item, now)))
        if not found.callback_url:
            return ""
        values = delivery_values(found, finish, now)
        connection.execute(insert(delivery), values)
        return str(values["id"])

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
                wake_at=time.time(),
                finished_at=None,
                fence=delivery.c.fence + 1,
            )
        )
        if not done.rowcount:
            return False
        run_id = select(delivery.c.run_id).where(delivery.c.id == item.delivery_id).scalar_subquery()
        connection.execute(update(run).where(run.c.id == run_id).values(callback_status="pending"))
        write(connection, Actor(item.org_id, item.actor), "delivery.replay", item.delivery_id)
        return True

    def resume(self, connection: Connection, items: Sequence[Resume]) -> list[list[str] | None]:
        """Close breakers; per item the ids of the runs they held, None when there is no such open breaker."""
        return [self._resume(connection, item) for item in items]

    def _resume(self, connection: Connection, item: Resume) -> list[str] | None:
        now = time.time()
        done = connection.execute(
            update(breaker)
            .where(
                breaker.c.gate == item.gate, breaker.c.org_id == item.org_id, breaker.c.opened_at.is_not(None)
            )
            .values(opened_at=None, closed_at=now, closed_by=item.actor)
        )
        if not done.rowcount:
            return None
        action = "breaker.drop" if item.drop else "breaker.resume"
        write(connection, Actor(item.org_id, item.actor), action, item.gate)
        held = self._held(connection, item.gate)
        if not item.drop:
            self._release(connection, item.gate, held, now)
        return held

    @staticmethod
    def _held(connection: Connection, gate: str) -> list[str]:
        rows = connection.execute(
            select(stage.c.run_id)
            .where(stage.c.gate == gate, stage.c.state == "waiting", stage.c.wake_at.is_(None))
            .order_by(stage.c.run_id)
        )
        return [row.run_id for row in rows]

    @staticmethod
    def _release(connection: Connection, gate: str, held: Sequence[str], now: float) -> None:
        # each released run takes its turn at the limiter when it is claimed
        slots = [{"gate": gate, "run_id": run_id, "slot": now, "started": False} for run_id in held]
        if slots:
            connection.execute(insert(start_log), slots)
        connection.execute(
            update(stage)
            .where(stage.c.gate == gate, stage.c.state == "waiting", stage.c.wake_at.is_(None))
            .values(state="ready", wake_at=now)
        )
        connection.execute(update(run).where(run.c.id.in_(held)).values(wait=None))


def _alert(found: RunRow, item: Cancel, now: float) -> dict[str, Any]:
    subject = f"{found.workflow} / {found.id}"
    words = {"code": item.code, "subject": subject, "text": item.words}
    return {"id": new_id("alr"), "org_id": found.org_id, "at": now, **words}


def _ending(connection: Connection, found: RunRow, item: Cancel, now: float) -> Finish:
    cost = sum(
        row.credits for row in connection.execute(select(step.c.credits).where(step.c.run_id == found.id))
    )
    failure = Failure(item.code, f"{item.words} by {item.actor}" if item.actor != "system" else item.words)
    body = failed(facts_of(found, now, cost, 1), failure)
    status: Any = "cancelled" if item.code == "run.cancelled" else "failed"
    return Finish(status, "job.failed", body, cost, error_code=item.code, error=error(failure))
