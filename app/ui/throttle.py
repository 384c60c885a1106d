"""So many of a kind in so many seconds, counted in this process: a first barrier before open pages."""

from collections import OrderedDict, deque

from app import clock

_KEPT = 10_000


class Throttle:
    """Counts by key in a rolling window; forgets the keys that were quiet longest.

    Args:
        most: How many may pass in a window.
        seconds: The window.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Whether one more may pass; counts it when it may."""
        now = clock.ticks()
        times = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        if len(self._seen) > _KEPT:
            self._seen.popitem(last=False)
        while times and times[0] <= now - self._seconds:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        return True
