"""When a schedule is due: cron expressions in a time zone, summer time included (S1). Pure.

Expressions with a fixed minute and hour follow the clock on the wall, as Debian's cron does: a time that the
zone skips is due at the first moment after the gap, one that the zone repeats is due the first time only.
Expressions whose minute or hour begins with `*` follow elapsed time and are due in both passes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

Missed = Literal["skip", "once", "all"]
MISSED: tuple[Missed, ...] = get_args(Missed)
LONGEST = 200
MOST = 100
# seconds a due time may be late and still count as met: longer than any hand-over between workers
LATE = 60.0
_TRIES = 2_000
_DAY = 86_400.0
_WINDOWS = (3_600.0, _DAY, 31 * _DAY, 732 * _DAY, 100 * 366 * _DAY)
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
_FIELDS = "minute, hour, day of month, month, day of week"
_NAMES = {
    "minute": "minute must be within 0 to 59",
    "hour": "hour must be within 0 to 23",
    "day-of-month": "day of month must be within 1 to 31 (or L for the last), and exist in its month",
    "month": "month must be within 1 to 12, or JAN to DEC",
    "day-of-week": "day of week must be within 0 to 7 (0 and 7 are Sunday), or MON to SUN",
}


class CronInvalidError(ValueError):
    """An expression that cannot be used; the text says what would be right."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """An expression in a time zone, both known to be good."""

    cron: str
    zone: ZoneInfo

    def after(self, at: float) -> Iterator[float]:
        """Every due time later than `at`, in order and each once, as seconds since the epoch."""
        last = float(int(at))
        if last > at:
            last -= 1
        tries = 0
        for moment in CronSim(self.cron, datetime.fromtimestamp(last, self.zone)):
            due, tries = moment.timestamp(), tries + 1
            if due > max(last, at):
                last, tries = due, 0
                yield due
            elif tries > _TRIES:
                return

    def next(self, at: float) -> float | None:
        """The first due time later than `at`; None when there is none within 50 years."""
        return next(self.after(at), None)

    def owed(self, first: float, now: float, missed: Missed) -> tuple[float, ...]:
        """Which due times from `first` (one itself) to `now` are to be served, at most the newest 100."""
        if first > now:
            return ()
        found = self._newest(first, now)
        if missed == "all":
            return found
        newest = found[-1]
        return (newest,) if missed == "once" or now - newest <= LATE else ()

    def _newest(self, first: float, now: float) -> tuple[float, ...]:
        # from near to far: a year of missed minutes must not be walked through to find its end
        for window in _WINDOWS:
            begin = now - window
            whole = begin <= first
            found = [first] if whole else []
            for due in self.after(max(begin, first)):
                if due > now:
                    break
                found.append(due)
            if whole or len(found) >= MOST:
                return tuple(found[-MOST:])
        return (first,)

    def describe(self) -> str:
        """In words: "Every weekday at 09:00"."""
        told = CronSim(self.cron, datetime(2026, 1, 1, tzinfo=self.zone)).explain()
        for pattern, words in _WORDS:
            told = re.sub(pattern, words, told)
        return told


_TIME = r"^At ((?:\d\d:\d\d)(?:(?:, | and |, and )\d\d:\d\d)*)"
_WORDS = (
    (_TIME + " every day$", r"Every day at \1"),
    (_TIME + " on Monday through Friday$", r"Every weekday at \1"),
    (_TIME + " on Saturday and Sunday$", r"Every weekend day at \1"),
    (_TIME + r" on ((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day.*)$", r"Every \2 at \1"),
    (_TIME + r" on (the .*|[A-Z].*)$", r"On \2 at \1"),
    (r"\bon (Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday) through ", r"from \1 through "),
)


def timetable(cron: str, zone: str) -> Timetable:
    """Read an expression and a zone that were checked before."""
    return Timetable(normal(cron), ZoneInfo(zone))


def normal(cron: str) -> str:
    """The expression with single blanks and without macros.

    Raises:
        CronInvalidError: It has not five usable fields, or is never due.
    """
    text = " ".join(cron.split())
    text = _MACROS.get(text.lower(), text)
    if len(text) > LONGEST:
        raise CronInvalidError(f"must have at most {LONGEST} characters")
    if len(text.split(" ")) != 5:
        raise CronInvalidError(f"must have five fields: {_FIELDS}; such as 0 9 * * 1-5")
    try:
        found = CronSim(text, datetime(2026, 1, 1))  # noqa: DTZ001 - walls have no zone
        if next(found, None) is None:
            raise CronInvalidError("is never due: no such day exists")
    except (CronSimError, AssertionError, ValueError) as error:
        if isinstance(error, CronInvalidError):
            raise
        raise CronInvalidError(_reason(str(error))) from None
    return text.upper()


def check_zone(zone: str) -> str:
    """The zone's name.

    Raises:
        CronInvalidError: There is no such zone in the IANA database.
    """
    if zone not in zones():
        raise CronInvalidError("must be an IANA time zone such as Europe/Berlin")
    return zone


@cache
def zones() -> frozenset[str]:
    """Every zone that may be named."""
    odd = ("posix/", "right/", "localtime", "Factory")
    return frozenset(name for name in available_timezones() if not name.startswith(odd))


def _reason(text: str) -> str:
    field = text.removeprefix("Bad ")
    return f"cannot be read: {_NAMES.get(field, _FIELDS)}"
