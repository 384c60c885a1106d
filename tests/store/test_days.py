"""Days in time zones: every moment has one, and the next begins where it should."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.store.days import day_bounds, day_of, next_midnight

ZONES = [
    "UTC",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/Havana",
    "Asia/Beirut",
    "Africa/Cairo",
    "Australia/Lord_Howe",
]


@given(st.integers(1_000_000_000, 2_500_000_000), st.sampled_from(ZONES))
def test_the_next_day_begins_at_its_first_moment(at, zone):
    """Just before midnight it is still today; at midnight it is not, summer-time days included."""
    begin = next_midnight(at, zone)
    assert at < begin <= at + 26 * 3600
    assert day_of(begin - 0.001, zone) == day_of(at, zone) < day_of(begin, zone)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)])
def test_days_of_berlin_are_as_long_as_they_are(day, hours):
    """The day summer time begins has 23 hours, the day it ends has 25."""
    begin, end = day_bounds(day, "Europe/Berlin")
    assert end - begin == hours * 3600
    assert datetime.fromtimestamp(begin, ZoneInfo("Europe/Berlin")).hour == 0


def test_a_skipped_day_is_no_day():
    """Samoa had no 30 December 2011: after the 29th comes the 31st, with no gap and no overlap."""
    noon = datetime(2011, 12, 29, 22, tzinfo=UTC).timestamp()
    assert day_of(noon, "Pacific/Apia") == "2011-12-29"
    assert day_of(next_midnight(noon, "Pacific/Apia"), "Pacific/Apia") == "2011-12-31"


def test_an_unknown_zone_is_utc():
    """A zone that this machine does not know must not stop anybody's run."""
    assert day_of(0, "Mars/Olympus") == "1970-01-01"
