"""The best picture of several generations, by what quality control found (S46)."""

from collections.abc import Sequence
from itertools import zip_longest

from graphs.sockets import Check, Image

Rank = tuple[int, int, float]
_WORST: Rank = (2**31, 2**31, 0.0)


def best_of(generations: Sequence[Sequence[Image]]) -> list[Image]:
    """For each place the best picture of any generation; of equals the one made first.

    Fewer failed checks are better, then fewer warnings, then the smaller distance from the thresholds.
    """
    places = zip_longest(*generations)
    return [min((image for image in place if image is not None), key=rank) for place in places]


def rank(image: Image) -> Rank:
    """Lower is better; a picture without a verdict is the worst."""
    if image.qc is None:
        return _WORST
    missed = [check for check in image.qc.checks if not check.passed]
    failed = sum(check.severity == "fail" for check in missed)
    return failed, len(missed) - failed, sum(_shortfall(check) for check in missed)


def _shortfall(check: Check) -> float:
    """How far a value misses its threshold, as a share of it, so that different measures compare."""
    return abs(check.threshold - check.value) / (abs(check.threshold) or 1)
