"""Schedules as people keep them: make, change, switch, try; firing them is the workers' (S1)."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from app import clock
from app.delivery.callbacks import CallbackRule
from app.engine.engine import Engine
from app.engine.records import NewRun, Started
from app.identity.roles import Identity
from app.store import audit
from app.store import callers as caller_rows
from app.store import schedules as rows
from app.store.audit import Actor
from app.store.database import Database
from app.store.rows import Page
from app.store.schedules import ScheduleRow
from app.workflows.cron import MISSED, CronInvalidError, Timetable, check_zone, normal, timetable
from app.workflows.errors import InvalidFieldsError, WayUnknownError, WorkflowError
from app.workflows.published import Published
from app.workflows.service import WorkflowService
from app.workflows.ways import Party, new_run, wrong, wrong_callback, wrong_payload
from graphs.trigger import FieldError

MOST = 1_000
MOST_NEXT = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """A schedule as asked for; texts as people wrote them."""

    workflow: str
    cron: str
    time_zone: str = "UTC"
    name: str = ""
    missed: str = "skip"
    payload: Mapping[str, Any] = field(default_factory=dict)
    caller: str | None = None
    callback_url: str | None = None
    enabled: bool = True


class Schedules:
    """Keeps schedules; every change is audited."""

    def __init__(
        self, db: Database, workflows: WorkflowService, engine: Engine, callback: CallbackRule
    ) -> None:
        self._db = db
        self._workflows = workflows
        self._engine = engine
        self._callback = callback

    def page(
        self, org_id: str, slug: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[ScheduleRow]:
        with self._db.read() as connection:
            return rows.list_page(connection, org_id, slug, cursor, limit)

    def get(self, org_id: str, schedule_id: str) -> ScheduleRow:
        """Raises WayUnknownError."""
        with self._db.read() as connection:
            return _found(connection, org_id, schedule_id)

    def create(self, who: Identity, wanted: Wanted, request_id: str | None = None) -> ScheduleRow:
        """A new schedule, due from now on.

        Raises:
            InvalidFieldsError: With every wrong field at once.
            WorkflowUnknownError
        """
        values = self._checked(who, wanted)
        with self._db.write() as connection:
            if len(rows.list_page(connection, who.org_id, limit=MOST).items) >= MOST:
                raise InvalidFieldsError([wrong("workflow", f"has no room: at most {MOST} schedules")])
            identifier = rows.add(connection, {**values, "created_by": who.actor})
            _note(connection, who.acting(request_id), "schedule.create", identifier, wanted)
            return _found(connection, who.org_id, identifier)

    def replace(
        self, who: Identity, schedule_id: str, wanted: Wanted, request_id: str | None = None
    ) -> ScheduleRow:
        """Change everything about a schedule; what it was due for and has served stays served.

        Raises:
            WayUnknownError, InvalidFieldsError, WorkflowUnknownError
        """
        values = self._checked(who, wanted, self.get(who.org_id, schedule_id).caller)
        with self._db.write() as connection:
            earlier = _found(connection, who.org_id, schedule_id)
            rows.change(connection, schedule_id, values | {"next_at": _next(earlier, values), "error": None})
            _note(connection, who.acting(request_id), "schedule.change", schedule_id, wanted)
            return _found(connection, who.org_id, schedule_id)

    def switch(
        self, who: Identity, schedule_id: str, *, enabled: bool, request_id: str | None = None
    ) -> ScheduleRow:
        """Let a schedule rest, or run again from now on; what it missed at rest is not made up for.

        Raises:
            WayUnknownError
        """
        with self._db.write() as connection:
            earlier = _found(connection, who.org_id, schedule_id)
            values = {"cron": earlier.cron, "zone": earlier.zone, "enabled": enabled}
            rows.change(connection, schedule_id, {"enabled": enabled, "next_at": _next(earlier, values)})
            action = "schedule.enable" if enabled else "schedule.disable"
            audit.write(connection, who.acting(request_id), action, schedule_id)
            return _found(connection, who.org_id, schedule_id)

    def delete(self, who: Identity, schedule_id: str, request_id: str | None = None) -> None:
        """Raises WayUnknownError; the runs it started stay."""
        with self._db.write() as connection:
            _found(connection, who.org_id, schedule_id)
            rows.remove(connection, schedule_id)
            audit.write(connection, who.acting(request_id), "schedule.delete", schedule_id)

    async def run_now(self, who: Identity, schedule_id: str, request_id: str | None = None) -> Started:
        """Start what a schedule would start, at once and besides its times.

        Raises:
            WayUnknownError, NotPublishedError, ArchivedError, TriggerInvalid, StoreUnavailableError
        """
        row = await asyncio.to_thread(self.get, who.org_id, schedule_id)
        published = await asyncio.to_thread(self._workflows.published, row.org_id, row.workflow)
        new = scheduled(published, row, request_id)
        started = await asyncio.wrap_future(self._engine.start(new))
        await asyncio.to_thread(self._note_run, who, row.id, started.run_id, request_id)
        return started

    def _note_run(self, who: Identity, schedule_id: str, run_id: str, request_id: str | None) -> None:
        with self._db.write() as connection:
            rows.remember_run(connection, schedule_id, run_id)
            audit.write(connection, who.acting(request_id), "schedule.run", schedule_id, {"started": run_id})

    def _checked(self, who: Identity, wanted: Wanted, caller: str | None = None) -> dict[str, Any]:
        """The columns of a schedule as asked for; its caller by default the one it had, or who asks."""
        with self._db.read() as connection:
            owner = caller_rows.find(connection, who.org_id, wanted.caller or caller or who.caller_id)
        published, errors = self._published(who.org_id, wanted.workflow)
        times, bad = _times(wanted)
        errors += bad
        if owner is None:
            errors.append(wrong("caller", f"names no caller: '{wanted.caller}'"))
        if wanted.missed not in MISSED:
            errors.append(wrong("missed", f"must be one of {', '.join(MISSED)}", allowed=MISSED))
        if published is not None:
            errors += wrong_payload(published, wanted.payload)
        errors += wrong_callback(self._callback, wanted.callback_url)
        if errors or owner is None or published is None or times is None:
            raise InvalidFieldsError(errors)
        return {
            "org_id": who.org_id,
            "workflow_id": published.workflow.id,
            "caller_id": owner.id,
            "name": wanted.name.strip() or times.describe(),
            "cron": times.cron,
            "zone": times.zone.key,
            "missed": wanted.missed,
            "payload": json.dumps(dict(wanted.payload), ensure_ascii=False),
            "callback_url": wanted.callback_url,
            "enabled": wanted.enabled,
            "next_at": times.next(clock.wall()) if wanted.enabled else None,
        }

    def _published(self, org_id: str, slug: str) -> tuple[Published | None, list[FieldError]]:
        try:
            return self._workflows.published(org_id, slug), []
        except WorkflowError as error:
            return None, [wrong("workflow", f"cannot be scheduled: {error}")]


def scheduled(published: Published, row: ScheduleRow, request_id: str | None = None) -> NewRun:
    """A run as a schedule starts it.

    Raises:
        TriggerInvalid: The contract has changed since its payload was saved.
    """
    party = Party(row.org_id, row.caller_id, row.caller)
    new = new_run(published, party, json.loads(row.payload), "schedule", request_id=request_id)
    return replace(new, schedule_id=row.id, callback_url=row.callback_url)


def preview(cron: str, zone: str, count: int = 5) -> tuple[str, tuple[float, ...]]:
    """What an expression says in words, and its next due times.

    Raises:
        InvalidFieldsError: Names `cron` or `time_zone`.
    """
    times, errors = _times(Wanted("", cron, zone))
    if times is None:
        raise InvalidFieldsError(errors)
    return times.describe(), tuple(islice(times.after(clock.wall()), min(count, MOST_NEXT)))


def _times(wanted: Wanted) -> tuple[Timetable | None, list[FieldError]]:
    errors = []
    for name, check, value in (("cron", normal, wanted.cron), ("time_zone", check_zone, wanted.time_zone)):
        try:
            check(value)
        except CronInvalidError as error:
            errors.append(wrong(name, str(error)))
    return (None if errors else timetable(wanted.cron, wanted.time_zone)), errors


def _next(earlier: ScheduleRow, values: Mapping[str, Any]) -> float | None:
    """When it is due next after a change: never for a time that was served already."""
    if not values["enabled"]:
        return None
    same = (earlier.cron, earlier.zone) == (values["cron"], values["zone"])
    if same and earlier.enabled and earlier.next_at is not None:
        return earlier.next_at
    since = max(clock.wall(), earlier.last_at or 0.0)
    return timetable(values["cron"], values["zone"]).next(since)


def _found(connection: Connection, org_id: str, schedule_id: str) -> ScheduleRow:
    row = rows.get(connection, org_id, schedule_id)
    if row is None:
        raise WayUnknownError("schedule")
    return row


def _note(connection: Connection, actor: Actor, action: str, schedule_id: str, wanted: Wanted) -> None:
    detail = {
        "workflow": wanted.workflow,
        "cron": wanted.cron,
        "time_zone": wanted.time_zone,
        "missed": wanted.missed,
        "enabled": wanted.enabled,
    }
    audit.write(connection, actor, action, schedule_id, detail)
