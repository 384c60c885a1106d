"""Services with a queue of jobs, in the shape of fal's: submit, ask how it is doing, fetch, cancel.

``POST {base}/{model}`` answers with ``request_id`` and three addresses; they are kept as they came, never
rebuilt, and used only where they stay with the service's own origin.
"""

from typing import Any

from app.egress.client import Egress
from app.providers.asking import full_prompt, model_of, nearest_size, with_parameters
from app.providers.connected import Connected
from app.providers.connection import Connection
from app.providers.contract import Done, Load, Pending, Rendered
from app.providers.errors import JobEndedError
from app.providers.reference import data_url, reference_bytes
from app.providers.refusals import cleaned, garbled
from app.providers.wire import Wire, read_object
from graphs.errors import NodeError, OperatorError, PermanentError, ThrottledError, TransientError
from graphs.node import GenerationRequest, Json

_RUNNING = {"IN_QUEUE", "IN_PROGRESS"}
_ENDED = {"FAILED", "ERROR", "CANCELED", "CANCELLED"}
_STOPPED = {"CANCELLATION_REQUESTED", "OK"}
_PASSING = ("timeout", "runner_", "internal_error", "server_error", "unavailable")


class FalQueue(Connected):
    """A service with job ids: submitted once, then asked for."""

    def __init__(self, connection: Connection, egress: Egress, load: Load | None = None) -> None:
        super().__init__(connection, Wire(egress, connection, "Key"))
        self._load = load

    async def submit(self, request: GenerationRequest, idempotency_key: str) -> Done | Pending:
        """Queue a job; the answer is Pending with all that is needed to ask for it."""
        model = model_of(self._connection, request)
        body = await self._with_reference(request)
        answer = await self._wire.pay(self._wire.url(model.id), body, idempotency_key)
        try:
            job = self._job(answer)
        except ValueError:
            keyed = self._connection.settings.idempotent
            raise garbled(self.name, "took the job and gave no way to ask for it", keyed=keyed) from None
        job |= {"model": model.id, "cost": model.price * request.count, "seed": request.seed}
        return Pending(job, self._connection.settings.poll_seconds, _place(answer))

    async def poll(self, job: Json) -> Done | Pending:
        """How a job is doing; its pictures when it is done.

        Raises:
            JobEndedError: It ended without a result.
            NodeError: The question was not answered; the job goes on.
        """
        answer = await self._wire.ask("GET", self._wire.own(job["status_url"]))
        status = str(answer.get("status", "")).upper()
        if status in _RUNNING:
            return Pending(job, self._connection.settings.poll_seconds, _place(answer))
        if status in _ENDED or (status == "COMPLETED" and answer.get("error")):
            raise JobEndedError(self._failure(answer, status))
        if status != "COMPLETED":
            raise TransientError(
                "node.provider_unavailable", f"{self.name} gave no status that is known of the job"
            )
        return await self._result(job)

    async def cancel(self, job: Json) -> bool:
        """Ask to stop a job; False when it was done already, or unknown."""
        answer = await self._wire.ask(
            "PUT", self._wire.own(job["cancel_url"]), lambda status: status in {400, 404}
        )
        return str(answer.get("status", "")).upper() in _STOPPED

    async def probe(self) -> str:
        """Ask after a job that does not exist, which costs nothing; what came of it, in words."""
        first = next(iter(self._connection.models), None)
        app = "/".join((first.id if first else "probe/probe").split("/")[:2])
        nobody = "00000000-0000-0000-0000-000000000000"
        answer = await self._wire.answer("GET", self._wire.url(f"{app}/requests/{nobody}/status"))
        if answer.status not in {200, 202, 400, 404, 422}:
            raise self._wire.refusal(answer)
        return "It answers and takes the credential."

    async def _with_reference(self, request: GenerationRequest) -> Json:
        """The body with the picture in it, as a data address: the service need not reach us."""
        body = self._body(request)
        if request.reference is None:
            return body
        address = data_url(await reference_bytes(self._load, request.reference))
        member = self._connection.settings.reference_member or "image_url"
        return {**body, member: [address] if member.endswith("s") else address}

    def _body(self, request: GenerationRequest) -> Json:
        settings = self._connection.settings
        width, height = nearest_size(request.width, request.height, settings.sizes)
        body: Json = {
            "prompt": full_prompt(request, avoid=False),
            "image_size": {"width": width, "height": height},
            "num_images": request.count,
        }
        if request.negative:
            body["negative_prompt"] = request.negative
        if settings.send_seed is not False:
            body["seed"] = request.seed
        return with_parameters(body, {**settings.parameters, **request.options})

    def _job(self, answer: Json) -> Json:
        names = ("status_url", "response_url", "cancel_url")
        request_id = answer.get("request_id")
        if not isinstance(request_id, str) or not request_id:
            raise ValueError("no request id")
        return {"request_id": request_id, **{name: self._wire.own(answer.get(name)) for name in names}}

    async def _result(self, job: Json) -> Done:
        answer = await self._wire.answer("GET", self._wire.own(job["response_url"]))
        if not 200 <= answer.status < 300:
            raise self._ended_or_passing(self._wire.refusal(answer))
        try:
            found = await read_object(answer)
        except ValueError as error:
            raise TransientError("node.provider_unavailable", f"{self.name} gave {error}") from None
        urls, seed = _pictures(found), found.get("seed")
        if not urls:
            words = f"{self.name} finished the job without a readable picture"
            raise PermanentError("node.provider_bad_output", words)
        kept = seed if isinstance(seed, int) else job.get("seed")
        pictures = [Rendered(await self._wire.picture(url), kept) for url in urls]  # type: ignore[arg-type]
        return Done(tuple(pictures), str(job["model"]), float(str(job["cost"])))

    @staticmethod
    def _ended_or_passing(error: NodeError) -> Exception:
        """A result that is refused for good ends its job; one that cannot be had now is asked for again."""
        passing = isinstance(error, ThrottledError | OperatorError | TransientError)
        return error if passing else JobEndedError(error)

    def _failure(self, answer: Json, status: str) -> NodeError:
        kind = str(answer.get("error_type") or "")
        said = cleaned(str(answer.get("error") or status.lower()), self._connection.credential)
        words = f"{self.name} ended the job: {said}"
        lowered = f"{kind} {said}".lower()
        if any(each in lowered for each in ("content_policy", "content policy", "moderat", "nsfw", "safety")):
            return PermanentError("node.provider_content_policy", words)
        if any(each in kind.lower() for each in _PASSING) or status in {"CANCELED", "CANCELLED"}:
            return TransientError("node.provider_unavailable", words)
        return PermanentError("node.provider_rejected_input", words)


def _pictures(found: Json) -> list[str]:
    """Addresses of the pictures, in the shapes that models answer in."""
    images: Any = found.get("images") or [found.get("image")]
    entries = images if isinstance(images, list) else []
    urls = [each.get("url") if isinstance(each, dict) else each for each in entries]
    return [each for each in urls if isinstance(each, str)]


def _place(answer: Json) -> str:
    position = answer.get("queue_position")
    return f"place {position + 1} in the queue" if isinstance(position, int) else "in work"
