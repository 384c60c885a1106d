"""Redos and the runs that a run starts: what was made anew is not waited for, delivered or lost (S45)."""

import json

from app.store import tables
from graphs.node import Redo, Wait
from tests.support import probes
from tests.support.site import graph, link, node

NAME = [{"name": "name", "type": "object", "required": True}]


def judged(*nodes, links):
    """A picture that its judge sends back once, and what else hangs on it."""
    common = [
        node("input", "webhook_input", fields=NAME),
        node("gen", "paid_probe"),
        node("qc", "probe", on_fail="redo", redo_from="gen"),
    ]
    wires = [link("input.name", "gen.a"), link("gen.x", "qc.a")]
    return graph([*common, *nodes], wires + [link(*each.split(">")) for each in links.split()])


def once(run, _inputs):
    return Redo({}, "too soft", probes.Outputs(x=0)) if not run.redos else {"x": 1}


def children(r, run_id):
    each = tables.run.c
    return r.rows(tables.run, each.parent_id == run_id, order=each.id)


def test_a_parent_gets_the_pictures_of_the_last_generation_only(rig):
    """A delivery that hangs on the generator itself ran for each try; only what holds is handed up."""
    fields = [node("input", "webhook_input", fields=NAME), node("call", "subworkflow", workflow="made")]
    fields[1]["settings"]["fields"] = ["name"]
    r = rig(graph=graph(fields, [link("input.name", "call.name")]))
    r.publish("made", judged(node("out", "webhook_delivery"), links="gen.images>out.images"))
    r.acts["gen"] = lambda run, _inputs: probes.painted(1, f"g{run.generation}")
    r.acts["qc"] = once
    run_id = r.start(inputs={"name": {}})
    r.run_dry()
    (step,) = r.rows(tables.step, (tables.step.c.run_id == run_id) & (tables.step.c.node_id == "call"))
    assert [each["asset_id"] for each in json.loads(step.outputs)["images"]] == ["ast_g1"]
    assert r.run(run_id).credit_cost == 2


def test_a_redo_ends_the_child_runs_that_it_overtakes_and_counts_them(rig):
    """What was started for the old picture is cancelled at once; what it cost by then is in the bill."""
    called = node("call", "subworkflow", workflow="slow", fields=["name"])
    r = rig(graph=judged(called, links="gen.x>call.name"))
    part = [node("input", "webhook_input", fields=NAME), node("paid", "paid_probe"), node("long", "probe")]
    r.publish("slow", graph(part, [link("input.name", "paid.a"), link("paid.x", "long.a")]))
    r.acts["gen"] = lambda run, _inputs: {**probes.painted(1), "x": {"try": run.generation}}
    r.acts["qc"] = lambda run, inputs: once(run, inputs) if run.redos or run.state else Wait(60, {"seen": 1})
    r.acts["paid"] = lambda _run, _inputs: probes.painted(3)
    r.acts["long"] = lambda run, _inputs: {"x": 1} if run.state else Wait(600, {"asked": 1})
    run_id = r.start(inputs={"name": {}})
    r.run_dry(seconds=120)
    first, second = children(r, run_id)
    assert (first.status, first.error_code, first.credit_cost) == ("cancelled", "run.cancelled", 3)
    assert "done again" in json.loads(first.error)["error_description"]
    assert second.finished_at is None
    r.run_dry()
    assert (r.run(run_id).status, r.run(run_id).credit_cost) == ("succeeded", 8)
    assert json.loads(r.run(run_id).result)["metadata"]["credit_cost"] == 8
