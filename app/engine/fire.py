"""Schedules that fire: the runs and the next due time are one transaction, so nothing fires twice (S1)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, true, update

from app import clock
from app.delivery.body import Failure
from app.engine.accept import accept
from app.engine.money import BudgetExhaustedError
from app.engine.records import NewRun, Started
from app.engine.reject import Refused, Rejected, Rejections
from app.points import Point, reached
from app.store.database import Dialect
from app.store.ids import new_id
from app.store.tables import alert, schedule

ALERT = "schedule_failed"


@dataclass(frozen=True, slots=True)
class Fire:
    """What a schedule owes, as it was read; nothing happens when it was changed or served since.

    Attributes:
        seen: Its ``next_at`` and ``updated_at`` when it was read.
        last_at: The newest due time this serves or lets pass, seconds since the epoch.
        next_at: When it is due next; None: never again.
        error: Why it cannot run now, shown on the schedule; None clears it.
        news: One run for each due time to serve.
        refused: The run to keep as failed instead.
        subject: Names the schedule in an alert; empty: somebody was told of this error before.
        stop: Switch the schedule off.
    """

    schedule_id: str
    org_id: str
    seen: tuple[float, float]
    last_at: float
    next_at: float | None
    error: str | None = None
    news: tuple[NewRun, ...] = ()
    refused: Refused | None = None
    subject: str = ""
    stop: bool = False


@dataclass(frozen=True, slots=True)
class Fired:
    """What to ring for."""

    runs: tuple[str, ...] = ()
    rejected: Rejected | None = None


def due_key(schedule_id: str, due: float) -> tuple[str, str]:
    """The idempotency key of one due time: two runs for it cannot be stored, whatever the clock did."""
    scope = hashlib.sha256(f"schedule\0{schedule_id}\0{due!r}".encode()).hexdigest()
    return scope, scope


class Fires:
    """The operation that serves due schedules."""

    def __init__(self, dialect: Dialect) -> None:
        self._rejections = Rejections(dialect)

    def fire(self, connection: Connection, items: Sequence[Fire]) -> list[Fired]:
        """Advance each schedule and store its runs, if it still stands as it was read."""
        return [self._fire(connection, item) for item in items]

    def _fire(self, connection: Connection, item: Fire) -> Fired:
        if not _advance(connection, item):
            return Fired()
        if item.subject and item.error:
            _alert(connection, item)
        rejected = self._rejections.reject(connection, [item.refused])[0] if item.refused else None
        answers = accept(connection, item.news) if item.news else []
        # a schedule has nobody to answer 402 to: what the budget refuses stands in the history
        over = [
            Refused(new, Failure("trigger.budget_exhausted", each.explanation))
            for new, each in zip(item.news, answers, strict=True)
            if isinstance(each, BudgetExhaustedError)
        ]
        self._rejections.reject(connection, over)
        runs = tuple(each.run_id for each in answers if isinstance(each, Started) and not each.replayed)
        last = runs[-1] if runs else rejected.run_id if rejected else None
        if last:
            mine = update(schedule).where(schedule.c.id == item.schedule_id)
            connection.execute(mine.values(last_run_id=last))
        reached(Point.SCHEDULE_WRITTEN)
        return Fired(runs, rejected)


def _advance(connection: Connection, item: Fire) -> bool:
    next_at, updated_at = item.seen
    change = (
        update(schedule)
        .where(
            schedule.c.id == item.schedule_id,
            schedule.c.next_at == next_at,
            schedule.c.updated_at == updated_at,
            schedule.c.enabled == true(),
        )
        .values(
            next_at=None if item.stop else item.next_at,
            last_at=item.last_at,
            error=item.error,
            enabled=not item.stop and item.next_at is not None,
        )
    )
    return connection.execute(change).rowcount == 1


def _alert(connection: Connection, item: Fire) -> None:
    connection.execute(
        insert(alert).values(
            id=new_id("alr"),
            org_id=item.org_id,
            at=clock.now(),
            code=ALERT,
            subject=item.subject[:200],
            text=item.error,
        )
    )
