"""Where a page takes files in: over HTTP, because the socket has no room for them."""

import json
import math
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nicegui import Client

from app.workflows.opening import MAX_BYTES

HEADER = "sakuga-files"
LONGEST = MAX_BYTES
_LONGEST_PLACE = 1_000
_FAR = 1e7


@dataclass(frozen=True, slots=True)
class Spot:
    """Where on a canvas a file was let go: a point of the graph, and the node under it."""

    x: float
    y: float
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as it was brought; without a spot, it was not brought to any place in particular."""

    name: str
    data: bytes
    spot: Spot | None = None


Take = Callable[[Brought], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Door:
    """One page's place for files, the session it belongs to, and what takes them."""

    client: Client
    session: str
    take: Take


class FileDoors:
    """Finds the door of an open page by its unguessable name, for the session that opened the page."""

    def __init__(self) -> None:
        self._open: dict[str, Door] = {}

    def add(self, door: Door) -> str:
        """Open a door until its page is closed; gives its name."""
        name = secrets.token_urlsafe(18)
        self._open[name] = door
        door.client.on_delete(lambda: self.close(name))
        return name

    def close(self, name: str) -> None:
        self._open.pop(name, None)

    def find(self, name: str, session: str) -> Door | None:
        door = self._open.get(name)
        return door if door is not None and door.session == session else None


def read_spot(text: str) -> Spot | None:
    """A spot as the browser says it; whatever else stands there is none."""
    try:
        given: Any = json.loads(text[:_LONGEST_PLACE]) if text else None
        x, y, node = float(given["x"]), float(given["y"]), given.get("node")
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    if not (math.isfinite(x) and math.isfinite(y) and max(abs(x), abs(y)) < _FAR):
        return None
    return Spot(x, y, node if isinstance(node, str) else None)
