"""Group commit: everything that wants to be written while one commit runs is the next transaction.

One thread per process writes for the engine. An operation takes all its items of a batch at once, so that a
batch costs a handful of statements whatever its size; a batch that fails is tried again item by item, so that
one bad row cannot fail its neighbours.
"""

import asyncio
import contextlib
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.store.database import Database

Operation = Callable[[Connection, Sequence[Any]], Sequence[Any]]

_BATCH = 400
_STOP = object()


class StoreUnavailableError(Exception):
    """The database could not take the write; nothing was stored."""


class QueueFullError(Exception):
    """More is waiting to be written than this process takes on; nothing was stored."""


class _Item(NamedTuple):
    operation: Operation
    value: Any
    future: "Future[Any] | asyncio.Future[Any]"


class Writer:
    """Runs operations in shared transactions.

    Args:
        database: Where to write.
        high_water: Items that may wait; one more is refused with QueueFullError.
    """

    def __init__(self, database: Database, *, high_water: int = 20_000) -> None:
        self._database = database
        self._high_water = high_water
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name="writer", daemon=True)
        self._thread.start()

    def submit(self, operation: Operation, value: Any) -> "Future[Any]":
        """Queue one item; the future resolves after the commit, with the item's result or its exception."""
        if self._queue.qsize() >= self._high_water:
            raise QueueFullError
        future: Future[Any] = Future()
        self._queue.put(_Item(operation, value, future))
        return future

    def write(self, operation: Operation, value: Any) -> "asyncio.Future[Any]":
        """As ``submit``, for the running event loop; a whole batch wakes its loop once."""
        if self._queue.qsize() >= self._high_water:
            raise QueueFullError
        future = asyncio.get_running_loop().create_future()
        self._queue.put(_Item(operation, value, future))
        return future

    def close(self) -> None:
        """Write what is queued, then end."""
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
        batch: list[_Item] = []
        while item is not _STOP:
            batch.append(item)
            if len(batch) >= _BATCH or self._queue.empty():
                return batch
            item = self._queue.get_nowait()
        if batch:
            self._queue.put(_STOP)
        return batch

    def _write(self, batch: list[_Item]) -> None:
        try:
            results = self._transact(batch)
        except Exception as error:  # noqa: BLE001 - one item's fault must reach that item's caller only
            self._split(batch, error)
        else:
            _resolve_all(batch, results)

    def _split(self, batch: list[_Item], error: Exception) -> None:
        if len(batch) > 1:
            for item in batch:
                self._write([item])
        elif isinstance(error, SQLAlchemyError | OSError):
            _resolve_all(batch, [StoreUnavailableError(type(error).__name__)])
        else:
            _resolve_all(batch, [error])

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
        return results


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
