"""Services that charge more than they said: told of, booked, and nothing more leaves past the limit."""

import json

import pytest

from app.engine import calls
from app.engine.call_records import Answered, Intent
from app.engine.control import Cancel
from app.engine.departures import Departed, Departure, HeldBack, depart
from app.engine.raising import Raise, raise_limits
from app.store import tables
from graphs.errors import PermanentError, ThrottledError
from tests.engine.test_budget import ONE, SCOPE, account, offers, waits
from tests.support import probes
from tests.support.rig import CALLER, ORG


@pytest.fixture
def shop(rig):
    """Builds a rig whose runs make one picture for one credit, two a day."""

    def build(**monitor):
        r = rig("input.trigger>one.a", paid="one", gates={"cost_monitor": {"daily_credits": 2, **monitor}})
        offers(r, 1)
        r.acts["one"] = lambda run, _inputs: probes.painted(1, run.job_id[-8:])
        return r

    return build


def claimed(r):
    """A run that was started and whose money is reserved."""
    (found,) = r.claim((r.start(), 0))
    r.bells.clear()
    return found


def leaving(r, found, *, hard=True, keyed=False):
    run_id = found.run.id
    intent = Intent(
        *(ORG, CALLER, run_id, found.number, found.fence, "one", 0, f"{run_id}:one:1"),
        *("painter", "m1", 1.0),
        keyed=keyed,
        hard=hard,
    )
    return r.do(depart, Departure(intent, 60.0))[0]


def alerts(r, code="charged_more"):
    return [row.text for row in r.rows(tables.alert, tables.alert.c.code == code)]


def test_it_is_told_of_once_a_day_and_booked_as_it_is(shop):
    """The first such call of a day raises an alert with both sums; the account knows what was charged."""
    r = shop(daily_credits=20)
    for _ in range(2):
        sent = leaving(r, claimed(r))
        r.do(calls.settled, Answered(sent.call.id, "done", 1.75))
    (told,) = alerts(r)
    assert "1.75 credits were charged where 1 were expected" in told
    assert next(iter(account(r).values()))[0] == 3.5
    r.clock.now += 2 * 86_400
    sent = leaving(r, claimed(r))
    r.do(calls.settled, Answered(sent.call.id, "done", 1.75))
    assert len(alerts(r)) == 2


def test_nothing_leaves_once_the_limit_is_passed(shop):
    """A run that has its money reserved is held all the same, and goes on when the limit is raised."""
    r = shop()
    first, second = claimed(r), claimed(r)
    sent = leaving(r, first)
    r.do(calls.settled, Answered(sent.call.id, "done", 1.75))
    held = leaving(r, second)
    assert isinstance(held, HeldBack)
    assert held.budget
    assert "1.75 of 2 credits are spent" in held.reason
    assert r.rows(tables.call, tables.call.c.run_id == second.run.id) == []

    def refuse(_run, _inputs):
        raise ThrottledError("run.budget_stopped", held.reason, retry_after=1.0)

    r.acts["one"] = refuse
    r.settle(r.decide(second))
    assert waits(r, second.run.id)["reason"] == "budget"
    r.acts["one"] = lambda run, _inputs: probes.painted(1, run.job_id[-8:])
    r.run_dry(3_600)
    assert (r.run(second.run.id).status, waits(r, second.run.id)["reason"]) == ("waiting", "budget")
    assert r.do(raise_limits, Raise(SCOPE, ORG, "ann", 10 * ONE))[0].woken == 1
    r.run_dry(60)
    assert r.run(second.run.id).status == "succeeded"


def test_an_alert_only_monitor_lets_it_pass(shop):
    """Where a budget only tells, it tells, and every call leaves."""
    r = shop(when_exhausted="alert_only")
    first, second = claimed(r), claimed(r)
    r.do(calls.settled, Answered(leaving(r, first, hard=False).call.id, "done", 5.0))
    assert isinstance(leaving(r, second, hard=False), Departed)
    assert len(alerts(r)) == 1


def test_a_call_that_was_made_is_told_its_answer(shop):
    """A passed limit withholds no picture that is paid for already."""
    r = shop()
    first = claimed(r)
    sent = leaving(r, first)
    r.do(calls.settled, Answered(sent.call.id, "done", 2.5, {"result": {"images": []}}))
    again = leaving(r, first)
    assert isinstance(again, Departed)
    assert not again.call.fresh
    assert json.dumps(again.call.memo["result"]) == '{"images": []}'


def test_a_call_that_may_have_been_charged_is_asked_for_again(shop):
    """Sent under a key and not answered, then the limit is passed: it is asked what came of it, for its money
    stays reserved on that day and would never be free; a call that has not left waits."""
    r = shop()
    first, second = claimed(r), claimed(r)
    leaving(r, second, keyed=True)
    r.do(calls.settled, Answered(leaving(r, first).call.id, "done", 2.5))
    again = leaving(r, second, keyed=True)
    assert isinstance(again, Departed)
    assert again.call.fresh
    assert again.call.unsure


def test_a_run_costs_what_was_charged_although_it_failed(shop):
    """A failed step costs what its call was charged with, and the run says so to its caller."""
    r = shop()
    found = claimed(r)
    r.do(calls.settled, Answered(leaving(r, found).call.id, "done", 0.3))

    def paid_for_nothing(_run, _inputs):
        error = PermanentError("node.provider_bad_output", "no usable picture")
        error.credits = 0.3
        raise error

    r.acts["one"] = paid_for_nothing
    r.settle(r.decide(found))
    ended = r.run(found.run.id)
    assert (ended.status, ended.credit_cost) == ("failed", 0.3)
    assert [row.credits for row in r.steps(found.run.id).values() if row.node_id == "one"] == [0.3]
    assert list(account(r).values()) == [(0.3, 0)]


def test_a_cancelled_run_costs_what_was_charged_before(shop):
    """Charged, and cancelled before the step was settled: the run's cost and the account say the same."""
    r = shop()
    found = claimed(r)
    r.do(calls.settled, Answered(leaving(r, found).call.id, "done", 0.3))
    r.do(r.control.cancel, Cancel(found.run.id, "ann"))
    assert r.run(found.run.id).credit_cost == 0.3
    assert list(account(r).values()) == [(0.3, 0)]
