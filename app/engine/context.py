"""The generation services that a node sees (design §2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app import clock
from app.assets.darkroom import asset_id
from app.assets.imaging.embed import without_texts
from app.assets.imaging.errors import ImageRefusedError
from app.assets.library import Library, StoreFailedError
from app.engine.paid import PaidCalls, Ticket
from app.engine.recipes import Making, Recipes
from app.points import Point, reached
from app.providers.contract import Done, Pending, Provider, Rendered
from graphs.errors import OperatorError, PermanentError, TransientError
from graphs.node import Generated, GenerationRequest, RunInfo, Wait
from graphs.sockets import Image


@dataclass(frozen=True, slots=True)
class RunServices:
    """Generation services for one step: submitted once, then polled by waking (design §4)."""

    run: RunInfo
    providers: Mapping[str, Provider]
    library: Library
    # for services that charge; None where none can be connected
    paid: PaidCalls | None = None
    ticket: Ticket | None = None
    recipes: Recipes | None = None
    version_id: str = ""

    async def generate(self, request: GenerationRequest) -> Generated | Wait:
        provider = self.providers.get(request.provider)
        if provider is None and self.paid is not None and self.ticket is not None:
            return await self.paid.generate(self.ticket, request, self._keep)
        if provider is None:
            known = ", ".join(self.providers)
            raise PermanentError(
                "node.provider_rejected_input",
                f"no provider is called '{request.provider}'; there is {known}",
                field="provider",
            )
        job = (self.run.state or {}).get("job")
        reached(Point.BEFORE_PROVIDER)
        if isinstance(job, dict):
            answer = await provider.poll(job)
        else:
            answer = await provider.submit(request, self.run.idempotency_key)
        reached(Point.AFTER_PROVIDER)
        if isinstance(answer, Pending):
            return Wait(answer.seconds, {"job": answer.job, "since": clock.now()}, answer.note)
        return await self._keep(request, answer)

    async def _keep(self, request: GenerationRequest, done: Done) -> Generated:
        if not done.pictures:
            raise TransientError("node.provider_bad_output", "the service answered without a picture")
        share = done.credit_cost / len(done.pictures)
        images = [await self._image(request, done.model_id, picture, share) for picture in done.pictures]
        return Generated(tuple(images), done.model_id, done.credit_cost)

    async def _image(self, request: GenerationRequest, model_id: str, made: Rendered, share: float) -> Image:
        data = await self._with_recipe(request, model_id, made)
        try:
            stored = await self.library.put(data, shared=made.shared)
        except ImageRefusedError as error:
            words = str(error).replace("; upload it again", "")
            raise TransientError("node.provider_bad_output", words) from error
        except StoreFailedError as error:
            raise OperatorError("node.storage_full", "the asset store did not take the picture") from error
        return Image(
            asset_id=asset_id(stored.sha256),
            sha256=stored.sha256,
            format=stored.format,
            width=stored.width,
            height=stored.height,
            bytes=stored.bytes,
            model_id=model_id,
            seed=made.seed,
            prompt=request.prompt,
            style=request.style,
            ai_model=made.ai_model,
            credit_cost=share,
        )

    async def _with_recipe(self, request: GenerationRequest, model_id: str, made: Rendered) -> bytes:
        if not made.texts:
            made = replace(made, data=without_texts(made.data))
        if self.recipes is None or made.shared:
            return made.data
        return await self.recipes.into(made, Making(self.version_id, self.run, request, model_id))
