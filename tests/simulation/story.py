"""What happened, in order: a line for each event, and one hash over all of them."""

import hashlib
from collections import deque
from typing import Any


class BrokenRuleError(AssertionError):
    """A rule that must always hold did not."""


class Story:
    """Events as they happen; the hash of two runs of one seed is the same."""

    def __init__(self, keep: int = 60) -> None:
        self._hash = hashlib.sha256()
        self.last: deque[str] = deque(maxlen=keep)
        self.events = 0
        self.broken: list[str] = []

    def tell(self, at: float, who: str, what: str, *facts: Any) -> None:
        line = f"{at:.6f} {who} {what} {' '.join(map(str, facts))}"
        self._hash.update(line.encode() + b"\n")
        self.last.append(line)
        self.events += 1

    def breaks(self, rule: str) -> None:
        """A rule does not hold; the simulation ends at the next look."""
        self.broken.append(rule)
        self.last.append(f"BROKEN: {rule}")

    def check(self) -> None:
        if self.broken:
            raise BrokenRuleError("; ".join(self.broken[:5]))

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()
