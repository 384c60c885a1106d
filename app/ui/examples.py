"""The example graphs that ship with the product, to begin a workflow from."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graphs.document import FORMAT

_FOLDER = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True, slots=True)
class Example:
    """A graph file and what it says of itself."""

    key: str
    name: str
    description: str
    graph: dict[str, Any]


@cache
def examples() -> tuple[Example, ...]:
    """Every graph file in the examples folder; files that are none are passed over."""
    return tuple(filter(None, (_read(path) for path in sorted(_FOLDER.glob("*.json")))))


def _read(path: Path) -> Example | None:
    try:
        graph = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(graph, dict) or graph.get("format") != FORMAT:
        return None
    return Example(path.stem, str(graph.get("name") or path.stem), str(graph.get("description") or ""), graph)
