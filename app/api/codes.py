"""Every error code with its status, class and advice; the texts live in codes.json (contract §6)."""

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from graphs.errors import ErrorClass


@dataclass(frozen=True, slots=True)
class Code:
    """One code; `status` is None for codes that never answer a request."""

    code: str
    status: int | None
    kind: ErrorClass
    title: str
    explanation: str
    advice: str

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind in {"transient", "wait"}


@cache
def table() -> dict[str, Code]:
    """All codes by name, in the order of the contract."""
    entries = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    return {entry["code"]: Code(**entry) for entry in entries}


@cache
@cache
def spoken(language: str) -> dict[str, Code]:
    """The table for people in another language; codes, statuses and what programs get stay as they are."""
    place = Path(__file__).with_suffix(f".{language}.json")
    said = json.loads(place.read_text("utf-8")) if place.is_file() else {}
    return {code: replace(each, **said.get(code, {})) for code, each in table().items()}


def find(code: str) -> Code | None:
    return table().get(code)


def get(code: str) -> Code:
    """A code this product raises itself; KeyError for one that is not in the table."""
    return table()[code]
