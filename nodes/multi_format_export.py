"""Multi-format export (S19, S27): one picture in, one file per platform out."""

from typing import Literal

from pydantic import BaseModel, Field, JsonValue

from graphs import node
from graphs.errors import PermanentError
from graphs.node import Context, Node
from graphs.sockets import Image
from nodes.refusals import unknown_value

_OF_ITS_MAKING = ("model_id", "seed", "prompt", "style", "ai_model", "uploaded", "credit_cost", "qc")


class Settings(node.Settings):
    platforms: list[str] = Field(
        ["web"],
        min_length=1,
        max_length=20,
        description="Platform presets to export for when the platform input brings none.",
    )
    fit: Literal["preset", "crop", "pad"] = Field(
        "preset",
        description="Cut to the shape, keep all of it on a background, or as each preset says.",
    )


class Inputs(BaseModel):
    images: list[Image] = Field(description="The pictures to export.")
    platform: str | None = Field(None, description="Key of one platform preset, usually a trigger field.")


class Outputs(BaseModel):
    images: list[Image] = Field(description="One picture per source and platform, in exact size and format.")


class MultiFormatExport(Node[Settings, Inputs, Outputs]):
    """Resize, crop and encode pictures for the platforms they go to.

    Each platform preset fixes size, format and largest file; the cut keeps what stands out. A key
    without a preset is an input error: the run fails at once and names the field and the allowed keys.
    """

    kind = "multi_format_export"
    title = "Multi-format export"
    group = "Output"
    icon = "crop"

    async def run(self, inputs: Inputs, context: Context) -> Outputs:
        if not inputs.images:
            raise PermanentError("node.input_missing", "There is no picture to export.", field="images")
        platforms = self._platforms(inputs, context)
        options: dict[str, JsonValue] = {} if self.settings.fit == "preset" else {"fit": self.settings.fit}
        pairs = [(image, platform) for image in inputs.images for platform in platforms]
        variants = []
        for number, (image, platform) in enumerate(pairs):
            context.report(number / len(pairs), platform)
            variant = await context.assets.export(image, platform, options)
            variants.append(_annotated(variant, image, platform))
        return Outputs(images=variants)

    def _platforms(self, inputs: Inputs, context: Context) -> list[str]:
        known = context.assets.platforms()
        if inputs.platform:
            if inputs.platform not in known:
                raise unknown_value(
                    "platform preset", inputs.platform, known, context.run.trigger, "platform"
                )
            return [inputs.platform]
        for key in self.settings.platforms:
            if key not in known:
                raise PermanentError(
                    "graph.bad_settings",
                    f"No platform preset is called '{key}'. Allowed: {', '.join(sorted(known))}.",
                    field="platforms",
                )
        return list(dict.fromkeys(self.settings.platforms))


def _annotated(variant: Image, source: Image, platform: str) -> Image:
    """The variant, with what is known about the picture it was made from."""
    origin = {name: getattr(source, name) for name in _OF_ITS_MAKING}
    return variant.model_copy(update=origin | {"platform_code": platform})
