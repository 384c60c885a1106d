"""The graphs that ship with the product, to begin a workflow from, and what their cards say.

Graphs lie in ``examples`` (published at the first start) and ``examples/templates`` (offered only);
``examples/make_pictures.py`` made the sample pictures and measured what a run takes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from graphs.document import FORMAT

_FOLDER = Path(__file__).parents[2] / "examples"
_OFFERED = _FOLDER / "templates"
PICTURES = _OFFERED / "pictures"


@dataclass(frozen=True, slots=True)
class Picture:
    """A small sample picture; sizes in pixels."""

    file: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Example:
    """A graph file, what it is for, and what a run of it made and took on the rehearsal models."""

    key: str
    name: str
    description: str
    graph: dict[str, Any]
    category: str = "products"
    purpose: str = ""
    pictures: tuple[Picture, ...] = ()
    credits: float | None = None
    seconds: float | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@cache
def examples() -> tuple[Example, ...]:
    """Every shipped graph, in the order of the gallery; files that are none are passed over."""
    about, facts = _json(_OFFERED / "about.json"), _json(_OFFERED / "pictures.json")
    told = {str(each["key"]): each for each in about} if isinstance(about, list) else {}
    order = {key: place for place, key in enumerate(told)}
    paths = [*_FOLDER.glob("*.json"), *_OFFERED.glob("*.json")]
    found = (_read(path, told, facts if isinstance(facts, dict) else {}) for path in sorted(paths))
    return tuple(sorted(filter(None, found), key=lambda each: (order.get(each.key, len(order)), each.key)))


def example(key: str) -> Example | None:
    """One of them by its key."""
    return next((each for each in examples() if each.key == key), None)


def _read(path: Path, told: dict[str, Any], facts: dict[str, Any]) -> Example | None:
    graph = _json(path)
    if not isinstance(graph, dict) or graph.get("format") != FORMAT:
        return None
    about, fact = told.get(path.stem, {}), facts.get(path.stem, {})
    return Example(
        path.stem,
        str(graph.get("name") or path.stem),
        str(graph.get("description") or ""),
        graph,
        about.get("category", "products"),
        about.get("purpose", ""),
        tuple(Picture(**each) for each in fact.get("pictures", ())),
        fact.get("credits"),
        fact.get("seconds"),
        _json(path.with_suffix(".payload.json")) or {},
    )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
