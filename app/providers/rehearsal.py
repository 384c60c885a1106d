"""The built-in rehearsal service: real, seeded pictures with no key, no network and no weights.

It has one model of each shape that outside services come in: an immediate one, a job one that is polled,
and an instant one for trying out a graph's plumbing.
"""

from typing import Any

from app import clock
from app.cpu import CpuPool
from app.providers.asking import takes_no_reference
from app.providers.contract import Done, Load, Model, Pending, Rendered
from app.providers.procedural.instant import solid
from app.providers.procedural.jobs import look_job, paint_job
from app.providers.procedural.look import Look
from app.providers.reference import reference_bytes
from graphs.errors import PermanentError
from graphs.node import GenerationRequest, Json
from graphs.sockets import Image

_ATELIER = Model(
    "procedural/atelier-1", "Atelier", 1.0, "Painted by rules: seven styles, seeded, offline.", reference=True
)
_QUEUED = Model(
    *("procedural/queued-1", "Atelier, queued", 1.0, "The same pictures from a service with job ids."),
    reference=True,
)
_INSTANT = Model("procedural/instant-1", "Instant", 0.1, "A plain picture at once, to try out the plumbing.")


class Rehearsal:
    """Paints pictures by rules; nothing leaves the machine."""

    name = "rehearsal"
    title = "Rehearsal (built in)"
    models = (_ATELIER, _QUEUED, _INSTANT)

    def __init__(self, pool: CpuPool, load: Load | None = None) -> None:
        self._pool = pool
        self._load = load

    async def submit(self, request: GenerationRequest, idempotency_key: str) -> Done | Pending:
        """Paint at once, or answer with a job for the queued model."""
        model = next((model for model in self.models if model.id == request.model), None)
        if model is None:
            known = ", ".join(model.id for model in self.models)
            raise PermanentError(
                "node.provider_rejected_input",
                f"the rehearsal service has no model '{request.model}'; it has {known}",
                field="model",
            )
        if request.reference is not None and not model.reference:
            raise takes_no_reference(model)
        if model is _QUEUED:
            return _queue(request, idempotency_key)
        return await self._paint(request, model)

    async def poll(self, job: Json) -> Done | Pending:
        """A queued job is painted once its time has come."""
        left = float(str(job["ready_at"])) - clock.now()
        if left > 0:
            return Pending(job, min(left, 2.0), "in the queue")
        fields = job["request"]
        if not isinstance(fields, dict):
            raise PermanentError("node.provider_bad_output", "the job of the queued model is unreadable")
        return await self._paint(_request(fields), _QUEUED)

    async def cancel(self, job: Json) -> bool:  # noqa: ARG002 - nothing runs that could be stopped
        """A queued job costs nothing until it is polled; it is simply forgotten."""
        return True

    async def _paint(self, request: GenerationRequest, model: Model) -> Done:
        given = request.reference and await reference_bytes(self._load, request.reference)
        look = await self._pool.run(look_job, given.data) if given else None
        pictures = [
            await self._one(request, model, request.seed + offset, look) for offset in range(request.count)
        ]
        return Done(tuple(pictures), model.id, model.price * request.count)

    async def _one(self, request: GenerationRequest, model: Model, seed: int, look: Look | None) -> Rendered:
        if model is _INSTANT:
            data = solid(request.prompt, request.width, request.height, seed)
            return Rendered(data, seed, ai_model=False, shared=True)
        data, _ = await self._pool.run(
            paint_job, request.prompt, request.style, request.width, request.height, seed, look
        )
        return Rendered(data, seed, ai_model=False)


def _queue(request: GenerationRequest, idempotency_key: str) -> Pending:
    seconds = float(str(request.options.get("seconds", 3)))
    fields: Json = {name: getattr(request, name) for name in GenerationRequest.__slots__}
    if request.reference is not None:
        fields["reference"] = request.reference.model_dump(mode="json")
    job: Json = {"id": idempotency_key, "ready_at": clock.now() + seconds, "request": fields}
    return Pending(job, min(seconds, 2.0), "submitted")


def _request(fields: Json) -> GenerationRequest:
    """What a queued job was asked for."""
    given: Any = fields
    reference = given.get("reference") and Image.model_validate(given["reference"])
    return GenerationRequest(**{**given, "reference": reference})
