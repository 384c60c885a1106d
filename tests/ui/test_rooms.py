"""Who is in which draft, told between web processes, forgotten when they fall silent."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.serve.embedded import start_or_attach, url_of
from app.ui.command.shortcuts import FIXED, GROUPS
from app.ui.editor import presence
from app.ui.editor.presence import Presence
from app.ui.editor.rooms import Rooms

ROOM = "org/draft"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """A broker of its own."""
    with start_or_attach(tmp_path):
        yield url_of(tmp_path)


class Member:
    """A tab, and what it was told."""

    def __init__(self, rooms: Rooms, name: str) -> None:
        self.stored: list[int] = []
        self.presence = Presence(
            rooms, ROOM, (name, name), changed=lambda: None, stored=self.stored.append, beat=lambda: None
        )

    @property
    def seen(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(peer.name, peer.nodes) for peer in self.presence.peers]


async def until(what: Any) -> None:
    """Wait for something that another thread brings about."""
    async with asyncio.timeout(10):
        while not what():  # noqa: ASYNC110 - another thread says nothing when it is done
            await asyncio.sleep(0.02)


def test_tabs_of_different_processes_see_each_other(broker: str) -> None:
    """Rule: who is there, what they selected, a stored draft and a leaving reach every process, once each."""

    async def story() -> None:
        here, there = Rooms(broker), Rooms(broker)
        for each in (here, there):
            each.start()
        await until(lambda: _subscribed(here, there))
        ann, bob = Member(here, "Ann"), Member(there, "Bob")
        await until(lambda: ann.seen and bob.seen)
        bob.presence.select(["prompt"])
        await until(lambda: ann.seen == [("Bob", ("prompt",))])
        there.tell(ROOM, {"kind": "stored", "revision": 7})
        there.tell("org/other", {"kind": "stored", "revision": 9})
        await until(lambda: ann.stored == [7] and bob.stored == [7])
        bob.presence.close()
        await until(lambda: not ann.seen)

    asyncio.run(story())


def _subscribed(*rooms: Rooms) -> bool:
    return all(each.connected for each in rooms)


def test_who_falls_silent_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule: a tab that died without a word is gone after a few beats."""
    rooms = Rooms("redis://nowhere.invalid")
    ann = Member(rooms, "Ann")
    message = {"kind": "here", "id": "x", "name": "Bob", "person": "b", "nodes": [], "ask": False}
    rooms.deliver(ROOM, message)
    assert ann.seen == [("Bob", ())]
    rooms.deliver(ROOM, {"kind": "beat"})
    assert ann.seen
    monkeypatch.setattr(presence, "_GONE_SECONDS", -1.0)
    rooms.deliver(ROOM, {"kind": "beat"})
    assert ann.seen == []


def test_nonsense_from_the_broker_harms_nobody() -> None:
    """Rule: a message of another shape is passed over; the others are still heard."""
    rooms = Rooms("redis://nowhere.invalid")
    ann = Member(rooms, "Ann")
    for nonsense in ({}, {"kind": "here", "id": "x"}, {"kind": "stored", "revision": "many"}):
        rooms.deliver(ROOM, nonsense)
    rooms.deliver(ROOM, {"kind": "stored", "revision": 3})
    assert ann.stored == [3]
    assert ann.seen == []


def test_every_shortcut_of_the_sheet_is_one_of_the_canvas() -> None:
    """Rule: what the sheet lists and lets people change is bound on the canvas, each keys once."""
    source = (Path(__file__).parents[2] / "static" / "src" / "keys.ts").read_text("utf-8")
    bound = set(re.findall(r'\["([^"]+)", \(board\)', source))
    listed = [chord for _, entries in GROUPS for chord, _ in entries]
    assert set(listed) <= bound
    assert len(listed) == len(set(listed))
    assert set(listed) >= FIXED
