"""When a run that waits in a limiter's queue may start, after those before it. Pure."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What a run was accepted, or released, with.

    Attributes:
        limit: Starts within each `window` (seconds); None where no limiter counts.
        per_minute: Starts a minute at most, for runs that a breaker let trickle.
    """

    limit: int | None = None
    window: float = 0.0
    per_minute: float | None = None

    @classmethod
    def of(cls, detail: Mapping[str, Any]) -> "Rule":
        """As the first stage of a run carries it."""
        limited = bool(detail.get("limited"))
        return cls(
            int(detail["limit"]) if limited else None,
            float(detail["window"]) if limited else 0.0,
            detail.get("per_minute"),
        )

    @property
    def windows(self) -> tuple[tuple[int, float], ...]:
        """No more than so many starts in any so many seconds, each."""
        found = [] if self.limit is None else [(self.limit, self.window)]
        if self.per_minute is not None:
            found.append((math.ceil(self.per_minute), MINUTE * max(1.0, 1 / self.per_minute)))
        return tuple(found)

    @property
    def most(self) -> int:
        """How many of the last starts matter."""
        return max((count for count, _ in self.windows), default=0)

    @property
    def gap(self) -> float:
        """Seconds between two runs of a trickle, so that they do not come in bursts."""
        return MINUTE / self.per_minute if self.per_minute is not None else 0.0

    def free_at(self, starts: Sequence[float]) -> float:
        """The first moment another start fits behind these, oldest first; 0 when none is in the way."""
        return max(
            (starts[-count] + window for count, window in self.windows if len(starts) >= count), default=0.0
        )


@lru_cache(maxsize=1_024)
def read(detail: str | None) -> Rule:
    """The rule in the detail of a stage, as JSON text."""
    return Rule.of(json.loads(detail or "{}"))


class Seats:
    """Hands out moments one after the other, in the order of a queue."""

    def __init__(self, starts: Sequence[float], now: float) -> None:
        self._starts, self._now = list(starts), now
        self._trickled = self._starts[-1] if self._starts else 0.0

    def next(self, rule: Rule, *, at: float = 0.0) -> float:
        """The moment for the next run, not before `at`."""
        behind = self._starts[-1] if self._starts else 0.0
        slot = max(self._now, at, behind, rule.free_at(self._starts))
        if rule.per_minute is not None:
            slot = max(slot, self._trickled + rule.gap)
            self._trickled = slot
        self._starts.append(slot)
        return slot
