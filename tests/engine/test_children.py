"""Runs that start runs: none lost, none twice, all paid for and all ended (design §3)."""

import json
from collections.abc import Callable

import pytest

from app.engine.control import Cancel
from app.store import tables
from graphs.errors import PermanentError
from tests.support import probes
from tests.support.rig import LEASE
from tests.support.site import graph, link, node

FIELDS = [{"name": "name", "type": "string", "required": True}, {"name": "tone", "type": "string"}]
LIST = [{"name": "names", "type": "array", "required": True}]


def child(kind: str = "probe", **settings):
    """Takes a name, does one step."""
    nodes = [node("input", "webhook_input", fields=FIELDS), node("work", kind, **settings)]
    wire = "work.a" if kind == "probe" else "work.name"
    return graph(nodes, [link("input.name", wire)])


def mapped(**settings):
    """Maps a list of names over ``child``, then goes on."""
    nodes = [
        node("input", "webhook_input", fields=LIST),
        node("each", "map", **{"workflow": "child", "item_field": "name", "parallel": 2} | settings),
        node("after", "probe"),
    ]
    return graph(nodes, [link("input.names", "each.items"), link("each.results", "after.a")])


def calling(slug: str, **settings):
    nodes = [
        node("input", "webhook_input", fields=FIELDS),
        node("call", "subworkflow", workflow=slug, fields=["name"], **settings),
        node("after", "probe"),
    ]
    return graph(nodes, [link("input.name", "call.name"), link("call.result", "after.a")])


@pytest.fixture
def mapping(rig) -> Callable:
    """A rig whose workflow maps names over a child."""

    def build(**settings):
        r = rig(graph=mapped(**settings))
        r.publish("child", child())
        return r

    return build


def children(r, run_id):
    each = tables.run.c
    return r.rows(tables.run, each.parent_id == run_id, order=each.parent_item)


def names(count):
    return {"names": [f"n{number}" for number in range(count)]}


def test_one_run_for_each_item_at_most_so_many_at_a_time(mapping):
    """Bounded parallelism, results in item order, same trace and caller, no callback of their own."""
    r = mapping(parallel=2)
    seen, most = [], []
    open_ = lambda: sum(row.finished_at is None for row in children(r, run_id))  # noqa: E731
    r.acts["work"] = lambda _run, inputs: most.append(open_()) or {"x": inputs["a"]}
    r.acts["after"] = lambda _run, inputs: seen.append(inputs["a"]) or {"x": 1}
    run_id = r.start(inputs=names(5), callback_url="http://127.0.0.1:9/cb", trace_id="t1")
    r.turn()
    wait = json.loads(r.run(run_id).wait)
    assert (wait["reason"], wait["children"]) == ("children", {"total": 5, "ended": 0, "open": 2})
    assert "0 of 5 runs of child have ended, 2 are open, 3 wait for their turn" in wait["explanation"]
    r.run_dry()
    found = children(r, run_id)
    assert r.run(run_id).status == "succeeded"
    assert [row.parent_item for row in found] == [0, 1, 2, 3, 4]
    assert max(most) <= 2
    assert {(row.trace_id, row.caller, row.depth, row.callback_url, row.source) for row in found} == {
        ("t1", "shop", 1, None, "workflow")
    }
    (results,) = seen
    assert [each["job_id"] for each in results] == [row.id for row in found]
    assert [json.loads(row.inputs)["name"] for row in found] == ["n0", "n1", "n2", "n3", "n4"]


def test_an_empty_list_passes(mapping):
    """No item, no run, no wait."""
    r = mapping()
    run_id = r.start(inputs={"names": []})
    r.run_dry()
    assert (r.run(run_id).status, children(r, run_id)) == ("succeeded", [])


def spoiling(r, *bad):
    def act(_run, inputs):
        if inputs["a"] in bad:
            raise PermanentError("node.qc_failed", "too dark")
        return {"x": 1}

    r.acts["work"] = act


def test_a_child_that_fails_fails_the_step_with_its_own_words(mapping):
    """Code and reason are the child's, the place is named, and what was still open is cancelled."""
    r = mapping(parallel=2)
    spoiling(r, "n1")
    run_id = r.start(inputs=names(6))
    r.run_dry()
    run, found = r.run(run_id), children(r, run_id)
    told = json.loads(run.error)
    assert (run.status, run.error_code, told["node_id"]) == ("failed", "node.qc_failed", "each")
    assert f"item 2 of 6, child ({found[1].id}): too dark" in told["error_description"]
    assert all(row.finished_at is not None for row in found)
    assert len(found) < 6
    assert r.acts.count("after") == 0


@pytest.mark.parametrize(("how", "count"), [("skip", 3), ("collect", 4)])
def test_failures_may_be_skipped_or_collected(mapping, how, count):
    """The step succeeds; results leave failures out, or hold their errors in item order."""
    r = mapping(on_failure=how)
    spoiling(r, "n2")
    run_id = r.start(inputs=names(4))
    r.run_dry()
    outputs = json.loads(r.steps(run_id)["each"].outputs)
    assert (r.run(run_id).status, outputs["failed"], len(outputs["results"])) == ("succeeded", 1, count)
    if how == "collect":
        assert outputs["results"][2]["error"]["error_code"] == "node.qc_failed"


def test_an_item_whose_fields_are_refused_costs_nothing(mapping):
    """Before the first child starts every item is read, when one wrong item fails them all."""
    r = mapping()
    run_id = r.start(inputs={"names": ["a", 3, "c"]})
    r.run_dry()
    run = r.run(run_id)
    assert (run.status, run.error_code, children(r, run_id)) == ("failed", "trigger.wrong_type", [])
    assert (
        "item 2 of 3: child refuses its fields: name must be text"
        in json.loads(run.error)["error_description"]
    )


def test_a_refused_item_is_a_failed_one_when_failures_are_collected(mapping):
    """The others run; its place in the results says what was wrong."""
    r = mapping(on_failure="collect", parallel=1)
    run_id = r.start(inputs={"names": ["a", 3, "c"]})
    r.run_dry()
    outputs = json.loads(r.steps(run_id)["each"].outputs)
    assert [row.parent_item for row in children(r, run_id)] == [0, 2]
    assert [each["status"] for each in outputs["results"]] == ["success", "failed", "success"]
    assert outputs["results"][1]["error"]["error_code"] == "trigger.wrong_type"


def test_costs_of_children_are_costs_of_their_parent(rig):
    """What the child runs cost stands on the step and in the run, once."""
    r = rig(graph=calling("painter"))
    r.publish("painter", painter())
    run_id = r.start(inputs={"name": "a chair"})
    r.run_dry()
    (made,) = children(r, run_id)
    step = r.steps(run_id)["call"]
    outputs = json.loads(step.outputs)
    assert made.credit_cost > 0
    assert r.run(run_id).credit_cost == step.credits == outputs["credits"] == made.credit_cost
    assert len(outputs["images"]) == 1
    assert outputs["result"]["outputs"][0]["sha256"] == outputs["images"][0]["sha256"]
    assert json.loads(r.run(run_id).result)["metadata"]["credit_cost"] == made.credit_cost


def painter():
    nodes = [
        node("input", "webhook_input", fields=FIELDS),
        node("prompt", "prompt_builder", template="{{name}}"),
        node("paint", "generator", model="procedural/instant-1", width=64, height=64),
        node("out", "webhook_delivery"),
    ]
    links = ("input.name>prompt.name", "prompt.prompt>paint.prompt", "paint.images>out.images")
    return graph(nodes, [link(*each.split(">")) for each in links])


def test_cancelling_a_parent_cancels_its_open_children(mapping):
    """Nothing of the family is worked on any more; each run has one end."""
    r = mapping(parallel=3)
    run_id = r.start(inputs=names(5))
    r.turn()
    assert len(children(r, run_id)) == 3
    r.do(r.control.cancel, Cancel(run_id, "ann"))
    r.run_dry()
    assert {row.status for row in children(r, run_id)} == {"cancelled"}
    assert (len(children(r, run_id)), r.acts.count("work")) == (3, 0)
    assert r.run(run_id).status == "cancelled"
    assert (
        json.loads(children(r, run_id)[0].error)["error_description"] == "the run that started it has ended"
    )


def test_a_child_that_somebody_cancels_ends_its_step(mapping):
    """The parent does not wait for ever for what will never come."""
    r = mapping()
    run_id = r.start(inputs=names(2))
    r.turn()
    r.do(r.control.cancel, Cancel(children(r, run_id)[0].id, "ann"))
    r.run_dry()
    assert (r.run(run_id).status, r.run(run_id).error_code) == ("failed", "run.cancelled")


@pytest.mark.parametrize("when", ["before the commit", "after the commit", "twice"])
def test_a_dead_worker_neither_loses_nor_doubles_children(mapping, when):
    """Whoever dies while children are started, and whoever takes over, each item is one run."""
    r = mapping(parallel=2)
    run_id = r.start(inputs=names(4))
    (root,) = r.claim((run_id, 0))
    settled = r.decide(root)
    if when == "after the commit":
        r.settle(settled)
        r.bells.clear()
    if when == "twice":
        r.clock.now += LEASE + 1
        r.sweep()
        (again,) = r.claim((run_id, 0), worker="w2")
        second = r.decide(again)
        assert r.settle(second, worker="w2")[0].applied
        assert not r.settle(settled)[0].applied
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert [row.parent_item for row in children(r, run_id)] == [0, 1, 2, 3]
    assert r.acts.count("work") == 4


def test_children_that_end_while_their_parent_looks_are_not_missed(mapping):
    """A parent that decided to wait on an old look is looked at again in the same commit."""
    r = mapping(parallel=2)
    run_id = r.start(inputs=names(3))
    (root,) = r.claim((run_id, 0))
    (begun,) = r.settle(r.decide(root))
    first, second = r.claim(*begun.rung)
    (done,) = r.settle(r.decide(first))
    assert (run_id, 0) in done.rung
    (awake,) = r.claim((run_id, 0), worker="w2")
    late = r.decide(awake)
    r.settle(r.decide(second))
    (woken,) = r.settle(late, worker="w2")
    assert (run_id, 0) in woken.rung
    assert r.stages(run_id)[0].state == "ready"
    r.bells += woken.rung
    r.clock.now += 1
    while r.turn():
        pass
    assert r.run(run_id).status == "succeeded"
    assert r.clock.now - r.run(run_id).created_at < 5


def test_all_children_in_one_commit(mapping):
    """Two children and their parent's next look may share a transaction."""
    r = mapping(parallel=2)
    run_id = r.start(inputs=names(2))
    (begun,) = r.settle(*[r.decide(item) for item in r.claim((run_id, 0))])
    answers = r.settle(*[r.decide(item) for item in r.claim(*begun.rung)])
    assert sum((run_id, 0) in each.rung for each in answers) == 1
    r.bells.append((run_id, 0))
    r.run_dry()
    assert (r.run(run_id).status, r.acts.count("work")) == ("succeeded", 2)


def test_a_run_without_children_reads_nothing_of_families(rig, monkeypatch):
    """The plain run pays nothing: no lock, no look for parents or children."""
    monkeypatch.setattr("app.engine.family.run_row", lambda *_: probes.raising(AssertionError()))
    monkeypatch.setattr("app.engine.family._ended", lambda *_: probes.raising(AssertionError()))
    monkeypatch.setattr("app.engine.family.cost", lambda *_: probes.raising(AssertionError()))
    r = rig()
    run_id = r.start()
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
