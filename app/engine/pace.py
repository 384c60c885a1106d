"""After a standstill: overdue callbacks go to each receiver a few a second, not all at once (R6).

What is on time is never held up. What is overdue because nobody was there gets the next free moment of its
receiver; the moments are in the rows, so that another restart finds them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from app.store.tables import delivery

OVERDUE = 2.0
# once a receiver has overdue ones, so late are its others too
_LATE = 0.5
# with sweeps a quarter of a second apart at most five fall into any second
SPACING = 0.3125
_HORIZON = 3_600.0
_FORGET = 60.0


@dataclass(slots=True)
class _Course:
    """The moments of one receiver, numbered: which one is next, and which are taken by what is on time."""

    begin: float
    next: int = 0
    taken: set[int] = field(default_factory=set)

    def number(self, at: float) -> int:
        return int((at - self.begin) / SPACING)

    @property
    def until(self) -> float:
        return self.begin + self.next * SPACING

    def turn(self, now: float) -> float:
        number = max(self.next, self.number(now))
        while number in self.taken:
            number += 1
        self.next = number + 1
        return max(now, self.begin + number * SPACING)


class Pace:
    """Hands out moments, for whoever leads."""

    def __init__(self) -> None:
        self._courses: dict[str, _Course] = {}

    def put_off(self, connection: Connection, rows: Sequence[Any], now: float) -> dict[str, float]:
        """When each overdue delivery shall be woken instead of now, by id; the others are not in it.

        The rows are due, the longest overdue first.
        """
        if not rows or now - rows[0].wake_at <= _LATE:
            return {}
        due = [(row, urlsplit(row.url).netloc, now - row.wake_at) for row in rows]
        stalled = {
            host for _, host, late in due if late > OVERDUE or (late > _LATE and self._busy(host, now))
        }
        new = self._learn(connection, stalled, now)
        # of a receiver that is new here all take a turn; later on those whose turn it is shall go
        turns = [
            (row.id, self._courses[host].turn(now))
            for row, host, late in due
            if host in new or (host in stalled and late > _LATE)
        ]
        return {key: at for key, at in turns if at > now}

    def _busy(self, host: str, now: float) -> bool:
        course = self._courses.get(host)
        return course is not None and course.until > now

    def _learn(self, connection: Connection, hosts: Iterable[str], now: float) -> set[str]:
        """What these receivers are to get anyway, one look for all that are new here; who was new."""
        old = [host for host, course in self._courses.items() if course.until < now - _FORGET]
        for host in old:
            del self._courses[host]
        new = {host: _Course(now) for host in sorted(hosts) if host not in self._courses}
        if not new:
            return set()
        coming = select(delivery.c.url, delivery.c.wake_at).where(
            delivery.c.wake_at > now, delivery.c.wake_at <= now + _HORIZON
        )
        for row in connection.execute(coming):
            course = new.get(urlsplit(row.url).netloc)
            if course is not None:
                course.taken.add(course.number(row.wake_at))
        self._courses.update(new)
        return set(new)
