"""Name look-ups: a port, and the platform's resolver behind it."""

import asyncio
import socket
from collections.abc import Sequence
from threading import Thread
from typing import Protocol


class Resolver(Protocol):
    """One look-up: a host name in, IP addresses as text out, in the order to try them.

    Raises OSError when the name does not resolve; an empty answer means the same.
    """

    async def __call__(self, host: str) -> Sequence[str]: ...


class SystemResolver:
    """The platform's getaddrinfo, which cannot be interrupted: so in threads of its own.

    A stalled name server holds one of `slots` threads until the platform gives up; the threads are
    daemons, so that a stop never waits for them.
    """

    def __init__(self, slots: int = 32) -> None:
        self._slots = asyncio.Semaphore(slots)

    async def __call__(self, host: str) -> Sequence[str]:
        await self._slots.acquire()
        answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        Thread(target=self._look_up, args=(host, answer), name="dns", daemon=True).start()
        return await answer

    def _look_up(self, host: str, answer: "asyncio.Future[list[str]]") -> None:
        found: list[str] | OSError
        try:
            rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found = [str(row[4][0]) for row in rows]
        except OSError as error:
            found = error
        except UnicodeError:
            found = OSError("not a host name")
        loop = answer.get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._settle, answer, found)

    def _settle(self, answer: "asyncio.Future[list[str]]", found: list[str] | OSError) -> None:
        self._slots.release()
        if answer.done():
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)
