"""Remember reads for less than a second, so that revocations and publications are seen in time (S13)."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MISSING: Any = object()
_STRIPES = 16


@dataclass(slots=True)
class _Entry(Generic[V]):
    value: V
    loaded_at: float
    refreshing: bool = False


class MomentCache(Generic[K, V]):
    """Values that are at most `seconds` old; safe for threads, one load per key at a time.

    In the second half of its life a value is handed out to all but one: that one loads it anew, so that
    nobody else waits.
    """

    def __init__(self, seconds: float = 0.9, size: int = 4096) -> None:
        self._seconds = seconds
        self._size = size
        self._entries: dict[K, _Entry[V]] = {}
        self._locks = tuple(threading.Lock() for _ in range(_STRIPES))

    def peek(self, key: K) -> V:
        """The value if it is fresh, else MISSING; never loads."""
        entry = self._entries.get(key)
        if entry is None:
            return MISSING  # type: ignore[no-any-return]
        age = time.monotonic() - entry.loaded_at
        if age > self._seconds:
            return MISSING  # type: ignore[no-any-return]
        if age > self._seconds / 2 and not entry.refreshing:
            entry.refreshing = True
            return MISSING  # type: ignore[no-any-return]
        return entry.value

    def get(self, key: K, load: Callable[[], V]) -> V:
        """The fresh value, loaded when there is none; what `load` raises is passed on and not remembered."""
        asked = time.monotonic()
        with self._locks[hash(key) % _STRIPES]:
            entry = self._entries.get(key)
            if entry is not None and entry.loaded_at >= asked - self._seconds / 2:
                return entry.value
            loaded_at = time.monotonic()
            value = load()
            self._keep(key, _Entry(value, loaded_at))
            return value

    def drop(self, key: K) -> None:
        self._entries.pop(key, None)

    def clear(self) -> None:
        self._entries.clear()

    def _keep(self, key: K, entry: _Entry[V]) -> None:
        if len(self._entries) >= self._size:
            self._entries.clear()
        self._entries[key] = entry
