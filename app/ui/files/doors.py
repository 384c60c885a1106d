"""Where a page takes files in: over HTTP, because the socket has no room for them."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import Client

from app.workflows.opening import MAX_BYTES

Take = Callable[[str, bytes], Awaitable[None]]
HEADER = "sakuga-files"
LONGEST = MAX_BYTES


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
        door.client.on_delete(lambda: self._open.pop(name, None))
        return name

    def find(self, name: str, session: str) -> Door | None:
        door = self._open.get(name)
        return door if door is not None and door.session == session else None
