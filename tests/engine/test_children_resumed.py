"""Going on from a failure where other runs were started: what those made is not paid again (S120)."""

import json

from app.store import tables
from graphs.errors import PermanentError
from graphs.stale import RESUMED
from tests.support import probes
from tests.support.site import graph, link, node

NAMES = [{"name": "names", "type": "array", "required": True}]
NAME = [{"name": "name", "type": "string", "required": True}]


def rigged(rig, bad, **settings):
    """A map over two steps that cost 1 and 0; the second one fails for the names in ``bad``."""
    each = node("each", "map", workflow="child", item_field="name", **{"parallel": 2} | settings)
    parent = [node("input", "webhook_input", fields=NAMES), each, node("after", "probe")]
    r = rig(graph=graph(parent, [link("input.names", "each.items"), link("each.results", "after.a")]))
    part = [node("input", "webhook_input", fields=NAME), node("paid", "paid_probe"), node("work", "probe")]
    r.publish("child", graph(part, [link("input.name", "paid.a"), link("paid.x", "work.a")]))

    def work(_run, inputs):
        if inputs["a"] in bad:
            raise PermanentError("node.qc_failed", "too dark")
        return {"x": 1}

    r.acts["paid"] = lambda _run, inputs: probes.painted(1, inputs["a"])
    r.acts["work"] = work
    return r


def again(r, run_id, names):
    """As a rerun from the failure starts it."""
    keep = {"input": {"names": names, "trigger": {"names": names}}}
    return r.start(inputs={"names": names}, rerun_of=run_id, keep=keep, kept_as={"input": RESUMED})


def children(r, run_id):
    each = tables.run.c
    return r.rows(tables.run, each.parent_id == run_id, order=each.parent_item)


def test_only_what_failed_is_done_again(rig):
    """Items that succeeded are taken over, the others keep the steps that did; nothing is paid twice."""
    bad = {"c"}
    r = rigged(rig, bad)
    seen = []
    r.acts["after"] = lambda _run, inputs: seen.append(inputs["a"]) or {"x": 1}
    names = ["a", "b", "c", "d", "e"]
    first = r.start(inputs={"names": names})
    r.run_dry()
    assert r.run(first).status == "failed"
    made = {row.parent_item: row.id for row in children(r, first) if row.status == "succeeded"}
    bad.add("e")
    second = again(r, first, names)
    r.run_dry()
    assert r.run(second).status == "failed"
    bad.clear()
    third = again(r, second, names)
    r.turn()
    assert json.loads(r.run(third).wait or "{}").get("reason") in {None, "children"}
    r.run_dry()
    assert r.run(third).status == "succeeded"
    assert r.acts.count("paid") == len(names)
    assert sum(r.run(each).credit_cost for each in (first, second, third)) == len(names)
    (results,) = seen
    assert [each["job_id"] for each in results][:2] == [made[0], made[1]]
    assert all(each["status"] == "success" for each in results)
    assert {row.parent_item for row in children(r, third)}.isdisjoint(made)


def test_other_fields_and_plain_repeats_are_made_anew(rig):
    """An item that is another one now takes nothing over, and neither does a run that only repeats."""
    r = rigged(rig, {"c"})
    first = r.start(inputs={"names": ["a", "b", "c"]})
    r.run_dry()
    paid = r.acts.count("paid")
    second = again(r, first, ["a", "x", "y"])
    r.run_dry()
    assert r.run(second).status == "succeeded"
    assert [row.parent_item for row in children(r, second)] == [1, 2]
    assert r.acts.count("paid") == paid + 2
    plain = r.start(inputs={"names": ["a"]}, rerun_of=first)
    r.run_dry()
    assert (len(children(r, plain)), r.run(plain).credit_cost) == (1, 1)
