"""Who has which draft open, told between all web processes; and that a draft was stored.

Everything here is a hint that expires. Without the broker, tabs of one process still see each other, and
everybody reads the draft again now and then.
"""

import asyncio
import contextlib
import json
import queue
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

import redis
import structlog

Message = dict[str, Any]
Hear = Callable[[Message], None]
BEAT_SECONDS = 6.0
_CHANNEL = "sakuga:rooms"
_LARGEST = 20_000
_WAITING = 1_000
_LOG = structlog.get_logger()


class Rooms:
    """One room per draft (``organisation/slug``). Callbacks run on the event loop, the beat among them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._mine = secrets.token_hex(8)
        self._followers: dict[str, dict[int, Hear]] = {}
        self._out: queue.Queue[str] = queue.Queue(_WAITING)
        self._loop: asyncio.AbstractEventLoop | None = None
        # whether messages of other processes arrive
        self.connected = False
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; call on the event loop."""
        self._loop = asyncio.get_running_loop()
        for name, work in (("rooms-in", self._receive), ("rooms-out", self._send)):
            threading.Thread(target=self._again, args=(work,), name=name, daemon=True).start()
        self._beating = self._loop.create_task(self._beat(), name="rooms")

    def follow(self, room: str, hear: Hear) -> Callable[[], None]:
        """Call back with every message of a room, and with ``{"kind": "beat"}`` now and then; the stop."""
        members = self._followers.setdefault(room, {})
        members[id(hear)] = hear

        def stop() -> None:
            members.pop(id(hear), None)
            if not members and self._followers.get(room) is members:
                del self._followers[room]

        return stop

    def tell(self, room: str, message: Message) -> None:
        """Send a message to everybody in a room, from any thread; never waits."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.deliver, room, message)
        text = json.dumps({"from": self._mine, "room": room, "message": message})
        if len(text) <= _LARGEST:
            with contextlib.suppress(queue.Full):
                self._out.put_nowait(text)

    def deliver(self, room: str, message: Message) -> None:
        """Hand a message to those who are in the room here; on the event loop."""
        for hear in list(self._followers.get(room, {}).values()):
            try:
                hear(message)
            except Exception:  # noqa: BLE001 - one tab must not silence the others
                _LOG.exception("room_member_failed", room=room)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            for room in list(self._followers):
                self.deliver(room, {"kind": "beat"})

    def _again(self, work: Callable[[], None]) -> None:
        while True:
            try:
                work()
            except (redis.RedisError, OSError):
                pass  # without the broker, tabs of one process still see each other
            except Exception:  # noqa: BLE001 - a message that nobody here understands must not end the hearing
                _LOG.exception("rooms_failed")
            time.sleep(1.0)

    def _send(self) -> None:
        client = redis.Redis.from_url(self._url, socket_timeout=2, socket_connect_timeout=2)
        while True:
            client.publish(_CHANNEL, self._out.get())

    def _receive(self) -> None:
        client = redis.Redis.from_url(self._url)
        with client.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
            channel.subscribe(_CHANNEL)
            self.connected = True
            try:
                while True:
                    message = channel.get_message(timeout=5.0)
                    if message:
                        self._heard(message["data"])
            finally:
                self.connected = False

    def _heard(self, data: bytes) -> None:
        given = json.loads(data)
        if given["from"] != self._mine and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.deliver, given["room"], given["message"])
