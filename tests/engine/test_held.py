"""What an operator decides about held triggers, and about a budget that held runs back (S65, S73)."""

import json

import pytest

from app.engine.control import Cancel, Control
from app.engine.held import Holding, Release
from app.engine.raising import Raise, raise_limits
from app.store import held, spending, tables
from tests.engine.test_budget import ONE, SCOPE, at, offers, statuses, waits
from tests.engine.test_pause import pause, resume, work
from tests.support import probes
from tests.support.rig import CALLER, ORG

GATE = f"wfl_1:{CALLER}"
LIMITED = {"rate_limiter": {"limit": 10, "window_seconds": 60}, "circuit_breaker": {"factor": 1}}


@pytest.fixture
def flood(rig):
    """A rig whose breaker is open and holds six mugs and two cups; and how to decide about them."""
    r = rig("input.trigger>one.a", gates=LIMITED)
    r.accept(*[r.shop.new() for _ in range(10)])
    goods = ["mug"] * 3 + ["cup"] * 2 + ["mug"] * 3
    ids = [
        each.run_id
        for each in r.accept(*[r.shop.new(inputs={"is": name}, trigger={"is": name}) for name in goods])
    ]
    r.turn()
    return r, ids


def decide(r, mode, **how):
    return r.do(Holding(Control(r.db.dialect)).release, Release(GATE, ORG, "ann", mode, **how))[0]


def groups(r):
    with r.db.read() as connection:
        return held.groups(connection, ORG, GATE)


def opened(r):
    return r.rows(tables.breaker)[0].opened_at is not None


def audit(r):
    entry = r.rows(tables.audit, tables.audit.c.action == "breaker.release")[-1]
    return json.loads(entry.detail)


def test_held_triggers_are_grouped_by_content(flood):
    """Each content once, the largest group first, with its count, its span and a payload to look at."""
    r, ids = flood
    found = groups(r)
    assert [(each.count, json.loads(each.sample), each.run_id) for each in found] == [
        (6, {"is": "mug"}, ids[0]),
        (2, {"is": "cup"}, ids[3]),
    ]
    with r.db.read() as connection:
        assert held.groups(connection, "org_2", GATE) == ()


def test_one_of_each_content_goes_on_and_the_rest_is_dropped(flood):
    """The first of each is kept, the others end as cancelled, the breaker closes; counts are audited."""
    r, ids = flood
    done = decide(r, "one_of_each")
    assert (done.released, len(done.dropped), done.left) == ((ids[0], ids[3]), 6, 0)
    r.run_dry(300)
    assert statuses(r, [ids[0], ids[3]]) == ["succeeded"] * 2
    assert {r.run(each).status for each in done.dropped} == {"cancelled"}
    assert not opened(r)
    assert audit(r) == {"mode": "one_of_each", "released": 2, "dropped": 6, "left": 0}


def test_dropping_one_group_leaves_the_others_held(flood):
    """The breaker stays open until nothing is held any more."""
    r, ids = flood
    mugs = groups(r)[0].content
    done = decide(r, "drop", groups=(mugs,))
    assert (len(done.dropped), done.left, opened(r)) == (6, 2, True)
    assert statuses(r, ids[3:5]) == ["queued"] * 2
    assert len(decide(r, "all").released) == 2
    assert not opened(r)
    assert decide(r, "all") is None


def test_a_trickle_starts_so_many_a_minute(flood):
    """Two a minute: one at once, then one every thirty seconds, in order, the limiter's window kept."""
    r, ids = flood
    r.clock.now += 120
    begin = r.clock.now
    decide(r, "trickle", per_minute=2)
    assert waits(r, ids[1])["explanation"] == "released with 2 others a minute"
    r.run_dry(600)
    assert [r.run(each).started_at - begin for each in ids] == [30.0 * place for place in range(8)]


def test_another_organisation_decides_nothing(flood):
    """A decision about a foreign gate finds none."""
    r, _ = flood
    asked = Release(GATE, "org_2", "eve", "drop")
    assert r.do(Holding(Control(r.db.dialect)).release, asked) == [None]
    assert opened(r)


def test_a_raised_limit_lets_held_runs_go_on_today(rig):
    """An operator may set another limit for today: held runs wake, and it is audited; others may not."""
    r = rig("input.trigger>one.a", paid="one", gates={"cost_monitor": {"daily_credits": 1}})
    r.acts["one"] = lambda run, _inputs: probes.painted(1, run.job_id[-8:])
    offers(r, 1)
    at(r, "2026-05-05T10:00")
    ids = [each.run_id for each in r.accept(*[r.shop.new() for _ in range(4)])]
    r.run_dry(60)
    assert statuses(r, ids) == ["succeeded"] + ["queued"] * 3
    assert r.do(raise_limits, Raise(SCOPE, "org_2", "eve", 9 * ONE)) == [None]
    (done,) = r.do(raise_limits, Raise(SCOPE, ORG, "ann", 3 * ONE))
    assert (done.day, done.woken) == ("2026-05-05", 3)
    r.run_dry(60)
    assert statuses(r, ids) == ["succeeded"] * 3 + ["queued"]
    assert waits(r, ids[3])["explanation"].startswith(
        "the budget of 3 credits a day for shop has less than 1 left"
    )
    with r.db.read() as connection:
        (account,) = spending.today(connection, ORG)
    assert (account.spent, account.reserved, account.limit, account.raised) == (3 * ONE, 0, 3 * ONE, True)
    assert [entry.action for entry in r.rows(tables.audit)] == ["budget.limit"]


@pytest.mark.parametrize("before", [10, 100], ids=["limiter", "breaker alone"])
@pytest.mark.parametrize("stop", ["pause", "no workers", "cancel"])
def test_a_trickle_stays_one_whatever_comes_between(rig, before, stop):
    """A pause, workers that are away or a cancelled run let no more start in a minute than was said."""
    r = rig("input.trigger>one.a", gates=LIMITED if before == 10 else {"circuit_breaker": {"factor": 1}})
    r.accept(*[r.shop.new() for _ in range(before)])
    ids = [each.run_id for each in r.accept(*[r.shop.new() for _ in range(9)])]
    r.run_dry(120)
    decide(r, "trickle", per_minute=2)
    r.turn()
    if stop == "pause":
        pause(r)
        for _ in range(20):
            work(r)
            r.clock.now += 10
        resume(r)
    elif stop == "cancel":
        r.do(r.control.cancel, Cancel(ids[1], "ann"))
        del ids[1]
    else:
        r.clock.now += 200
    again = r.clock.now
    r.run_dry(600)
    times = [r.run(each).started_at for each in ids]
    assert times == sorted(times)
    assert max(sum(1 for at in times if since <= at < since + 60) for since in times) == 2
    assert times[-1] - again <= 240
