"""Partial runs: only what leads to the chosen nodes runs, earlier results are used while they hold."""

import pytest

from app.engine import under_way
from app.engine.control import Cancel
from app.engine.plans import Plans
from app.store import generations, runs
from graphs.partial import changed, fingerprints, leading_to, touched
from tests.support import probes
from tests.support.rig import ORG

LINKS = "input.trigger>one.a one.x>two.a two.x>three.a input.trigger>side.a"


def partial_run(r, *targets, **fields):
    """A run to these nodes, on the plan that a worker would read for it."""
    part = leading_to(r.plan, targets)
    assert r.loop.run_until_complete(Plans(r.db).get("ver_1", targets)) == part
    return r.start(plan=part, targets=targets, **fields)


def test_a_run_to_a_node_does_what_leads_there_and_no_more(rig):
    """Ancestors and target run; what follows and what stands aside is not begun; the run succeeds."""
    r = rig(LINKS)
    run_id = partial_run(r, "two")
    r.run_dry()
    run = r.run(run_id)
    assert (run.status, run.targets, run.callback_status) == ("succeeded", '["two"]', "none")
    assert set(r.steps(run_id)) == {"input", "one", "two"}
    assert r.acts.count("three") == r.acts.count("side") == 0


def test_a_cancelled_run_to_a_node_tells_of_its_own_stages(rig):
    """They are fused anew for the part that runs: the node under way is named, not one of the whole plan."""
    r = rig(LINKS)
    run_id = partial_run(r, "two")
    (root,) = r.claim((run_id, 0))
    r.plans["ver_1"] = leading_to(r.plan, ["two"])
    r.settle(r.decide(root))
    r.do(r.control.cancel, Cancel(run_id, "ann"))
    with r.db.read() as reading:
        run = runs.get(reading, runs.Scope(ORG), run_id)
        found = under_way.with_cancelled(reading, run, generations.steps(reading, run_id))
    assert {each.node_id: each.status for each in found} == {
        "input": "succeeded",
        "one": "succeeded",
        "two": "cancelled",
    }


def test_a_claimed_run_brings_its_targets_to_the_worker(rig):
    """The worker reads from the row which part of the plan to run."""
    r = rig(LINKS)
    run_id = r.start(plan=leading_to(r.plan, ["one"]), targets=("one",))
    (claimed,) = r.claim((run_id, 0))
    assert claimed.run.targets == ("one",)


def test_a_partial_run_keeps_what_it_is_given(rig):
    """Earlier results are taken, not made again, and cost nothing."""
    r = rig(LINKS)
    run_id = partial_run(r, "two", keep={"one": {"x": "earlier"}})
    seen = []
    r.acts["two"] = lambda run, inputs: seen.append(inputs) or {"x": 2}
    r.run_dry()
    assert seen == [{"a": "earlier"}]
    assert r.acts.count("one") == 0
    assert r.steps(run_id)["one"].credits == 0


@pytest.fixture
def plan():
    return probes.plan(probes.catalogue(probes.Acts()), LINKS)


def test_the_parts_of_a_plan_have_one_root_and_one_sink(plan):
    """Whatever the targets are, stage 0 holds the trigger and every stage knows its neighbours."""
    for targets in (["one"], ["side"], ["three", "side"], ["input"]):
        part = leading_to(plan, targets)
        assert part.trigger.id in part.stages[0].nodes
        assert sum(not stage.before for stage in part.stages) == 1
        assert [node.stage for node in part.nodes] == [
            next(stage.number for stage in part.stages if node.id in stage.nodes) for node in part.nodes
        ]
    with pytest.raises(KeyError):
        leading_to(plan, ["nobody"])


def test_a_change_before_a_node_changes_its_fingerprint(plan):
    """Type, settings and links of a node and of all before it count; what comes after does not."""
    other = probes.plan(probes.catalogue(probes.Acts()), LINKS.replace("one.x>two.a", "one.y>two.a"))
    before, after = fingerprints(plan), fingerprints(other)
    assert {name for name in before if before[name] != after[name]} == {"two", "three"}


def test_only_what_hangs_on_a_changed_field_is_touched(plan):
    """Everything here takes the whole trigger, so any change reaches everything; none reaches nothing."""
    assert touched(plan, changed({"a": 1}, {"a": 1})) == frozenset()
    assert touched(plan, changed({"a": 1}, {"a": 1.5})) == {node.id for node in plan.nodes}
    assert changed({"a": 1}, {"b": 1}) == {"a", "b"}
