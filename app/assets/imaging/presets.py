"""Platform presets (S27): sizes, formats and limits are data in `platforms.json`, dated and editable."""

import functools
import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Fit = Literal["crop", "pad"]


class Platform(BaseModel):
    """What one publishing platform wants of a picture."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name used in payloads and callbacks.")
    title: str = Field(description="Name shown to people.")
    width: int = Field(ge=16, le=10_000, description="Pixels across.")
    height: int = Field(ge=16, le=10_000, description="Pixels down.")
    format: Literal["jpeg", "png", "webp"] = Field(description="File format.")
    max_bytes: int = Field(ge=1000, description="Largest file accepted.")
    fit: Fit = Field("crop", description="Cut to the shape, or keep all of it on a background.")
    background: str = Field(
        "#ffffff", pattern=r"^#[0-9a-fA-F]{6}$", description="Colour behind padding and transparency."
    )
    rules: str = Field("", description="What the platform asks of the content.")
    source: str = Field("", description="Where the figures come from, with a date.")

    @property
    def aspect(self) -> float:
        """Width divided by height."""
        return self.width / self.height


def load_platforms() -> dict[str, Platform]:
    """Return the shipped presets by key, in the order of the file; the dict is the caller's own."""
    return dict(_shipped())


@functools.cache
def _shipped() -> dict[str, Platform]:
    rows = json.loads(Path(__file__).with_name("platforms.json").read_text("utf-8"))
    return {key: Platform(key=key, **row) for key, row in rows.items()}
