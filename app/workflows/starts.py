"""Starting runs by other ways than the trigger: by hand, and again (contract §3, §4)."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from app import clock
from app.engine.engine import Engine
from app.engine.records import NewRun, Source, Started
from app.identity.roles import Identity
from app.store import audit, callers, generations, idempotency
from app.store import runs as rows
from app.store.callers import CallerRow
from app.store.database import Database
from app.store.ids import new_id
from app.store.runs import RunRow
from app.store.workflows import version_by_id
from app.workflows.drafts import tried
from app.workflows.errors import WorkflowError
from app.workflows.held import wait_for
from app.workflows.keeping import Again, Earlier, NotRerunnableError, kept
from app.workflows.published import Published
from app.workflows.service import WorkflowService
from graphs.kinds import DELIVERY
from graphs.partial import leading_to
from graphs.plan import Plan
from graphs.stale import RESUMED
from graphs.trigger import RESERVED, TriggerInvalid

Json = dict[str, Any]
# where an idempotency key is remembered, and the hash of what was asked for with it
Key = tuple[str, str]


class RunUnknownError(Exception):
    """There is no such run in what the identity may see."""


class Starts:
    """Starts runs in the name of a person or service; answers come after the commit."""

    def __init__(self, db: Database, engine: Engine, workflows: WorkflowService) -> None:
        self._db = db
        self._engine = engine
        self._workflows = workflows

    async def by_hand(
        self,
        identity: Identity,
        slug: str,
        body: Json,
        *,
        version: int | None = None,
        source: Source = "canvas",
        callback_url: str | None = None,
        request_id: str | None = None,
        targets: tuple[str, ...] = (),
    ) -> Started:
        """Start a published version with a payload of business fields; `callback_url` is one of our own.

        With `targets` only what leads to these nodes runs.

        Raises:
            WorkflowUnknownError, NotPublishedError, ArchivedError, TriggerInvalid, StoreUnavailableError
        """
        published = await asyncio.to_thread(self._workflows.published, identity.org_id, slug, version)
        caller = await asyncio.to_thread(self._caller, identity.caller_id)
        new = by_identity(published, identity, body, source, request_id, caller)
        new = aimed(replace(new, callback_url=callback_url), targets)
        return await asyncio.wrap_future(self._engine.start(new))

    async def again(
        self,
        identity: Identity,
        run_id: str,
        how: Again,
        *,
        request_id: str | None = None,
        key: Key | None = None,
    ) -> Started:
        """Start a run anew from an ended or open one; its callback goes where the first one's went.

        Raises:
            RunUnknownError, NotRerunnableError, WorkflowUnknownError, ArchivedError, TriggerInvalid,
            IdempotencyMismatchError
        """
        started = await asyncio.to_thread(self._known, key)
        if started is None:
            new = await asyncio.to_thread(self._prepare, identity, run_id, how, request_id)
            started = await asyncio.wrap_future(self._engine.start(replace(new, idempotency=key)))
        await asyncio.to_thread(self._note_all, identity, {run_id: started}, request_id)
        return started

    async def many(
        self,
        identity: Identity,
        run_ids: Sequence[str],
        how: Again,
        *,
        per_second: float,
        request_id: str,
        key: Callable[[str], Key | None] = lambda _: None,
    ) -> dict[str, Started | Exception]:
        """Start several runs anew, stored at once and spread over time; per run what came of it.

        With keys, by run, one that was started under its key before is not started again.
        """
        found = await asyncio.to_thread(self._prepare_all, identity, run_ids, how, request_id)
        good = [run_id for run_id, new in found.items() if isinstance(new, NewRun)]
        begin = clock.now()
        asked = [
            self._engine.start(replace(new, start_at=begin + place / per_second, idempotency=key(run_id)))
            for place, run_id in enumerate(good)
            if isinstance(new := found[run_id], NewRun)
        ]
        answers = await asyncio.gather(*map(asyncio.wrap_future, asked), return_exceptions=True)
        done = dict(zip(good, answers, strict=True))
        notes = {run_id: each for run_id, each in done.items() if isinstance(each, Started)}
        await asyncio.to_thread(self._note_all, identity, notes, request_id)
        failed = next((each for each in answers if isinstance(each, BaseException)), None)
        if failed is not None and not notes:
            raise failed
        return {
            run_id: new if isinstance(new, Exception) else _told(done[run_id])
            for run_id, new in found.items()
        }

    def _prepare_all(
        self, identity: Identity, run_ids: Sequence[str], how: Again, request_id: str
    ) -> dict[str, NewRun | Exception]:
        found: dict[str, NewRun | Exception] = {}
        for run_id in run_ids:
            try:
                found[run_id] = self._prepare(identity, run_id, how, request_id)
            except (RunUnknownError, NotRerunnableError, WorkflowError, TriggerInvalid) as error:
                found[run_id] = error
        return found

    def _note_all(self, identity: Identity, started: Mapping[str, Started], request_id: str | None) -> None:
        with self._db.write() as connection:
            for run_id, later in started.items():
                detail = {"started": later.run_id}
                # whoever started it may have died before this was written
                known = later.replayed and audit.is_known(
                    connection, identity.org_id, "run.rerun", run_id, detail
                )
                if known:
                    continue
                audit.write(connection, identity.acting(request_id), "run.rerun", run_id, detail)

    def _prepare(self, identity: Identity, run_id: str, how: Again, request_id: str | None) -> NewRun:
        with self._db.read() as connection:
            earlier, body = _earlier(connection, identity, run_id)
        run = earlier.run
        wanted = how.version if how.version is not None else run.version
        published = (
            tried(self._db, self._workflows, identity.org_id, run.workflow, run.version_id)
            if not wanted and run.version_id
            else self._workflows.published(identity.org_id, run.workflow, wanted)
        )
        fields = {**body, **(how.inputs or {})}
        caller = self._caller(run.caller_id)
        new = by_identity(published, identity, fields, "rerun", request_id, caller, earlier=run)
        new = _timed(aimed(replace(new, fresh=how.fresh), how.targets), how.deadline_seconds)
        if new.plan is None:
            return new
        keep = kept(earlier, new.plan, new.inputs, how)
        why = dict.fromkeys(keep, RESUMED) if keep and how.from_failed else None
        return replace(new, keep=keep, kept_as=why)

    def _known(self, key: Key | None) -> Started | None:
        """What this key answered before, whatever became of the workflow since."""
        if key is None:
            return None
        with self._db.read() as connection:
            found = idempotency.find(connection, key[0])
        if found is None or found.payload_hash != key[1]:
            return None
        return Started(found.run_id, found.response.encode(), replayed=True)

    def _caller(self, caller_id: str) -> CallerRow | None:
        with self._db.read() as connection:
            return callers.by_id(connection, caller_id)


def _timed(new: NewRun, seconds: float | None) -> NewRun:
    return new if seconds is None else replace(new, deadline_seconds=seconds)


def _told(answer: Started | BaseException) -> Started | Exception:
    return answer if isinstance(answer, Started | Exception) else RuntimeError(type(answer).__name__)


def _earlier(connection: Connection, identity: Identity, run_id: str) -> tuple[Earlier, Json]:
    run = rows.get(connection, identity.scope, run_id)
    payloads = rows.payloads(connection, run_id) if run else None
    if run is None or payloads is None:
        raise RunUnknownError(run_id)
    version = version_by_id(connection, run.version_id) if run.version_id else None
    plan = Plan.from_json(json.loads(version.plan)) if version else None
    steps = generations.steps(connection, run_id)
    return Earlier(run, plan, json.loads(payloads.inputs), steps), json.loads(payloads.trigger)


def aimed(new: NewRun, targets: tuple[str, ...]) -> NewRun:
    """The run, ending at some nodes; nobody is called back unless it delivers."""
    if not targets or new.plan is None:
        return new
    unknown = sorted(set(targets) - {node.id for node in new.plan.nodes})
    if unknown:
        raise NotRerunnableError("targets", f"version {new.version} has no node '{unknown[0]}'")
    plan = leading_to(new.plan, targets)
    url = new.callback_url if plan.of_kind(DELIVERY) else None
    return replace(new, plan=plan, targets=tuple(sorted(set(targets))), callback_url=url)


def by_identity(  # noqa: PLR0917
    published: Published,
    identity: Identity,
    body: Json,
    source: Source,
    request_id: str | None,
    caller: CallerRow | None,
    *,
    earlier: RunRow | None = None,
) -> NewRun:
    """A run in the name of whoever asks for it, with a payload that the contract is asked about.

    Raises:
        TriggerInvalid
    """
    business = {name: value for name, value in body.items() if name not in RESERVED}
    accepted = published.trigger.read(business)
    return NewRun(
        org_id=identity.org_id,
        project_id=earlier.project_id if earlier else published.workflow.project_id,
        workflow_id=published.workflow.id,
        workflow=published.workflow.slug,
        version=published.number,
        version_id=published.version_id,
        plan=published.plan,
        # limits and budgets belong to the caller of the first run, whoever repeats it
        caller_id=earlier.caller_id if earlier else identity.caller_id,
        caller=earlier.caller if earlier else identity.caller,
        source=source,
        trigger={name: value for name, value in business.items() if name not in accepted.ignored},
        inputs=accepted.values,
        trace_id=os.urandom(16).hex(),
        request_id=request_id or new_id("req"),
        ignored=tuple(accepted.ignored),
        callback_url=earlier.callback_url if earlier else None,
        external_id=earlier.external_id if earlier else None,
        rerun_of=earlier.id if earlier else None,
        deadline_seconds=published.workflow.deadline_seconds,
        paused=wait_for(published.workflow, caller),
    )
