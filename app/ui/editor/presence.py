"""Who else has this draft open, and what they have selected. Expires by itself."""

import secrets
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from app.ui.editor.rooms import BEAT_SECONDS, Message, Rooms

_GONE_SECONDS = 3.5 * BEAT_SECONDS
_COLORS = 6
_MOST_NODES = 200
_MOST_PEERS = 50


@dataclass(frozen=True, slots=True)
class Peer:
    """Another tab. `person` is the same for all tabs of one key; `color` one of six."""

    id: str
    name: str
    person: str
    color: int
    nodes: tuple[str, ...]
    at: float

    def drawn(self) -> dict[str, Any]:
        """As the canvas takes it."""
        return {"id": self.id, "name": self.name, "color": self.color, "nodes": list(self.nodes)}


class Presence:
    """One tab in a room: says that it is there, and knows the others.

    Args:
        changed: Called when somebody came, went or selected something else.
        stored: Called with the revision of a draft that somebody stored.
        beat: Called now and then.
    """

    def __init__(
        self,
        rooms: Rooms,
        room: str,
        who: tuple[str, str],
        *,
        changed: Callable[[], None],
        stored: Callable[[int], None],
        beat: Callable[[], None],
    ) -> None:
        self.id = secrets.token_hex(6)
        self.name, self.person = who
        self._rooms, self._room = rooms, room
        self._changed, self._stored, self._beaten = changed, stored, beat
        self._peers: dict[str, Peer] = {}
        self._nodes: tuple[str, ...] = ()
        self._stop = rooms.follow(room, self._hear)
        self._tell("here", ask=True)

    @property
    def peers(self) -> list[Peer]:
        """The others, those who came first before."""
        return list(self._peers.values())

    def select(self, nodes: Iterable[str]) -> None:
        """Tell the others what is selected here."""
        chosen = tuple(nodes)[:_MOST_NODES]
        if chosen != self._nodes:
            self._nodes = chosen
            self._tell("here")

    def close(self) -> None:
        """Leave the room."""
        self._stop()
        self._tell("gone")

    def _tell(self, kind: str, *, ask: bool = False) -> None:
        message = {"kind": kind, "id": self.id, "name": self.name, "person": self.person}
        self._rooms.tell(self._room, {**message, "nodes": list(self._nodes), "ask": ask})

    def _hear(self, message: Message) -> None:
        match message:
            case {"kind": "stored", "revision": int(revision)}:
                self._stored(revision)
            case {"kind": "beat"}:
                self._tell("here")
                self._forget_silent()
                self._beaten()
            case {"kind": "gone", "id": str(name)}:
                if self._peers.pop(name, None) is not None:
                    self._changed()
            case {"kind": "here", "id": str(name)} if name != self.id:
                self._note(name, message)

    def _note(self, name: str, message: Message) -> None:
        before = self._peers.get(name)
        if before is None and len(self._peers) >= _MOST_PEERS:
            return
        nodes = tuple(str(each) for each in message["nodes"][:_MOST_NODES])
        color = zlib.crc32(name.encode()) % _COLORS if before is None else before.color
        peer = Peer(name, str(message["name"])[:80], str(message["person"]), color, nodes, time.monotonic())
        self._peers[name] = peer
        if message.get("ask"):
            self._tell("here")
        if before is None or (before.nodes, before.name) != (peer.nodes, peer.name):
            self._changed()

    def _forget_silent(self) -> None:
        late = time.monotonic() - _GONE_SECONDS
        silent = [name for name, peer in self._peers.items() if peer.at < late]
        for name in silent:
            del self._peers[name]
        if silent:
            self._changed()
