"""What time it is: the one place that asks, so that a test or a simulation can say it instead.

Three questions, three answers. ``now`` is for leases, waits and history: in the processes of a host it
runs steadily, however the wall clock is set (see ``app.anchor``). ``wall`` is for what others compare with a
clock of their own: signatures, sessions, addresses that expire, schedules. ``ticks`` measures durations.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

Source = Callable[[], float]


class _Sources(NamedTuple):
    now: Source | None = None
    wall: Source | None = None
    ticks: Source | None = None


_sources = _Sources()


def now() -> float:
    """Seconds since the epoch, for waits, leases and history."""
    source = _sources.now
    return time.time() if source is None else source()


def wall() -> float:
    """Seconds since the epoch as the wall clock says, for what receivers and visitors check."""
    source = _sources.wall
    return time.time() if source is None else source()


def ticks() -> float:
    """Seconds from an unknown beginning, never backwards: the difference of two is a duration."""
    source = _sources.ticks
    return time.perf_counter() if source is None else source()


def run_on(steady: Source, wall_clock: Source | None = None) -> None:
    """Let ``now`` come from a steady source for the rest of this process."""
    _set(_Sources(steady, wall_clock))


@contextmanager
def told_by(source: Source, wall: Source | None = None) -> Iterator[None]:
    """Let something else say what time it is, in this process; the wall clock too, unless it differs."""
    before = _sources
    _set(_Sources(source, wall or source, source))
    try:
        yield
    finally:
        _set(before)


def _set(sources: _Sources) -> None:
    global _sources  # noqa: PLW0603 - a clock is global by nature; this is its port
    _sources = sources
