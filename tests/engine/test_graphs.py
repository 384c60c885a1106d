"""Joins, branches and skipped steps: a run ends exactly once (design §3)."""

import itertools
import json

from app.store import tables
from graphs.errors import PermanentError
from tests.support import probes
from tests.support.receiver import Receiver

DIAMOND = "input.trigger>one.a one.x>left.a one.x>right.a left.x>last.a right.x>last.b"


def test_a_join_waits_for_every_branch(rig):
    """Parallel slow branches are claimed apart; the join runs once, after both, with both results."""
    r = rig(DIAMOND)
    run_id = r.start()
    (settled,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
    (mine,), (other,) = settled.claimed, settled.rung
    (theirs,) = r.claim(other, worker="w2")
    (first,) = r.settle(r.decide(mine))
    assert (first.claimed, first.rung) == ((), ())
    assert [row.state for row in r.stages(run_id).values()].count("blocked") == 1
    (second,) = r.settle(r.decide(theirs), worker="w2")
    (join,) = second.rung
    assert r.stages(run_id)[join[1]].state == "ready"
    seen = []
    r.acts["last"] = lambda _run, inputs: seen.append(inputs) or {"x": 1}
    r.bells.append(join)
    r.run_dry()
    assert seen == [{"a": "left", "b": "right"}]
    assert r.run(run_id).status == "succeeded"


def test_branches_that_end_in_one_commit_join_once(rig):
    """Both branches settled in the same transaction open the join exactly once."""
    r = rig(DIAMOND)
    run_id = r.start()
    (settled,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
    both = [*settled.claimed, *r.claim(*settled.rung)]
    answers = r.settle(*[r.decide(item) for item in both])
    assert sum(len(each.rung) for each in answers) == 1
    r.run_dry()
    assert (r.run(run_id).status, r.acts.count("last")) == ("succeeded", 1)


def test_an_unset_output_cuts_its_branch(rig):
    """Steps all of whose paths are cut are skipped; a join with one path left still runs."""
    r = rig(
        "input.trigger>one.a one.x>left.a one.y>right.a right.x>far.a left.x>last.a far.x>last.b last.x>end.a"
    )
    run_id = r.start()
    r.run_dry()
    steps = r.steps(run_id)
    assert r.run(run_id).status == "succeeded"
    assert {name for name, row in steps.items() if row.status == "skipped"} == {"right", "far"}
    assert (r.acts.count("right"), r.acts.count("last"), r.acts.count("end")) == (0, 1, 1)


def test_a_graph_with_several_ends_ends_once(rig):
    """Three loose ends of different length: one ending, one callback, after the last of them."""
    r = rig(
        "input.trigger>one.a one.x>two.a input.trigger>three.a"
        " input.trigger>four.a four.x>five.a five.x>six.a"
    )
    with Receiver() as receiver:
        run_id = r.start(callback_url=receiver.url)
        r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert len(receiver.got) == len(r.deliveries(run_id)) == 1
    assert len(r.steps(run_id)) == 7
    assert {row.state for row in r.stages(run_id).values()} == {"done"}


def test_a_branch_that_fails_ends_the_run_and_stops_the_others(rig):
    """The first failure ends the run; work on other branches is fenced out and their retries die."""
    r = rig(DIAMOND)
    r.acts["left"] = probes.failing(PermanentError("node.qc_failed", "no"))
    with Receiver() as receiver:
        run_id = r.start(callback_url=receiver.url)
        (settled,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
        both = {item.number: item for item in [*settled.claimed, *r.claim(*settled.rung, worker="w2")]}
        left, right = (both[r.plan.node(name).stage] for name in ("left", "right"))
        late = r.decide(right)
        (failed,) = r.settle(r.decide(left))
        assert not r.settle(late, worker="w2")[0].applied
        r.send(failed.delivery)
        r.run_dry()
    assert (r.run(run_id).status, r.run(run_id).error_code) == ("failed", "node.qc_failed")
    assert "right" not in r.steps(run_id)
    assert len(receiver.got) == 1
    assert {row.state for row in r.stages(run_id).values()} <= {"done", "failed", "cancelled"}


def test_two_branches_that_fail_in_one_commit_end_the_run_once(rig):
    """Two failures in the same transaction owe one callback, and nothing more is started."""
    r = rig(DIAMOND)
    for name in ("left", "right"):
        r.acts[name] = probes.failing(PermanentError("node.qc_failed", name))
    run_id = r.start(callback_url="http://127.0.0.1:9/cb")
    (settled,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
    both = [*settled.claimed, *r.claim(*settled.rung)]
    answers = r.settle(*[r.decide(item) for item in both])
    assert len(r.deliveries(run_id)) == 1
    assert sum(each.delivery is not None for each in answers) == 1
    run = r.run(run_id)
    assert json.loads(run.error) == json.loads(run.result)["error"]


def test_a_failure_beside_a_success_starts_nothing_more(rig):
    """When one branch fails in the commit in which another passes, what would follow is not begun."""
    r = rig("input.trigger>one.a one.x>left.a one.x>right.a left.x>after.a right.x>last.a")
    r.acts["right"] = probes.failing(PermanentError("node.qc_failed", "no"))
    run_id = r.start()
    (settled,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
    both = [*settled.claimed, *r.claim(*settled.rung)]
    answers = r.settle(*[r.decide(item) for item in both])
    assert [(each.claimed, each.rung) for each in answers] == [((), ()), ((), ())]
    r.run_dry()
    assert (r.run(run_id).status, r.acts.count("after")) == ("failed", 0)


def test_every_order_of_settling_ends_the_same(rig):
    """Whatever order three branches end in, there is one ending with all results."""
    r = rig("input.trigger>one.a one.x>p.a one.x>q.a one.x>r.a p.x>last.a q.x>last.b r.x>last.c")
    for order in itertools.permutations(range(3)):
        run_id = r.start()
        (settled,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
        branches = [*settled.claimed, *r.claim(*settled.rung)]
        rung = [key for index in order for key in r.settle(r.decide(branches[index]))[0].rung]
        assert len(rung) == 1
        r.bells += rung
        r.run_dry()
        assert r.run(run_id).status == "succeeded"
        assert json.loads(r.steps(run_id)["last"].outputs) == {"x": "last"}
    assert len(r.rows(tables.run)) == 6
