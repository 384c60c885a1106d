"""Crash points: a process dies at each of them, and no promise is broken (R2)."""

import subprocess
import sys

import pytest

from app import points
from app.points import Point
from tests.chaos.points import MONEY, POINTS, Campaign
from tests.support import postgres


@pytest.fixture(scope="module")
def campaign(tmp_path_factory, zygote):
    """Every point played once, the points of different installations side by side."""
    campaign = Campaign(tmp_path_factory.mktemp("points"), zygote)
    campaign.run()
    return campaign


def test_the_points_that_are_played_are_those_in_the_code():
    """A point that no scene leads to proves nothing; one that is gone from the code is no longer one."""
    assert sorted(POINTS) == sorted(Point)
    assert len(POINTS) >= 25


@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", POINTS)
def test_a_process_dies_there_and_another_one_goes_on(campaign, point):
    """The process exits at the point; what it was doing is completed by the next, once."""
    assert [each.wrong for each in campaign.verdicts[point]] == [""]


def test_no_promise_was_broken_at_any_point(campaign):
    """One run for each 202, one message for each run, nothing charged twice, nothing left over."""
    assert campaign.wrong == []


@pytest.mark.parametrize("given", ["nowhere", "after-send:0", "after-send:x", "after-send:"])
def test_a_name_that_is_no_point_is_refused(given):
    """A mistyped point must not pass for one that nobody came to."""
    with pytest.raises(points.UnknownPointError, match=r"SAKUGA_CRASH_AT: .* is no crash point; name one"):
        points.arm({points.VARIABLE: given})


def test_a_process_with_an_unknown_point_does_not_start():
    """One line says which names there are."""
    command = [sys.executable, "-m", "app.cli", "worker"]
    done = subprocess.run(
        command, env={points.VARIABLE: "nowhere"}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_a_point_counts_its_passes(tmp_path):
    """`name:3` dies at the third pass, with the status of a process that was killed."""
    script = (
        "from app.points import Point, arm, reached\n"
        "arm({'SAKUGA_CRASH_AT': 'after-send:3'})\n"
        "for n in range(9):\n    print(n, flush=True)\n"
        "    reached(Point.AFTER_SEND)\n    reached(Point.BEFORE_SEND)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (points.STATUS, ["0", "1", "2"])


NEWEST = (
    Point.CALL_DEPARTED,
    Point.CALL_ANSWERED,
    Point.JOB_NOTED,
    Point.REDO_WRITTEN,
    Point.RESULT_KEPT,
)


@pytest.mark.timeout(240)
def test_money_and_redos_survive_on_postgresql_too(tmp_path, zygote):
    """The same deaths on the other database: charged once, made again once, nothing left over."""
    with postgres.restartable() as server:
        money = {point: play for point, play in MONEY.items() if point in NEWEST}
        campaign = Campaign(tmp_path, zygote, postgres.databases(server), [money])
        campaign.run()
    assert {point: [each.wrong for each in campaign.verdicts[point]] for point in NEWEST} == {
        point: [""] for point in NEWEST
    }
    assert campaign.wrong == []
