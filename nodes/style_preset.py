"""Style preset selector (S18, S26): the key a caller sends becomes a complete visual style."""

import functools
from collections.abc import Collection, Mapping

from pydantic import BaseModel, Field, model_validator

from graphs import node
from graphs.node import Context, Node
from graphs.sockets import Style
from nodes.presets import Preset, styles
from nodes.refusals import unknown_value


class Settings(node.Settings):
    default: str = Field("studio", description="Key of the preset used when no key arrives.")
    allowed: list[str] | None = Field(
        None, min_length=1, description="Keys a caller may choose from; empty allows every preset."
    )
    custom: dict[str, Preset] = Field(
        default_factory=dict,
        description="Your own presets by key; one named like a shipped preset replaces it.",
    )

    @model_validator(mode="after")
    def _keys_exist(self) -> "Settings":
        known = styles().keys() | self.custom.keys()
        for key in self.allowed or ():
            if key not in known:
                raise ValueError(f"allowed: no preset is called '{key}'; there are {_listed(known)}")
        if self.default not in self.choices():
            raise ValueError(f"default: '{self.default}' is none of {_listed(self.choices().keys())}")
        return self

    def choices(self) -> dict[str, Preset]:
        """The presets a caller may choose from, by key."""
        presets = {**styles(), **self.custom}
        return {key: presets[key] for key in self.allowed or presets}


class Inputs(BaseModel):
    key: str | None = Field(None, description="Key of the preset, usually a trigger field.")


class Outputs(BaseModel):
    style: Style = Field(description="The style behind the key.")


class StylePreset(Node[Settings, Inputs, Outputs]):
    """Look up a visual style by its key: words, lighting, palette and brand parameters.

    Callers send a short key such as `studio` or `anime`; how that looks is decided here, once. A key
    without a preset is an input error: the run fails at once, is never retried, and the error names the
    trigger field and the allowed keys.
    """

    kind = "style_preset"
    title = "Style preset"
    group = "Prompt"
    icon = "palette"

    @classmethod
    def choices_for(cls, settings: Settings) -> dict[str, frozenset[str]]:
        return {"key": frozenset(settings.choices())}

    async def run(self, inputs: Inputs, context: Context) -> Outputs:
        key = inputs.key or self.settings.default
        if key not in self._styles:
            raise unknown_value("style preset", key, self._styles, context.run.trigger, "style")
        return Outputs(style=self._styles[key])

    @functools.cached_property
    def _styles(self) -> Mapping[str, Style]:
        return {key: preset.style(key) for key, preset in self.settings.choices().items()}


def _listed(keys: Collection[str]) -> str:
    return ", ".join(sorted(keys))
