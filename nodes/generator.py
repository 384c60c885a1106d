"""Generator: a prompt becomes pictures, made by a service or by the built-in rehearsal models."""

import hashlib

from pydantic import BaseModel, Field

from graphs import node
from graphs.errors import PermanentError, TransientError
from graphs.node import Context, Generated, GenerationRequest, Node, RunInfo, Wait
from graphs.sockets import Image, Prompt, Style
from nodes.redo_hints import NEGATIVE_ADD, PROMPT_ADD, with_words

_MOST_PICTURES = 4
_LARGEST_SEED = 2**32 - 1


class Settings(node.Settings):
    provider: str = Field("rehearsal", min_length=1, max_length=60, description="Service that paints.")
    model: str = Field(
        "procedural/atelier-1",
        min_length=1,
        max_length=200,
        description="Model of that service, e.g. procedural/atelier-1 or procedural/instant-1.",
    )
    width: int = Field(1280, ge=64, le=2048, description="Width in pixels.")
    height: int = Field(1280, ge=64, le=2048, description="Height in pixels.")
    count: int = Field(1, ge=1, le=_MOST_PICTURES, description="Pictures per run.")
    seed: int | None = Field(
        None,
        ge=0,
        le=_LARGEST_SEED,
        description="The same seed gives the same picture; empty derives one from the run.",
    )


class Inputs(BaseModel):
    prompt: Prompt = Field(description="What to draw and what to avoid.")
    style: Style | None = Field(None, description="Style the service may know natively.")
    seed: int | None = Field(None, description="Seed of this run; wins over the setting.")
    count: int | None = Field(None, description="Pictures of this run, 1 to 4; wins over the setting.")
    reference: Image | None = Field(None, description="Picture to go by; not every model takes one.")


class Outputs(BaseModel):
    images: list[Image] = Field(description="The pictures, already in the asset store.")


class Generator(Node[Settings, Inputs, Outputs]):
    """Make pictures from a prompt.

    The built-in rehearsal models need no key and no network; a service added under providers is chosen
    by its name. Without a seed one is derived from run and node, so a retry paints the same picture.
    When quality control asks for another picture, its words join the prompt and the seed is a new one.

    A picture linked to the reference is sent along to models that take one; the built-in ones take its
    colours, its light and the place of what stands out in it.
    """

    kind = "generator"
    title = "Generator"
    group = "Generate"
    icon = "brush"
    weight = "slow"
    regenerates = True
    private = frozenset({"provider"})
    cacheable = True

    async def run(self, inputs: Inputs, context: Context) -> Outputs | Wait:
        result = await context.services.generate(self._request(inputs, context.run))
        if isinstance(result, Wait):
            return result
        if not result.images:
            raise TransientError("node.provider_bad_output", f"{result.model_id} answered without a picture.")
        return Outputs(images=[_annotated(image, inputs, result) for image in result.images])

    def _request(self, inputs: Inputs, run: RunInfo) -> GenerationRequest:
        settings, style = self.settings, inputs.style
        return GenerationRequest(
            provider=settings.provider,
            model=settings.model,
            prompt=with_words(inputs.prompt.positive, run.change.get(PROMPT_ADD)),
            negative=with_words(inputs.prompt.negative, run.change.get(NEGATIVE_ADD)),
            style=(style.hint or style.key) if style else "",
            width=settings.width,
            height=settings.height,
            count=_within("count", inputs.count, 1, _MOST_PICTURES) or settings.count,
            seed=self._seed(inputs, run),
            reference=inputs.reference,
        )

    def _seed(self, inputs: Inputs, run: RunInfo) -> int:
        for seed in (_within("seed", inputs.seed, 0, _LARGEST_SEED), self.settings.seed):
            if seed is not None:
                # beyond the seeds that the other pictures of one request may take
                return (seed + run.generation * _MOST_PICTURES) % (_LARGEST_SEED + 1)
        again = f"|{run.generation}" if run.generation else ""
        digest = hashlib.sha256(f"{run.job_id}|{run.node_id}{again}".encode()).digest()
        # Several services take a signed 32-bit number only.
        return int.from_bytes(digest[:4], "big") >> 1


def _within(name: str, value: int | None, lowest: int, highest: int) -> int | None:
    if value is not None and not lowest <= value <= highest:
        raise PermanentError(
            "trigger.out_of_range", f"{name} is {value}; allowed are {lowest} to {highest}.", field=name
        )
    return value


def _annotated(image: Image, inputs: Inputs, result: Generated) -> Image:
    """The picture with what is known about its making; what the service said itself is kept."""
    return image.model_copy(
        update={
            "model_id": image.model_id or result.model_id,
            "prompt": image.prompt or inputs.prompt.positive,
            "style": inputs.style.key if inputs.style else image.style,
            "credit_cost": image.credit_cost or result.credit_cost / len(result.images),
        }
    )
