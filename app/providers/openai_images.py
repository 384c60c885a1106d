"""OpenAI-compatible image services: one request, one answer. Many local servers speak it too.

With a reference picture it is ``POST {base}/images/edits``, a form that carries the picture as ``image``.
"""

from typing import Any

from app.egress.client import Egress
from app.providers.asking import full_prompt, model_of, nearest_size, with_parameters
from app.providers.connected import Connected
from app.providers.connection import Connection
from app.providers.contract import Done, Load, Pending, Rendered
from app.providers.reference import as_text, form_of, reference_bytes
from app.providers.refusals import garbled
from app.providers.wire import Wire, from_base64
from graphs.errors import NodeError
from graphs.node import GenerationRequest, Json

_FETCH_AGAIN = 1.0


class OpenAiImages(Connected):
    """``POST {base}/images/generations``; pictures come as base64 or as addresses to fetch at once."""

    def __init__(self, connection: Connection, egress: Egress, load: Load | None = None) -> None:
        super().__init__(connection, Wire(egress, connection))
        self._load = load

    async def submit(self, request: GenerationRequest, idempotency_key: str) -> Done | Pending:
        """Ask and read the answer; pictures whose fetching failed are Pending, because they are paid for."""
        model = model_of(self._connection, request)
        answer = await self._asked(request, idempotency_key)
        job: Json = {"model": model.id, "cost": model.price * request.count}
        try:
            entries = _entries(answer)
            job |= {"seed": request.seed if self._sends_seed else None}
            if not any("b64_json" in each for each in entries):
                job |= {"urls": [str(each["url"]) for each in entries]}
                return await self._fetched(job)
            pictures = tuple(Rendered(from_base64(each["b64_json"]), job["seed"]) for each in entries)  # type: ignore[arg-type]
        except NodeError as error:
            error.credits = float(str(job["cost"]))
            raise
        except (ValueError, KeyError, TypeError, AttributeError):
            keyed = self._connection.settings.idempotent
            raise garbled(self.name, "answered without readable pictures", keyed=keyed) from None
        return Done(pictures, model.id, float(str(job["cost"])))

    async def poll(self, job: Json) -> Done | Pending:
        """Fetch pictures that were made and paid for."""
        return await self._collect(job)

    async def cancel(self, job: Json) -> bool:  # noqa: ARG002 - what is made cannot be unmade
        """There is nothing to stop: the pictures were made with the answer."""
        return False

    async def probe(self) -> str:
        """Ask for the list of models, which costs nothing; what came of it, in words."""
        answer = await self._wire.answer("GET", self._wire.url("models"))
        if answer.status in {404, 405, 501}:
            return "It answers, and has no list of models to compare with."
        if not 200 <= answer.status < 300:
            raise self._wire.refusal(answer)
        return "It answers and takes the credential."

    async def _asked(self, request: GenerationRequest, key: str) -> Json:
        body = self._body(request)
        if request.reference is None:
            return await self._wire.pay(self._wire.url("images/generations"), body, key)
        picture = await reference_bytes(self._load, request.reference)
        member = self._connection.settings.reference_member or "image"
        content, kind = form_of({name: as_text(value) for name, value in body.items()}, member, picture)
        return await self._wire.pay_form(self._wire.url("images/edits"), content, kind, key)

    @property
    def _sends_seed(self) -> bool:
        return bool(self._connection.settings.send_seed)

    def _body(self, request: GenerationRequest) -> Json:
        settings = self._connection.settings
        width, height = nearest_size(request.width, request.height, settings.sizes)
        body: Json = {
            "model": request.model,
            "prompt": full_prompt(request, avoid=True),
            "n": request.count,
            "size": f"{width}x{height}",
        }
        if self._sends_seed:
            body["seed"] = request.seed
        if not request.model.startswith(("gpt-image", "chatgpt-image")):
            # those answer in base64 always and refuse the question; others answer with addresses that expire
            body["response_format"] = "b64_json"
        return with_parameters(body, {**settings.parameters, **request.options})

    async def _fetched(self, job: Json) -> Done | Pending:
        try:
            return await self._collect(job)
        except NodeError as error:
            # whatever became of them, they are paid for: the ledger is told when they are given up
            return Pending(job, _FETCH_AGAIN, error.description)

    async def _collect(self, job: Json) -> Done:
        urls: Any = job["urls"]
        seed: Any = job.get("seed")
        pictures = [Rendered(await self._wire.picture(url), seed) for url in urls]
        return Done(tuple(pictures), str(job["model"]), float(str(job["cost"])))


def _entries(answer: Json) -> list[Any]:
    found = answer.get("data")
    if not isinstance(found, list) or not found:
        raise ValueError("no pictures")
    return found
