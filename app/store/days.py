"""Calendar days in a project's time zone: which one a moment belongs to, and when the next begins."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def day_of(at: float, zone: str) -> str:
    """The day of a moment (seconds since the epoch), as 2026-01-31; in UTC where the zone is unknown."""
    return datetime.fromtimestamp(at, zone_of(zone)).date().isoformat()


def next_midnight(at: float, zone: str) -> float:
    """When the day after this moment's begins, in seconds since the epoch.

    Where clocks are put forward over midnight the new day begins with the jump; where they are put back
    over it, with the first midnight (PEP 495).
    """
    place = zone_of(zone)
    today = datetime.fromtimestamp(at, place).date()
    begin = datetime.combine(today + timedelta(days=1), datetime.min.time(), place)
    return begin.timestamp()


def day_bounds(day: str, zone: str) -> tuple[float, float]:
    """First moment of a day and of the one after it; ValueError for a text that is no day."""
    begin = datetime.combine(datetime.fromisoformat(day).date(), datetime.min.time(), zone_of(zone))
    return begin.timestamp(), next_midnight(begin.timestamp(), zone)


def zone_of(name: str) -> tzinfo:
    """The time zone of that name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
