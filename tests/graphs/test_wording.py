"""Plain words for settings errors."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, StringConstraints, ValidationError, field_validator

from graphs.wording import explain, path_text


class Inner(BaseModel):
    edge: int = Field(1, ge=64, le=2048)


class Model(BaseModel, extra="forbid"):
    size: int = Field(100, ge=64, le=2048)
    share: float | None = Field(None, gt=0, lt=1)
    least: int = Field(1, ge=1)
    mode: Literal["fast", "good"] = "fast"
    name: Annotated[str, StringConstraints(min_length=1, max_length=5)] = "a"
    key: Annotated[str, StringConstraints(pattern="^a")] = "a"
    tags: list[str] = Field([], max_length=2)
    parts: list[Inner] = []
    on: bool = True
    odd: int = 1

    @field_validator("odd")
    @classmethod
    def _odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError("must not be even")
        return value


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("size", 1, "size must be between 64 and 2048"),
        ("size", "big", "size must be a whole number"),
        ("size", 70.5, "size must be a whole number"),
        ("share", 0, "share must be more than 0 and less than 1"),
        ("least", 0, "least must be at least 1"),
        ("mode", "slow", "mode must be one of 'fast' or 'good'"),
        ("name", "", "name must have 1 to 5 characters"),
        ("name", 3, "name must be text"),
        ("key", "b", "key must match ^a"),
        ("tags", ["a", "b", "c"], "tags must have at most 2 items"),
        ("tags", "a", "tags must be a list"),
        ("parts", [{}, {"edge": 3}], "parts[1].edge must be between 64 and 2048"),
        ("parts", [3], "parts[0] must be an object"),
        ("on", "perhaps", "on must be true or false"),
        ("odd", 2, "odd is refused: must not be even"),
        ("odder", 2, "odder is not a known field"),
    ],
)
def test_words(field: str, value: Any, words: str) -> None:
    """The field's path, and what would be right."""
    with pytest.raises(ValidationError) as caught:
        Model.model_validate({field: value})
    assert explain(caught.value.errors()[0], Model.model_json_schema()) == words


def test_paths() -> None:
    """Names with dots, positions in brackets."""
    assert path_text(("fields", 0, "name")) == "fields[0].name"
    assert path_text((3, "a")) == "[3].a"
    assert path_text(()) == ""
