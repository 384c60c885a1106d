"""Due times in time zones: in order, each once, never early, through every change of the clocks (S1)."""

import contextlib
import itertools
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.workflows.cron import LATE, MOST, CronInvalidError, check_zone, normal, timetable, zones

BERLIN, APIA, KATHMANDU = "Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu"
# around a change of the clocks: summer begins, summer ends, a day that never was, a quarter of an hour
CHANGES = (
    (BERLIN, "2026-03-29T01:00:00+00:00"),
    (BERLIN, "2026-10-25T01:00:00+00:00"),
    (APIA, "2011-12-30T10:00:00+00:00"),
    (APIA, "2010-09-26T11:00:00+00:00"),
    (KATHMANDU, "1985-12-31T18:30:00+00:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00+00:00"),
    ("America/New_York", "2026-11-01T06:00:00+00:00"),
)
FIXED = st.builds(
    "{} {} * * *".format,
    st.lists(st.integers(0, 59), min_size=1, max_size=3).map(lambda found: ",".join(map(str, found))),
    st.lists(st.integers(0, 23), min_size=1, max_size=3).map(lambda found: ",".join(map(str, found))),
)
ELAPSED = st.sampled_from(["* * * * *", "*/7 * * * *", "*/30 * * * *", "0 * * * *", "15,45 * * * *"])


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def walls(cron: str, zone: str, since: str, count: int) -> list[str]:
    found = itertools.islice(timetable(cron, zone).after(at(since)), count)
    return [datetime.fromtimestamp(each, ZoneInfo(zone)).isoformat() for each in found]


@settings(max_examples=120, deadline=None)
@given(st.one_of(FIXED, ELAPSED), st.sampled_from(CHANGES), st.integers(-36 * 3600, 12 * 3600))
def test_due_times_grow_and_begin_after_now(cron: str, change: tuple[str, str], offset: int) -> None:
    """From any moment around a change, each due time is later than the one before and than now."""
    zone, moment = change
    now = at(moment) + offset + 0.25
    found = list(itertools.islice(timetable(cron, zone).after(now), 40))
    assert all(early < late for early, late in itertools.pairwise([now, *found]))


@settings(max_examples=120, deadline=None)
@given(st.one_of(FIXED, ELAPSED), st.sampled_from(CHANGES), st.lists(st.integers(-7200, 7200), max_size=6))
def test_a_clock_that_jumps_serves_no_time_twice(
    cron: str, change: tuple[str, str], jumps: list[int]
) -> None:
    """A clock set back or forth by up to two hours gives no due time twice and none before its moment."""
    zone, moment = change
    times, now = timetable(cron, zone), at(moment) - 4 * 3600
    due, served = times.next(now), []
    for jump in [0, *jumps, 3600, 3600]:
        now += 1800 + jump
        if due is not None and due <= now:
            owed = times.owed(due, now, "all")
            assert all(each <= now for each in owed)
            served += owed
            due = times.next(max(now, owed[-1]))
    assert served == sorted(set(served))


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 23), st.integers(0, 59), st.sampled_from(CHANGES))
def test_a_daily_time_comes_once_for_every_day(hour: int, minute: int, change: tuple[str, str]) -> None:
    """Where the wall shows it; a time that the zone skips comes at the first moment after the gap."""
    zone, moment = change
    here = ZoneInfo(zone)
    first = datetime.fromtimestamp(at(moment), here).date() - timedelta(days=2)
    start = datetime.combine(first, datetime.min.time(), here).timestamp() - 1
    found = set(itertools.islice(timetable(f"{minute} {hour} * * *", zone).after(start), 5))
    for day in (first + timedelta(days=each) for each in range(4)):
        wanted = datetime(day.year, day.month, day.day, hour, minute, tzinfo=here)
        if wanted.astimezone(UTC).astimezone(here).replace(tzinfo=None) == wanted.replace(tzinfo=None):
            found.remove(wanted.timestamp())
        else:
            gap = {each for each in found if _offset(each - 1, here) != _offset(each, here)}
            # the end of the gap may be a day's own time as well, and comes once then
            found -= gap if (hour, minute) != (0, 0) else set()
    assert len(found) <= 2


def _offset(moment: float, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(moment, zone).utcoffset()


def test_what_the_manual_says_about_gaps_and_overlaps() -> None:
    """The examples of the operators' manual."""
    assert walls("30 2 * * *", BERLIN, "2026-03-28T12:00:00+01:00", 2) == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]
    assert walls("30 2 * * *", BERLIN, "2026-10-24T12:00:00+02:00", 2) == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]
    assert walls("*/30 * * * *", BERLIN, "2026-10-25T01:45:00+02:00", 4)[1:3] == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:00:00+01:00",
    ]
    assert walls("0 9 * * *", APIA, "2011-12-29T12:00:00-10:00", 2) == [
        "2011-12-31T00:00:00+14:00",
        "2011-12-31T09:00:00+14:00",
    ]
    assert walls("0 9 * * *", KATHMANDU, "2026-01-01T00:00:00+05:45", 1) == ["2026-01-01T09:00:00+05:45"]


def test_what_was_missed_is_served_as_the_policy_says() -> None:
    """Skip serves a late one only within a minute, once the newest, all the newest hundred of them."""
    times, first = timetable("0 * * * *", "UTC"), at("2026-01-01T00:00:00+00:00")
    late = first + 5 * 3600 + 61
    assert times.owed(first, first + LATE, "skip") == (first,)
    assert times.owed(first, late, "skip") == ()
    assert times.owed(first, late, "once") == (first + 5 * 3600,)
    assert times.owed(first, late, "all") == tuple(first + 3600 * each for each in range(6))
    year = times.owed(first, first + 365 * 86400, "all")
    assert (len(year), year[-1]) == (MOST, first + 365 * 86400)
    assert times.owed(first, first - 1, "all") == ()


def test_a_year_of_missed_minutes_costs_next_to_nothing() -> None:
    """The end is looked at from the end."""
    now, begin = at("2026-01-01T00:00:30+00:00"), time.process_time()
    found = timetable("* * * * *", BERLIN).owed(at("2020-01-01T00:00:00+00:00"), now, "all")
    assert len(found) == MOST
    assert now - found[-1] == 30
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 9 * * 1-5", "Every weekday at 09:00"),
        ("30 8,20 * * *", "Every day at 08:30 and 20:30"),
        ("*/15 * * * *", "Every 15th minute of every hour"),
        ("0 9 * * MON", "Every Monday at 09:00"),
        ("@daily", "Every day at 00:00"),
        ("30 6 1 * *", "On the first day of every month at 06:30"),
    ],
)
def test_a_timetable_reads_as_people_say_it(cron: str, words: str) -> None:
    """In one line of English."""
    assert timetable(cron, "UTC").describe() == words


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("", "five fields"),
        ("* *", "five fields"),
        ("0 0 9 * * *", "five fields"),
        ("61 * * * *", "minute must be within 0 to 59"),
        ("0 24 * * *", "hour must be"),
        ("0 0 30 2 *", "day of month"),
        ("0 0 1 13 *", "month must be"),
        ("0 0 * * 8", "day of week"),
        ("*/0 * * * *", "minute must be"),
        ("0 ٣ * * *", "hour must be"),
        ("*," * 150 + "* * * * *", "at most 200"),
    ],
)
def test_a_wrong_expression_is_told_what_would_be_right(cron: str, told: str) -> None:
    """By field, and never by a crash."""
    with pytest.raises(CronInvalidError, match=told):
        normal(cron)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No expression ends in anything else than a timetable or a reason."""
    with contextlib.suppress(CronInvalidError):
        assert next(timetable(text, BERLIN).after(0.0), None) is not None


def test_zones_have_their_names() -> None:
    """Those of the IANA database; nothing that leads into the file system."""
    assert {BERLIN, APIA, KATHMANDU, "UTC"} <= zones()
    for bad in ("Berlin", "", "../../etc/passwd", "posix/UTC", "localtime", "europe/berlin", "CEST"):
        with pytest.raises(CronInvalidError, match="IANA"):
            check_zone(bad)
