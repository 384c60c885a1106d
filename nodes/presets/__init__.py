"""Presets shipped as data: visual styles, and the names of colours."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from graphs.sockets import Style

Hex = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]


class Preset(BaseModel):
    """One visual style without its key: everything a template encodes once (S21)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=80, description="Name for people, also used in alt texts.")
    positive: str = Field("", max_length=1000, description="Words added to the prompt.")
    negative: str = Field("", max_length=1000, description="Words added to the negative prompt.")
    lighting: str = Field("", max_length=500, description="Lighting in words.")
    palette: tuple[Hex, ...] = Field((), max_length=12, description="Colours as #rrggbb.")
    brand: dict[str, str] = Field(default_factory=dict, description="Brand parameters; 'name' names it.")
    hint: str = Field("", max_length=60, description="Style of the built-in rehearsal model.")

    def style(self, key: str) -> Style:
        """The preset as the value that travels along links."""
        return Style(key=key, **self.model_dump())


@functools.cache
def styles() -> Mapping[str, Preset]:
    """The shipped style presets by key, in the order of ``styles.json``."""
    return MappingProxyType({key: Preset(**row) for key, row in _data("styles").items()})


@functools.cache
def colour_names() -> Mapping[str, tuple[int, int, int]]:
    """Plain English colour names with their red, green and blue, 0 to 255."""
    rows = {name: bytes.fromhex(value.removeprefix("#")) for name, value in _data("colours").items()}
    return MappingProxyType({name: (rgb[0], rgb[1], rgb[2]) for name, rgb in rows.items()})


def _data(name: str) -> dict[str, Any]:
    rows: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_text("utf-8"))
    return rows
