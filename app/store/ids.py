"""Time-ordered ids: a prefix, 48 bits of milliseconds and 80 random bits, in Crockford's base 32."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app import clock

Entropy = Callable[[int], bytes]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# two characters at a time
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)


class _Ids:
    """The numbers of one process: each is larger than the one before, within one millisecond too."""

    def __init__(self, entropy: Entropy) -> None:
        self._lock = threading.Lock()
        self._entropy = entropy
        self._last = 0

    def next(self) -> int:
        moment = int(clock.now() * 1000)
        with self._lock:
            if self._last >> 80 == moment:
                self._last += 1 + int.from_bytes(self._entropy(5), "big")
            else:
                self._last = moment << 80 | int.from_bytes(self._entropy(10), "big")
            return self._last


_ids = _Ids(os.urandom)


@contextmanager
def drawn_from(entropy: Entropy) -> Iterator[None]:
    """Let the random bits of ids come from elsewhere, so that a simulation makes the same ones again."""
    global _ids  # noqa: PLW0603 - ids are a process's own; this is their port
    before, _ids = _ids, _Ids(entropy)
    try:
        yield
    finally:
        _ids = before


def new_id(prefix: str) -> str:
    """A new id such as ``run_01k3…``; ids made later sort later, across processes to the millisecond."""
    return f"{prefix}_{_encode(_ids.next())}"


def _encode(value: int) -> str:
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in _SHIFTS])


def id_time(identifier: str) -> float:
    """Seconds since the epoch that an id was made at."""
    value = 0
    for character in identifier.rpartition("_")[2][:10]:
        value = value << 5 | _ALPHABET.index(character)
    return value / 1000


def floor_id(prefix: str, at: float) -> str:
    """The smallest id of that prefix made at or after a time: turns a time filter into a key range."""
    return f"{prefix}_{_encode(int(at * 1000) << 80)}"
