"""What time it is: the one place that asks, so that a test or a simulation can say it instead."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_source: Callable[[], float] | None = None


def now() -> float:
    """Seconds since the epoch, for waits, leases and history."""
    return time.time() if _source is None else _source()


@contextmanager
def told_by(source: Callable[[], float]) -> Iterator[None]:
    """Let something else say what time it is, in this process."""
    global _source  # noqa: PLW0603 - a clock is global by nature; this is its port
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
