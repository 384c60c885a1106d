"""What the leading worker does about schedules: read what is due, and have it served in one transaction."""

import json
import os
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from app import clock
from app.delivery.body import Failure
from app.engine import journal
from app.engine.feed import Rung, Submit
from app.engine.fire import Fire, Fired, Fires, due_key
from app.engine.records import NewRun
from app.engine.reject import Refused
from app.engine.writer import QueueFullError, StoreUnavailableError
from app.points import Point, reached
from app.store import schedules as rows
from app.store.database import Database
from app.store.ids import new_id
from app.store.schedules import ScheduleRow
from app.workflows.cron import Missed, timetable
from app.workflows.errors import ArchivedError, NotPublishedError, WorkflowError
from app.workflows.published import PublishedVersions
from app.workflows.schedules import scheduled
from app.workflows.ways import told
from graphs.trigger import TriggerInvalid

_AT_ONCE = 50


class Firing:
    """Serves due schedules; only what was committed is rung for."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._published = PublishedVersions(db)
        self._operation = Fires(db.dialect).fire

    def __call__(self, submit: Submit) -> Rung:
        """Serve what is due now, through a writer's `submit`."""
        now = clock.wall()
        with self._db.read() as connection:
            due = rows.due(connection, now, _AT_ONCE)
        fires = [fire for row in due if (fire := self._fire(row, now)) is not None]
        asked = [(fire, submit(self._operation, fire)) for fire in fires]
        found = [(fire, _outcome(future)) for fire, future in asked]
        if found:
            reached(Point.SCHEDULE_FIRED)
        for fire, fired in found:
            if fire.refused and fired.rejected:
                failure = fire.refused.failure
                journal.run_refused(fire.refused.run, fired.rejected.run_id, failure.error_code)
        letters = [each.rejected.delivery_id for _, each in found if each.rejected]
        return Rung(
            [(run_id, 0) for _, each in found for run_id in each.runs],
            [delivery for delivery in letters if delivery],
        )

    def _fire(self, row: ScheduleRow, now: float) -> Fire | None:
        if row.next_at is None:
            return None
        times = timetable(row.cron, row.zone)
        missed: Missed = row.missed  # type: ignore[assignment]
        owed = times.owed(row.next_at, now, missed)
        last = max(owed[-1] if owed else row.next_at, row.last_at or 0.0)
        plain = Fire(row.id, row.org_id, (row.next_at, row.updated_at), last, times.next(now), row.error)
        return self._serve(row, plain, owed) if owed else plain

    def _serve(self, row: ScheduleRow, plain: Fire, owed: tuple[float, ...]) -> Fire:
        payload = json.loads(row.payload)
        try:
            published = self._published.get(row.org_id, row.workflow)
            new = scheduled(published, row)
        except TriggerInvalid as error:
            read = replace(_empty(row, payload), version=published.number, version_id=published.version_id)
            first = error.errors[0]
            wrong = tuple(map(told, error.errors))
            node = published.plan.trigger.id
            return _failed(row, plain, read, Failure(first.code, str(error), first.field, node, errors=wrong))
        except WorkflowError as error:
            failure = Failure(_code(error), str(error))
            return _failed(row, plain, _empty(row, payload), failure, stop=isinstance(error, ArchivedError))
        runs = tuple(
            replace(new, idempotency=due_key(row.id, due), trace_id=os.urandom(16).hex()) for due in owed
        )
        return replace(plain, error=None, news=runs)


def _failed(row: ScheduleRow, plain: Fire, new: NewRun, failure: Failure, *, stop: bool = False) -> Fire:
    reason = failure.error_description
    return replace(
        plain,
        error=reason,
        refused=Refused(new, failure),
        subject="" if row.error == reason else f"{row.workflow} / {row.name}",
        stop=stop,
    )


def _empty(row: ScheduleRow, payload: dict[str, Any]) -> NewRun:
    return NewRun(
        org_id=row.org_id,
        project_id=row.project_id,
        workflow_id=row.workflow_id,
        workflow=row.workflow,
        version=0,
        version_id=None,
        plan=None,
        caller_id=row.caller_id,
        caller=row.caller,
        source="schedule",
        trigger=payload,
        inputs={},
        trace_id=os.urandom(16).hex(),
        request_id=new_id("req"),
        callback_url=row.callback_url,
        schedule_id=row.id,
    )


def _code(error: WorkflowError) -> str:
    known = {
        NotPublishedError: "trigger.workflow_not_published",
        ArchivedError: "trigger.workflow_archived",
    }
    return known.get(type(error), "trigger.workflow_not_found")


def _outcome(future: "Future[Any]") -> Fired:
    try:
        fired: Fired = future.result()
    except (StoreUnavailableError, QueueFullError):
        # nothing was stored, so it is still due
        return Fired()
    return fired
