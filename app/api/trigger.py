"""The trigger's front door, without a framework on its way (contract §3).

Strict JSON, key, contract of the published version, idempotency, rows; then the 202, and not before.
"""

import asyncio
import re
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive, Scope, Send

from app import clock
from app.api import guard
from app.api.asked import Asked, UsedKey, used_key
from app.api.budget import over_budget
from app.api.context import Call, call_of
from app.api.intake import MAX_BYTES, ClientGoneError, Head, check_media, read_body
from app.api.problems import FieldProblem, ProblemError, invalid, render
from app.api.raw import reply
from app.api.reserved import read_reserved
from app.cache import MISSING, MomentCache
from app.delivery.body import Failure
from app.delivery.callbacks import CallbackRule
from app.delivery.signing import SignatureInvalidError, verify
from app.engine.money import BudgetExhaustedError
from app.engine.records import IdempotencyMismatchError, Started
from app.engine.writer import QueueFullError, StoreUnavailableError
from app.identity.callers import Caller
from app.identity.roles import Identity
from app.store import callers, idempotency
from app.wiring import System
from app.workflows.errors import ArchivedError, NotPublishedError, WorkflowUnknownError
from app.workflows.published import Published
from graphs.strictjson import StrictJsonError, pointer, read_object
from graphs.trigger import Accepted, FieldError, TriggerInvalid

PREFIX = "/v1/hooks/"
ACTION = "runs.trigger"
_REFERENCE = re.compile(r"([a-z0-9-]{1,80})(?:@([1-9][0-9]{0,8}))?")
_SIGNED = (b"webhook-id", b"webhook-timestamp", b"webhook-signature")
_BIG = 64 * 1024
_LOG = structlog.get_logger()

Json = dict[str, Any]


class TriggerDoor:
    """The ASGI application behind ``/v1/hooks/``."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._callback = CallbackRule(system.egress_policy, system.public_url)
        self._projects: MomentCache[tuple[str, str], str | None] = MomentCache(seconds=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 202 after the commit, or a problem."""
        head: Head = dict(scope["headers"])
        call = call_of(scope["headers"], self._system.public_url)
        try:
            started = await self._trigger(scope, head, call, receive)
            answer = _accepted(started)
        except ClientGoneError:
            return
        except ProblemError as problem:
            answer = render(problem, call)
        except (StoreUnavailableError, SQLAlchemyError, OSError) as error:
            _LOG.warning("trigger_store_failed", reason=type(error).__name__, request_id=call.request_id)
            answer = render(_unavailable(), call)
        except Exception:  # noqa: BLE001 - whatever went wrong, the caller gets a problem document
            _LOG.exception("trigger_failed", request_id=call.request_id, trace_id=call.trace_id)
            answer = render(ProblemError("http.internal", "something went wrong on our side"), call)
        await reply(send, call, *answer)

    async def _trigger(self, scope: Scope, head: Head, call: Call, receive: Receive) -> Started:
        if scope["method"] != "POST":
            detail = f"{scope['method']} is not a way to trigger a workflow; use POST"
            raise ProblemError("http.method_not_allowed", detail, headers={"allow": "POST"})
        identity = await guard.by_key(self._system, head)
        guard.check(identity, ACTION)
        check_media(head)
        raw = await read_body(head, receive, MAX_BYTES)
        caller = await self._check_signature(identity, head, raw)
        body = await _parse(raw)
        keys = [value for name, value in scope["headers"] if name == b"idempotency-key"]
        try:
            published = await self._published(identity.org_id, scope["path"].removeprefix(PREFIX))
        except ArchivedError as error:
            return await self._before_archiving(error, identity, body, keys)
        asked, wrong = await self._ask(call, identity, published, body, keys)
        return await self._start(replace(asked, caller=caller), wrong)

    async def _ask(
        self, call: Call, identity: Identity, published: Published, body: Json, keys: list[bytes]
    ) -> tuple[Asked, list[FieldProblem]]:
        reserved, wrong = read_reserved(body, keys, self._callback)
        project_id: str | None = published.workflow.project_id
        if reserved.project_id is not None and reserved.project_id != project_id:
            project_id = await self._project(identity.org_id, reserved.project_id)
        if project_id is None:
            detail = "project_id names no project of this organisation"
            wrong.append(FieldProblem("project_id", "trigger.unknown_value", detail, "/project_id"))
        home = project_id or published.workflow.project_id
        return Asked(call, identity, published, body, reserved, home), wrong

    async def _start(self, asked: Asked, wrong: list[FieldProblem]) -> Started:
        try:
            accepted = asked.published.trigger.read(asked.body)
        except TriggerInvalid as error:
            wrong = [_field_problem(each) for each in error.errors] + wrong
        if wrong:
            return await self._refuse(asked, wrong)
        try:
            return await asyncio.wrap_future(self._system.engine.start(asked.new_run(accepted)))
        except IdempotencyMismatchError:
            raise _mismatch() from None
        except QueueFullError:
            raise _queue_full() from None
        except BudgetExhaustedError as error:
            raise over_budget(error) from None

    async def _refuse(self, asked: Asked, wrong: list[FieldProblem]) -> Started:
        """Keep the refused trigger as a failed run and say so, unless the same was accepted earlier."""
        earlier = await self._earlier(asked.idempotency)
        if earlier is not None:
            return earlier
        problem = invalid(wrong, status=422)
        failure = Failure(
            problem.code,
            problem.detail,
            problem.invalid_field,
            asked.published.plan.trigger.id,
            errors=tuple(each.to_json() for each in wrong),
        )
        new = asked.new_run(Accepted({}, []))
        try:
            rejected = await asyncio.wrap_future(self._system.engine.reject(new, failure))
        except QueueFullError:
            raise _queue_full() from None
        problem.extra["job_id"] = rejected.run_id
        problem.headers["location"] = f"/v1/runs/{rejected.run_id}"
        raise problem

    async def _before_archiving(
        self, error: ArchivedError, identity: Identity, body: Json, keys: list[bytes]
    ) -> Started:
        """What was accepted while the workflow took triggers gets its first answer again."""
        reserved, _ = read_reserved(body, keys, self._callback)
        if error.workflow_id and reserved.idempotency_key:
            used = used_key(identity.caller_id, error.workflow_id, reserved.idempotency_key, body)
            if earlier := await self._earlier(used):
                return earlier
        raise ProblemError("trigger.workflow_archived", str(error))

    async def _earlier(self, key: UsedKey | None) -> Started | None:
        """What the same key and payload got, under whatever version of the contract.

        Raises:
            ProblemError: trigger.idempotency_mismatch, where the key was used with another payload.
        """
        found = await asyncio.to_thread(self._find_key, key.scope) if key else None
        if key is None or found is None:
            return None
        if found.payload_hash != key.payload:
            raise _mismatch()
        return Started(found.run_id, found.response.encode(), replayed=True)

    def _find_key(self, scope: str) -> idempotency.KeyRow | None:
        with self._system.db.read() as connection:
            return idempotency.find(connection, scope)

    async def _check_signature(self, identity: Identity, head: Head, raw: bytes) -> Caller | None:
        caller = self._system.callers.recall(identity.caller_id)
        if caller is MISSING:
            caller = await asyncio.to_thread(self._system.callers.get, identity.caller_id)
        signed = any(name in head for name in _SIGNED)
        if not signed and not (caller and caller.settings.require_signature):
            return caller
        headers = {name.decode(): head[name].decode("latin-1") for name in _SIGNED if name in head}
        try:
            verify(caller.secrets if caller else (), headers, raw, now=clock.wall())
        except SignatureInvalidError as error:
            raise ProblemError("auth.invalid", str(error)) from None
        return caller

    async def _published(self, org_id: str, reference: str) -> Published:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise ProblemError("trigger.workflow_not_found", "there is no such workflow")
        slug, number = match[1], int(match[2]) if match[2] else None
        published = self._system.workflows.recall(org_id, slug, number)
        if published is not MISSING:
            return published
        try:
            return await asyncio.to_thread(self._system.workflows.published, org_id, slug, number)
        except WorkflowUnknownError as error:
            raise ProblemError("trigger.workflow_not_found", str(error)) from None
        except NotPublishedError as error:
            raise ProblemError("trigger.workflow_not_published", str(error)) from None

    async def _project(self, org_id: str, reference: str) -> str | None:
        found = self._projects.peek((org_id, reference))
        if found is MISSING:
            found = await asyncio.to_thread(self._find_project, org_id, reference)
        return found

    def _find_project(self, org_id: str, reference: str) -> str | None:
        def load() -> str | None:
            with self._system.db.read() as connection:
                row = callers.find_project(connection, org_id, reference)
            return row.id if row else None

        return self._projects.get((org_id, reference), load)


async def _parse(raw: bytes) -> Json:
    try:
        # a large body is read beside the loop, so that it delays nobody else
        return read_object(raw) if len(raw) < _BIG else await asyncio.to_thread(read_object, raw)
    except StrictJsonError as error:
        code, detail = f"trigger.{error.code}", f"the body {error.reason}"
        if error.path is None:
            raise ProblemError(code, detail) from None
        where = pointer(*error.path)
        field = where[1:].replace("/", ".") or None
        raise invalid([FieldProblem(field, code, detail, where)]) from None


def _field_problem(error: FieldError) -> FieldProblem:
    return FieldProblem(
        error.field, error.code, error.detail, error.pointer, error.allowed, error.did_you_mean
    )


def _mismatch() -> ProblemError:
    detail = "this idempotency key was used before with another payload; use a new key"
    wrong = FieldProblem("idempotency_key", "trigger.idempotency_mismatch", detail, "/idempotency_key")
    return invalid([wrong])


def _queue_full() -> ProblemError:
    detail = "too many triggers are waiting to be stored; nothing was accepted"
    return ProblemError("trigger.queue_full", detail, headers={"retry-after": "1"})


def _unavailable() -> ProblemError:
    detail = "the trigger could not be stored; nothing was accepted"
    return ProblemError("trigger.unavailable", detail, headers={"retry-after": "2"})


def _accepted(started: Started) -> tuple[int, bytes, dict[str, str]]:
    headers = {"content-type": "application/json", "location": f"/v1/runs/{started.run_id}"}
    if started.replayed:
        headers["idempotency-replayed"] = "true"
    return 202, started.body, headers
