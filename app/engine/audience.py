"""Those who follow runs in this process: so many at most, and the more they are, the slower each is told."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

# one look at a run takes a millisecond or two: a full house costs this process a fifth of a core
_SECONDS_PER_LISTENER = 0.01


class Audience:
    """Seats and pace; used on the event loop only.

    Args:
        seats: How many may follow at once.
    """

    def __init__(self, seats: int) -> None:
        self.seats = seats
        self._taken = 0

    @property
    def full(self) -> bool:
        """Whether every seat is taken."""
        return self._taken >= self.seats

    @contextmanager
    def seat(self) -> Iterator[None]:
        """One of them, until the end of the block."""
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    @property
    def pace(self) -> float:
        """Seconds that each leaves between two looks at its run."""
        return self._taken * _SECONDS_PER_LISTENER

    async def rest(self, since: float) -> None:
        """Until the pace allows another look; `since` is the loop's time of the last one."""
        left = since + self.pace - asyncio.get_running_loop().time()
        if left > 0:
            await asyncio.sleep(left)
