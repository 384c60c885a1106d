"""When to try again: arithmetic only (S38)."""

import math
from collections.abc import Sequence

MAX_STRETCH = 2.0


def next_delay(delays: Sequence[float], failures: int, retry_after: float | None = None) -> float | None:
    """Seconds until the next try after a number of failures; None when the schedule is used up.

    Args:
        delays: Seconds before retry 1, 2, 3 …
        failures: Failed tries so far, at least 1.
        retry_after: What the other side asks for, in seconds; it may lengthen a delay up to double,
            and never shortens it.
    """
    if not 1 <= failures <= len(delays):
        return None
    delay = float(delays[failures - 1])
    if retry_after is None or not math.isfinite(retry_after):
        return delay
    return min(max(delay, retry_after), delay * MAX_STRETCH)
