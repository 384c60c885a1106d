"""Runs that a run starts count for the nearest cost monitor: their own, else one above (S61, S65)."""

import json

import pytest
from sqlalchemy import update

from app.engine.control import Cancel
from app.engine.raising import Raise, raise_limits
from app.store import tables
from tests.engine.test_budget import ONE, account, offers
from tests.engine.test_children import FIELDS, LIST, children, names
from tests.support import probes
from tests.support.rig import CALLER, ORG
from tests.support.site import graph, link, node

SCOPE = f"wfl_1:{CALLER}"


def parent(**monitor):
    """Behind a cost monitor, a list is mapped over ``child``."""
    nodes = [
        node("input", "webhook_input", fields=LIST),
        node("money", "cost_monitor", **{"daily_credits": 2} | monitor),
        node("each", "map", workflow="child", item_field="name", parallel=5),
    ]
    links = [link("input.trigger", "money.trigger"), link("input.names", "each.items")]
    return graph(nodes, links)


def child(*gates):
    """Makes one picture for one credit."""
    nodes = [node("input", "webhook_input", fields=FIELDS), *gates, node("work", "paid_probe")]
    wires = [link("input.trigger", f"{each['id']}.trigger") for each in gates]
    return graph(nodes, [*wires, link("input.name", "work.a")])


@pytest.fixture
def mapping(rig):
    def build(called=None, **monitor):
        r = rig(graph=parent(**monitor))
        r.publish("child", called or child())
        offers(r, 1)
        r.acts["work"] = lambda run, _inputs: probes.painted(1, run.job_id[-8:])
        return r

    return build


def statuses(r, run_id):
    return [each.status for each in children(r, run_id)]


@pytest.mark.parametrize("mode", ["hold", "refuse"])
def test_children_spend_the_budget_of_the_run_that_started_them(mapping, mode):
    """Two fit into the day, the third waits for the next one, also where a trigger would be refused."""
    r = mapping(when_exhausted=mode)
    run_id = r.start(inputs=names(3))
    r.run_dry(60)
    assert sorted(statuses(r, run_id)) == ["queued", "succeeded", "succeeded"]
    assert list(account(r).values()) == [(2, 0)]
    (held,) = [each for each in children(r, run_id) if each.status == "queued"]
    wait = json.loads(held.wait)
    assert wait["reason"] == "budget"
    assert "the budget of 2 credits a day for shop" in wait["explanation"]
    assert r.run(run_id).status == "waiting"
    r.run_dry()
    assert (r.run(run_id).status, r.run(run_id).credit_cost) == ("succeeded", 3)
    assert list(account(r).values()) == [(2, 0), (1, 0)]
    assert {row.scope for row in r.rows(tables.spend)} == {SCOPE}


def test_raising_the_limit_lets_held_children_go(mapping):
    """Another limit for today of the parent's account wakes what waits below it."""
    r = mapping()
    run_id = r.start(inputs=names(3))
    r.run_dry(60)
    assert r.do(raise_limits, Raise(SCOPE, ORG, "ann", 10 * ONE))[0].woken == 1
    r.run_dry(60)
    assert r.run(run_id).status == "succeeded"
    assert list(account(r).values()) == [(3, 0)]


def test_raising_the_limit_wakes_children_behind_a_limiter(mapping):
    """Also those that stand at a gate of their own go on at once, one after the other as it says."""
    limited = node("limit", "rate_limiter", limit=1, window_seconds=60)
    r = mapping(called=child(limited))
    run_id = r.start(inputs=names(3))
    r.run_dry(600)
    assert sorted(statuses(r, run_id)) == ["queued", "succeeded", "succeeded"]
    assert r.do(raise_limits, Raise(SCOPE, ORG, "ann", 10 * ONE))[0].woken == 1
    r.run_dry(120)
    assert r.run(run_id).status == "succeeded"


def test_the_nearest_cost_monitor_counts(mapping):
    """A callee with a monitor of its own spends its own budget, and not that of the run above."""
    r = mapping(called=child(node("money", "cost_monitor", daily_credits=5)))
    run_id = r.start(inputs=names(3))
    r.run_dry(60)
    assert r.run(run_id).status == "succeeded"
    assert {row.scope: row.spent for row in r.rows(tables.spend)} == {f"wfl_child:{CALLER}": 3 * ONE}


def test_a_limiter_of_the_callee_still_counts(mapping):
    """Children behind a limiter of their own keep their turn while the parent's budget holds them."""
    limited = node("limit", "rate_limiter", limit=1, window_seconds=600)
    r = mapping(called=child(limited), daily_credits=2)
    run_id = r.start(inputs=names(3))
    r.run_dry(3 * 3600)
    assert sorted(statuses(r, run_id))[1:] == ["succeeded", "succeeded"]
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    starts = sorted(each.started_at for each in children(r, run_id))
    assert starts[1] - starts[0] >= 600
    assert list(account(r).values()) == [(2, 0), (1, 0)]


def test_a_cancelled_family_gives_everything_back(mapping):
    """What was reserved for open children is free again when the run above them is cancelled."""
    r = mapping(daily_credits=5)
    r.acts["work"] = lambda _run, _inputs: (_ for _ in ()).throw(probes.busy())
    run_id = r.start(inputs=names(3))
    r.turn(), r.turn()
    with r.db.write() as connection:
        connection.execute(update(tables.stage).where(tables.stage.c.state == "waiting").values(wake_at=None))
    r.do(r.control.cancel, Cancel(run_id, "ann"))
    assert all(each == (0, 0) for each in account(r).values())
    assert r.rows(tables.reservation) == []
