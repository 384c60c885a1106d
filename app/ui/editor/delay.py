"""Work that waits until changes pause, and never runs twice at once."""

import asyncio
from collections.abc import Awaitable, Callable

from nicegui import background_tasks


class Delayed:
    """Runs `work` some seconds after the last call of ``soon``; ``now`` runs it at once and waits.

    What is asked for while it runs is done once more afterwards.
    """

    def __init__(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        self._work = work
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None
        self._lock = asyncio.Lock()
        self.pending = False

    def soon(self) -> None:
        self.pending = True
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(
            self._seconds, lambda: background_tasks.create(self.now(), name="delayed")
        )

    async def now(self) -> None:
        """Do what is pending, if anything is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        async with self._lock:
            if self.pending:
                self.pending = False
                await self._work()
