"""Paid calls of one step: written down, sent once, followed, and never sent again blindly (S120, S121)."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from app import clock
from app.engine.call_records import OUTCOME_UNKNOWN, Answered, Call, FenceLostError, Intent, Lost, Submitted
from app.engine.circuits import Report
from app.engine.departures import Departed, Departure, HeldBack
from app.engine.ledger import Ledger
from app.engine.services import Service, Services
from app.points import Point, reached
from app.providers.asking import model_of
from app.providers.contract import Done, Pending
from app.providers.errors import JobEndedError, UnansweredError
from graphs.errors import (
    AmbiguousError,
    NodeError,
    OperatorError,
    PermanentError,
    ThrottledError,
    TransientError,
)
from graphs.node import Generated, GenerationRequest, Json, RunInfo, Wait
from graphs.pricing import credits_of
from graphs.sockets import Image

Keep = Callable[[GenerationRequest, Done], Awaitable[Generated]]
_PATIENCE = 30.0
_NEXT = 1.0
_LONGEST_JOB = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose call it is, and which claim it is made under."""

    org_id: str
    caller_id: str
    stage: int
    fence: int
    run: RunInfo
    # whether nothing may leave once the limit of its budget is passed
    hard: bool = False


class PaidCalls:
    """Generates with connected services."""

    def __init__(self, services: Services, ledger: Ledger) -> None:
        self._services = services
        self._ledger = ledger

    async def generate(self, ticket: Ticket, request: GenerationRequest, keep: Keep) -> Generated | Wait:
        """Send, or go on where an earlier try of this generation of the step stopped."""
        service = await self._services.find(ticket.org_id, request.provider)
        errand = _Errand(self._ledger, service, ticket, request, keep)
        state = ticket.run.state or {}
        job, call_id = state.get("job"), state.get("call")
        if isinstance(job, dict) and isinstance(call_id, str) and state.get("attempt") == ticket.run.attempt:
            return await errand.follow(call_id, job)
        return await errand.begin()


@dataclass(frozen=True)
class _Errand:
    """One step's business with one service."""

    ledger: Ledger
    service: Service
    ticket: Ticket
    request: GenerationRequest
    keep: Keep

    async def begin(self) -> Generated | Wait:
        connection = self.service.connection
        if not connection.enabled:
            raise OperatorError("node.provider_unavailable", f"the service {connection.name} is switched off")
        model_of(connection, self.request)
        patience = connection.settings.timeout_seconds + _PATIENCE
        try:
            departed = await self.ledger.depart(Departure(self._intent(), patience))
        except FenceLostError:
            raise TransientError("run.internal", "another worker has taken this step over") from None
        if isinstance(departed, HeldBack) and departed.budget:
            # what comes next is for the claim: it asks for the money anew, and holds the run
            raise ThrottledError("run.budget_stopped", departed.reason, retry_after=_NEXT)
        if isinstance(departed, HeldBack):
            words = f"calls of {connection.name} are held back after failures: {departed.reason}"
            raise ThrottledError(
                "node.circuit_open", words, retry_after=max(departed.until - clock.now(), 0.1)
            )
        call = departed.call
        if call.fresh:
            reached(Point.CALL_DEPARTED)
            return await self._send(departed)
        job = call.memo.get("job")
        if call.state == "submitted" and isinstance(job, dict):
            return await self.follow(call.id, job)
        return _former(call, connection.name)

    async def follow(self, call_id: str, job: Json) -> Generated | Wait:
        """Ask how a submitted job is doing."""
        name, since = self.service.connection.name, (self.ticket.run.state or {}).get("since")
        if isinstance(since, float) and clock.now() - since > _LONGEST_JOB:
            hours = _LONGEST_JOB / 3600
            raise PermanentError("node.provider_timeout", f"{name} did not finish its job in {hours:g} hours")
        try:
            answer = await self.service.provider.poll(job)
        except JobEndedError as ended:
            await self.ledger.note(_failed(call_id, ended.cause))
            raise ended.cause from None
        except PermanentError as error:
            # the job is over and what it made is of no use: it was paid for all the same
            await self.ledger.note(_charged(call_id, self._price(), error))
            error.credits = self._price()
            raise
        except (KeyError, ValueError):
            words = f"a job was submitted to {name} at another address; it cannot be asked for any more"
            raise OperatorError("node.provider_unavailable", words) from None
        reached(Point.JOB_POLLED)
        if isinstance(answer, Pending):
            return self._wait(call_id, answer)
        return await self._done(call_id, answer, None)

    async def _send(self, departed: Departed) -> Generated | Wait:
        call = departed.call
        try:
            answer = await self.service.provider.submit(self.request, call.key)
        except NodeError as error:
            await self.ledger.note(_outcome(call, error), self._report(departed, error))
            raise
        reached(Point.CALL_ANSWERED)
        alive = self._report(departed, None)
        if isinstance(answer, Pending):
            await self.ledger.note(Submitted(call.id, answer.job), alive)
            reached(Point.JOB_NOTED)
            return self._wait(call.id, answer)
        return await self._done(call.id, answer, alive)

    async def _done(self, call_id: str, answer: Done, alive: Report | None) -> Generated:
        try:
            made = await self.keep(self.request, answer)
        except NodeError as error:
            await self.ledger.note(_charged(call_id, answer.credit_cost, error), alive)
            error = self._useless(error)
            error.credits = answer.credit_cost
            raise error from None
        reached(Point.CALL_PICTURED)
        kept: Any = {**asdict(made), "images": [image.model_dump(mode="json") for image in made.images]}
        await self.ledger.note(Answered(call_id, "done", made.credit_cost, {"result": kept}), alive)
        reached(Point.CALL_NOTED)
        return made

    def _useless(self, error: NodeError) -> NodeError:
        """Another try would be told of this picture again, and make no other."""
        if not isinstance(error, TransientError):
            return error
        words = f"{self.service.connection.name} was paid and gave no usable picture: {error.description}"
        return PermanentError(error.code, words)

    def _wait(self, call_id: str, pending: Pending) -> Wait:
        before = self.ticket.run.state or {}
        since = before["since"] if before.get("call") == call_id and "since" in before else clock.now()
        state: Json = {
            "job": pending.job,
            "call": call_id,
            "since": since,
            "attempt": self.ticket.run.attempt,
        }
        return Wait(pending.seconds, state, pending.note)

    def _report(self, departed: Departed, error: NodeError | None) -> Report:
        """What the breaker has to know."""
        alive = error is None or not isinstance(error, TransientError | AmbiguousError)
        place = self.ticket.org_id, self.service.connection.name
        trial = departed.call.id if departed.trial else None
        return Report(place, alive, "" if alive or error is None else error.description, trial)

    def _intent(self) -> Intent:
        ticket, connection = self.ticket, self.service.connection
        return Intent(
            org_id=ticket.org_id,
            caller_id=ticket.caller_id,
            run_id=ticket.run.job_id,
            stage=ticket.stage,
            fence=ticket.fence,
            node_id=ticket.run.node_id,
            generation=ticket.run.generation,
            key=ticket.run.idempotency_key,
            provider=connection.name,
            model=self.request.model,
            price=self._price(),
            keyed=connection.settings.idempotent,
            hard=ticket.hard,
        )

    def _price(self) -> float:
        """The most that the request may cost, in credits."""
        model = self.service.connection.model(self.request.model)
        return model.price * self.request.count if model else 0.0


def _former(call: Call, name: str) -> Generated:
    """What came of a call that was made before: its pictures, or why there are none."""
    result: Any = call.memo.get("result")
    if result:
        images = tuple(Image.model_validate(each) for each in result["images"])
        return Generated(images, result["model_id"], result["credit_cost"])
    if call.memo.get("decided"):
        words = f"{name} did not answer; an operator decided not to send the call again"
        raise _spent(PermanentError(OUTCOME_UNKNOWN, words), call)
    if call.state == "unknown":
        raise AmbiguousError(
            OUTCOME_UNKNOWN, f"a call to {name} was not answered; whether it was charged is unknown"
        )
    words = f"{name} was paid and gave no usable picture"
    raise _spent(PermanentError("node.provider_bad_output", words), call)


def _spent(error: NodeError, call: Call) -> NodeError:
    error.credits = float(credits_of(call.charged))
    return error


def _outcome(call: Call, error: NodeError) -> Answered | Lost | None:
    """What a failure means for the money; None where a try that got no answer may have been charged."""
    if error.credits:
        return _charged(call.id, error.credits, error)
    if isinstance(error, AmbiguousError):
        return Lost(call.id, error.code, error.description)
    if isinstance(error, UnansweredError) or (call.unsure and not isinstance(error, PermanentError)):
        return None
    return _failed(call.id, error)


def _failed(call_id: str, error: NodeError) -> Answered:
    return Answered(call_id, "failed", error_code=error.code, note=error.description)


def _charged(call_id: str, cost: float, error: NodeError) -> Answered:
    return Answered(call_id, "done", cost, error_code=error.code, note=error.description)
