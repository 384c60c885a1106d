"""An event loop without sockets, threads or waiting: when nothing is ready, time jumps to what comes next."""

import asyncio
from asyncio.base_events import BaseEventLoop
from collections.abc import Callable
from typing import Any


class StandstillError(Exception):
    """Nothing is ready and nothing will ever be: somebody waits for what nobody does."""


class VirtualLoop(BaseEventLoop):
    """Time is a number; the same calls in the same order run in the same order."""

    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0
        # the base class asks its selector for events, and the selector is where a loop waits
        self._selector = self
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self.elapsed

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise StandstillError
        self.elapsed += timeout
        return []

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """At once and here: a thread would make the order a matter of luck."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - belongs to whoever awaits it
            future.set_exception(error)
        return future

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


def running(loop: VirtualLoop, work: Any) -> Any:
    """Run a coroutine to its end on this loop."""
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(work)
    finally:
        asyncio.set_event_loop(None)
