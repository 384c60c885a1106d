"""Answers by key: each question is asked once, however many wait for the answer."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Remembers the latest answers of one event loop; a question that failed may be asked again."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._answers: OrderedDict[Hashable, asyncio.Future[T]] = OrderedDict()

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer for a key, asked for by ``ask`` when nobody has asked before."""
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = asyncio.ensure_future(ask())
            known.add_done_callback(lambda done: self._forget_failure(key, done))
            if len(self._answers) > self._size:
                self._answers.popitem(last=False)
        else:
            self._answers.move_to_end(key)
            if known.done():
                return known.result()
        # one impatient asker must not take the answer away from the others
        return await asyncio.shield(known)

    def _forget_failure(self, key: Hashable, done: "asyncio.Future[T]") -> None:
        failed = done.cancelled() or done.exception() is not None
        if failed and self._answers.get(key) is done:
            del self._answers[key]
