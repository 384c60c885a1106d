"""Limiters, leases and budgets while somebody sets the wall clock by two hours, and in three zones (R15)."""

import time
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app import anchor
from app import clock as told
from app.anchor import CATCH_UP, FALL_BACK, Anchor
from app.store import tables
from tests.engine.test_budget import account, offers, zone
from tests.support import probes

LIMIT, WINDOW = 3, 600.0
TWO_HOURS = 7_200.0


class Host:
    """The counter of a machine that nobody sets, and its wall clock, which somebody does."""

    def __init__(self, at):
        self.count, self.ahead = 1_000.0, at - 1_000.0

    def wall(self):
        return self.count + self.ahead


@pytest.fixture
def host(monkeypatch):
    made = Host(1_790_000_000.0)
    monkeypatch.setattr(anchor, "count", lambda: made.count)
    return made


@pytest.fixture
def far(monkeypatch):
    """The machine itself stands in another zone, which must not matter."""
    monkeypatch.setenv("TZ", "Pacific/Apia")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def live(host, r, steady, seconds, seen, step=30.0):
    """Let time pass; note at which count each run started."""
    for _ in range(int(seconds / step)):
        host.count += step
        r.clock.now = steady.now()
        while r.turn():
            pass
        for row in r.rows(tables.run, tables.run.c.started_at.is_not(None)):
            seen.setdefault(row.id, host.count)


def test_a_window_is_as_long_as_it_says(rig, host, tmp_path):
    """Ten triggers at three in ten minutes, the clock set forth, back and forth again between them: never
    four starts within a window of true time, in the order they came, and none later than a window and 5 %."""
    gates = {"rate_limiter": {"limit": LIMIT, "window_seconds": WINDOW}}
    with told.told_by(host.wall):
        steady = Anchor(tmp_path, "one")
    r = rig("input.trigger>one.a", gates=gates)
    with told.told_by(lambda: r.clock.now, host.wall):
        r.clock.now = steady.now()
        ids = [r.start() for _ in range(10)]
        seen = {}
        for skew in (TWO_HOURS, -2 * TWO_HOURS, 2 * TWO_HOURS, -TWO_HOURS):
            live(host, r, steady, 420, seen)
            host.ahead += skew
        live(host, r, steady, 600, seen)
    starts = [seen[run_id] for run_id in ids]
    assert starts == sorted(starts)
    for first, fourth in zip(starts, starts[LIMIT:], strict=False):
        assert WINDOW * (1 - CATCH_UP) - 1 <= fourth - first <= WINDOW * (1 + FALL_BACK) + 60


def test_a_lease_outlives_a_set_clock(rig, host, tmp_path):
    """Set forth by two hours, nobody's lease has ended: the step is not done twice, and not counted as a
    crash; set back, a lease that was left behind ends when it should."""
    with told.told_by(host.wall):
        steady = Anchor(tmp_path, "one")
    r = rig()
    with told.told_by(lambda: r.clock.now, host.wall):
        r.clock.now = steady.now()
        (mine,) = r.claim((r.start(), 0))
        r.bells.clear()
        host.ahead += TWO_HOURS
        host.count += 3
        r.clock.now = steady.now()
        assert r.sweep().stages == []
        assert r.settle(r.decide(mine))[0].applied
        (left,) = r.claim((r.start(), 0))
        r.bells.clear()
        host.ahead -= 2 * TWO_HOURS
        host.count += 13
        r.clock.now = steady.now()
        assert r.sweep().stages == [(left.run.id, 0)]


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize(
    ("name", "night", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Asia/Kathmandu", "2026-03-29", 24),
    ],
)
def test_a_day_of_a_budget_is_the_day_of_its_zone(rig, name, night, hours):
    """On the days of the change a day has 23 or 25 hours; what does not fit waits for just its end."""
    r = rig("input.trigger>one.a", paid="one", gates={"cost_monitor": {"daily_credits": 1}})
    offers(r, 1)
    zone(r, name)
    r.acts["one"] = lambda run, _inputs: probes.painted(1, run.job_id[-8:])
    begin = datetime.fromisoformat(night).replace(tzinfo=ZoneInfo(name)).timestamp()
    r.clock.now = begin + 1
    ids = [r.start() for _ in range(3)]
    r.run_dry(3 * 86_400)
    starts = [r.run(run_id).started_at for run_id in ids]
    assert starts[0] == begin + 1
    assert starts[1] - begin == pytest.approx(hours * 3_600, abs=1)
    assert all(later - earlier > 22 * 3_600 for earlier, later in pairwise(starts))
    assert set(account(r).values()) == {(1, 0)}
