"""The values that travel along links; the class name is the socket type."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Payload = dict[str, JsonValue]


class Value(BaseModel):
    """A structured value on a link: immutable, JSON in the database."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Prompt(Value):
    """What to draw and what to avoid."""

    positive: str = Field(description="What the picture shall show.")
    negative: str = Field("", description="What it shall not show.")


class Style(Value):
    """One visual style preset, looked up by its key (S18, S26)."""

    key: str = Field(description="Key of the preset, as the trigger names it.")
    title: str = Field("", description="Name for people.")
    positive: str = Field("", description="Words added to the prompt.")
    negative: str = Field("", description="Words added to the negative prompt.")
    lighting: str = Field("", description="Lighting configuration in words.")
    palette: tuple[str, ...] = Field((), description="Colours as #rrggbb.")
    brand: dict[str, str] = Field(default_factory=dict, description="Brand parameters.")
    hint: str = Field("", description="Key of the rehearsal engine's style.")


class Check(Value):
    """One measured quality check."""

    name: str
    passed: bool
    value: float
    threshold: float
    op: Literal["min", "max"] = "min"
    severity: Literal["fail", "warn"] = "fail"


class Report(Value):
    """The verdict of quality control on one picture, with every measured value (S43)."""

    passed: bool
    checks: tuple[Check, ...] = ()


class Image(Value):
    """A picture in the asset store, and what is known about it so far."""

    asset_id: str
    sha256: str
    format: str
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    bytes: Annotated[int, Field(ge=0)]
    model_id: str = ""
    seed: int | None = None
    prompt: str = ""
    style: str = ""
    ai_model: bool = True
    # brought by people: nobody here knows how it was made
    uploaded: bool = False
    credit_cost: float = 0
    platform_code: str | None = None
    alt_text: str | None = None
    caption: str | None = None
    filename_suggestion: str | None = None
    qc: Report | None = None
