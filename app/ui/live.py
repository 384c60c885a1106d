"""Keeps open pages current: one task per process tells every page what changed, and ticks now and then.

Hints come from the engine's live channel; the tick covers a lost one. There is no timer per page.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from nicegui import Client, background_tasks, ui

from app.engine.live import Live

# None: the tick, anything may have changed
Changed = frozenset[str] | None
Callback = Callable[[Changed], Awaitable[None]]
_TICK = 2.0
_GATHER = 0.15
_LOG = structlog.get_logger()


class Pulse:
    """Calls pages back, never twice at once, and forgets them when they are closed."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._followers: dict[int, _Follower] = {}
        self._heard: set[str] = set()
        self._event = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to listen; call on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._live.listen(self._hear)
        background_tasks.create(self._beat(), name="pulse")

    def follow(self, callback: Callback) -> None:
        """Call back for the page being built, until it is closed."""
        client = ui.context.client
        follower = _Follower(client, callback)
        self._followers[id(follower)] = follower
        client.on_delete(lambda: self._followers.pop(id(follower), None))

    def _hear(self, runs: set[str]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note, runs)

    def _note(self, runs: set[str]) -> None:
        self._heard |= runs
        self._event.set()

    async def _beat(self) -> None:
        while True:
            changed = await self._next()
            for follower in list(self._followers.values()):
                follower.call(changed)

    async def _next(self) -> Changed:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TICK):
                await self._event.wait()
        if not self._event.is_set():
            return None
        await asyncio.sleep(_GATHER)
        self._event.clear()
        heard, self._heard = frozenset(self._heard), set()
        return None if "*" in heard else heard


class _Follower:
    def __init__(self, client: Client, callback: Callback) -> None:
        self._client = client
        self._callback = callback
        self._busy = False
        self._missed: set[str] | None = set()

    def call(self, changed: Changed) -> None:
        if self._missed is not None:
            self._missed = None if changed is None else self._missed | changed
        if not self._busy and self._client.has_socket_connection:
            background_tasks.create(self._run(), name="page follows")

    async def _run(self) -> None:
        self._busy = True
        missed, self._missed = self._missed, set()
        try:
            with self._client:
                await self._callback(None if missed is None else frozenset(missed))
        except Exception:  # noqa: BLE001 - one broken page must not stop the others
            _LOG.exception("page_update_failed", page=self._client.page.path)
        finally:
            self._busy = False
