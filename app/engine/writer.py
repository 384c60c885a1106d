"""Group commit: everything that wants to be written while one commit runs is the next transaction.

One thread per process writes for the engine. An operation takes all its items of a batch at once, so that a
batch costs a handful of statements whatever its size; a batch that fails is halved and tried again, so that
one bad row cannot fail its neighbours; a database that does not answer fails all of them at once.
"""

import asyncio
import contextlib
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from app import clock
from app.points import Point, reached
from app.store.database import Database, unreachable

Operation = Callable[[Connection, Sequence[Any]], Sequence[Any]]

_BATCH = 400
_TRIES = 3
# a run that is alone writes about so often from its trigger to its callback
_SAVED = 4.0
# PostgreSQL: deadlock, serialization failure, lock not available
_PASSING = {"40P01", "40001", "55P03"}
_STOP = object()


class StoreUnavailableError(Exception):
    """The database could not take the write; nothing was stored."""


class QueueFullError(Exception):
    """More is waiting to be written than this process takes on; nothing was stored."""


class _Item(NamedTuple):
    operation: Operation
    value: Any
    future: "Future[Any] | asyncio.Future[Any]"


class Beat:
    """When the next transaction may begin: at once after a rest, and not too often under load.

    A transaction costs the same few milliseconds of everybody's time for one item as for twenty: those who
    come a moment later share it. What comes alone waits for nobody.

    Args:
        every: Seconds between two beginnings in the long run.
    """

    def __init__(self, every: float) -> None:
        self._every = every
        self._saved = _SAVED
        self._last = clock.ticks()

    def wait(self) -> None:
        """Return when the next one may begin."""
        if not self._every:
            return
        self._save()
        if self._saved < 1:
            time.sleep((1 - self._saved) * self._every)
            self._save()
        self._saved = max(0.0, self._saved - 1)

    def _save(self) -> None:
        now = clock.ticks()
        self._saved = min(_SAVED, self._saved + (now - self._last) / self._every)
        self._last = now


class Writer:
    """Runs operations in shared transactions.

    Args:
        database: Where to write.
        high_water: Items that may wait; one more is refused with QueueFullError.
        every: Seconds between transactions under load; after a rest the first few begin at once.
        most: Items of one transaction at most: so long others wait for their turn.
    """

    def __init__(
        self, database: Database, *, high_water: int = 20_000, every: float = 0, most: int = _BATCH
    ) -> None:
        self._database = database
        self._high_water = high_water
        self._beat = Beat(every)
        self._most = most
        self._closed = False
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name="writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation, value: Any) -> "Future[Any]":
        """Queue one item; the future resolves after the commit, with the item's result or its exception."""
        self._check_room()
        future: Future[Any] = Future()
        self._queue.put(_Item(operation, value, future))
        return future

    def write(self, operation: Operation, value: Any) -> "asyncio.Future[Any]":
        """As ``submit``, for the running event loop; a whole batch wakes its loop once."""
        self._check_room()
        future = asyncio.get_running_loop().create_future()
        self._queue.put(_Item(operation, value, future))
        return future

    def _check_room(self) -> None:
        if self._closed:
            raise StoreUnavailableError("closed")
        if self._queue.qsize() >= self._high_water:
            raise QueueFullError

    def close(self) -> None:
        """Write what is queued, then end; what comes later is refused with StoreUnavailableError."""
        self._closed = True
        self._queue.put(_STOP)
        self._thread.join(timeout=10)

    def _loop(self) -> None:
        try:
            while batch := self._next_batch():
                self._write(batch)
        except BaseException:  # noqa: BLE001 - a process whose writer died must not go on taking work
            traceback.print_exc(file=sys.stderr)
            sys.stderr.flush()
            os._exit(70)

    def _next_batch(self) -> list[_Item]:
        item = self._queue.get()
        if item is not _STOP:
            self._beat.wait()
        batch: list[_Item] = []
        while item is not _STOP:
            batch.append(item)
            if len(batch) >= self._most or self._queue.empty():
                return batch
            item = self._queue.get_nowait()
        if batch:
            self._queue.put(_STOP)
        return batch

    def _write(self, batch: list[_Item], tries: int = _TRIES) -> None:
        try:
            results = self._transact(batch)
        except Exception as error:  # noqa: BLE001 - one item's fault must reach that item's caller only
            self._failed(batch, error, tries - 1)
        else:
            _resolve_all(batch, results)

    def _failed(self, batch: list[_Item], error: Exception, tries: int) -> None:
        if tries and _collided(error, alone=len(batch) == 1):
            self._write(batch, tries)
        elif len(batch) > 1 and not unreachable(error):
            middle = len(batch) // 2
            self._write(batch[:middle])
            self._write(batch[middle:])
        else:
            unavailable = isinstance(error, SQLAlchemyError | OSError)
            answer = StoreUnavailableError(type(error).__name__) if unavailable else error
            _resolve_all(batch, [answer] * len(batch))

    def _transact(self, batch: list[_Item]) -> list[Any]:
        groups: dict[Operation, list[int]] = {}
        for index, item in enumerate(batch):
            groups.setdefault(item.operation, []).append(index)
        results: list[Any] = [None] * len(batch)
        with self._database.write() as connection:
            for operation, indexes in groups.items():
                answers = operation(connection, [batch[index].value for index in indexes])
                for index, answer in zip(indexes, answers, strict=True):
                    results[index] = answer
                reached(Point.WRITER_MID_BATCH)
        return results


def _collided(error: Exception, *, alone: bool) -> bool:
    """Whether another process was in the way for a moment, so that the same write may pass now."""
    if isinstance(error, IntegrityError):
        return alone
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _PASSING


def _resolve_all(batch: Sequence[_Item], results: Sequence[Any]) -> None:
    awaited: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for item, result in zip(batch, results, strict=True):
        if isinstance(item.future, asyncio.Future):
            awaited.setdefault(item.future.get_loop(), []).append((item.future, result))
        elif item.future.set_running_or_notify_cancel():
            # a caller that went away cancelled its future; the write stands all the same
            _set(item.future, result)
    for loop, answers in awaited.items():
        # a loop that has ended waits for nothing
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_set_all, answers)


def _set_all(answers: "Sequence[tuple[asyncio.Future[Any], Any]]") -> None:
    for future, result in answers:
        if not future.done():
            _set(future, result)


def _set(future: "Future[Any] | asyncio.Future[Any]", result: Any) -> None:
    if isinstance(result, BaseException):
        future.set_exception(result)
    else:
        future.set_result(result)
