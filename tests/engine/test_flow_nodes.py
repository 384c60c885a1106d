"""Flow nodes in the engine: waits that last, branches that are cut, requests that leave."""

import json
from datetime import UTC, datetime

import pytest

from app.store import tables
from tests.support.receiver import Receiver
from tests.support.site import graph, link, node

FIELD = [{"name": "kind", "type": "string"}]


def linked(*nodes, links):
    """A graph behind a trigger with one text field."""
    pairs = [each.split(">") for each in links.split()]
    return graph([node("input", "webhook_input", fields=FIELD), *nodes], [link(*pair) for pair in pairs])


DELAYED = linked(
    node("pause", "delay", seconds=3600),
    node("after", "probe"),
    node("beside", "probe"),
    links="input.kind>pause.value pause.value>after.a input.trigger>beside.a",
)


def test_a_delay_is_a_row_that_wakes_in_time(rig):
    """The run waits with a reason, its other branch goes on, and no worker holds it; then it ends."""
    r = rig(graph=DELAYED)
    begin = r.clock.now
    run_id = r.start(inputs={"kind": "x"})
    while r.turn():
        pass
    run = r.run(run_id)
    wait = json.loads(run.wait)
    due = datetime.fromtimestamp(begin + 3600, UTC)
    assert (run.status, wait["reason"], wait["node_id"]) == ("waiting", "delay", "pause")
    assert datetime.fromisoformat(wait["expected_start"]) == due
    assert "Pause: the run goes on at" in wait["explanation"]
    assert (r.acts.count("beside"), r.acts.count("after")) == (1, 0)
    r.clock.now = begin + 3599
    assert not r.turn()
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert r.acts.count("after") == 1
    assert begin + 3600 <= r.run(run_id).finished_at < begin + 3605


def test_a_delay_survives_workers_and_clocks(rig):
    """A worker that dies when it wakes, and a clock set back, neither shorten nor restart the wait."""
    r = rig(graph=DELAYED)
    begin = r.clock.now
    run_id = r.start(inputs={"kind": "x"})
    while r.turn():
        pass
    stage = r.plan.node("pause").stage
    r.clock.now = begin + 3600
    r.sweep()
    assert len(r.claim((run_id, stage))) == 1
    r.clock.now = begin + 3400
    while r.turn():
        pass
    assert r.acts.count("after") == 0
    r.run_dry()
    assert (r.run(run_id).status, r.acts.count("after")) == ("succeeded", 1)


SWITCHED = linked(
    node("choose", "switch", cases=[{"name": "shoe", "value": "shoe"}, {"name": "hat", "value": "hat"}]),
    node("shoes", "probe"),
    node("hats", "probe"),
    node("rest", "probe"),
    node("both", "join", branches=3),
    node("end", "probe"),
    links="input.kind>choose.value choose.shoe>shoes.a choose.hat>hats.a choose.else>rest.a"
    " shoes.x>both.branch_1 hats.x>both.branch_2 rest.x>both.branch_3 both.value>end.a",
)


@pytest.mark.parametrize(("kind", "taken"), [("hat", "hats"), ("Shoe", "shoes"), ("scarf", "rest")])
def test_one_branch_goes_on_and_the_join_passes_it(rig, kind, taken):
    """The other branches are skipped, the join runs all the same, and every node has ended exactly once."""
    r = rig(graph=SWITCHED)
    seen = []
    r.acts["end"] = lambda _run, inputs: seen.append(inputs) or {"x": 1}
    run_id = r.start(inputs={"kind": kind})
    r.run_dry()
    steps = r.steps(run_id)
    assert r.run(run_id).status == "succeeded"
    assert len(steps) == len(r.plan.nodes)
    assert {name for name, row in steps.items() if row.status == "skipped"} == {
        "shoes",
        "hats",
        "rest",
    } - {taken}
    assert seen == [{"a": taken}]


def test_a_run_whose_delivery_was_cut_succeeds_with_nothing(rig):
    """To deliver nothing on a branch is a decision of the graph, not a fault: success with no outputs."""
    cut = linked(
        node("choose", "switch", cases=[{"name": "paint", "value": "yes"}]),
        node("draw", "probe"),
        node("out", "webhook_delivery"),
        links="input.kind>choose.value choose.paint>draw.a draw.x>out.images",
    )
    r = rig(graph=cut)
    with Receiver() as receiver:
        run_id = r.start(inputs={"kind": "no"}, callback_url=receiver.url)
        r.run_dry()
    run = r.run(run_id)
    body = json.loads(run.result)
    assert (run.status, r.steps(run_id)["out"].status) == ("succeeded", "skipped")
    assert (body["status"], body["outputs"], body["error"]) == ("success", [], None)
    assert len(receiver.got) == 1


def asking(url, **settings):
    return linked(node("ask", "http_request", url=url, **settings), links="input.kind>ask.kind")


def test_a_request_leaves_with_the_steps_key(rig):
    """A POST reaches the receiver with the key of the step, and its answer is the step's output."""
    with Receiver() as receiver:
        r = rig(graph=asking(receiver.url + "?k={{kind}}", method="POST"))
        run_id = r.start(inputs={"kind": "a b"})
        r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert json.loads(r.steps(run_id)["ask"].outputs)["status"] == 204
    assert len(receiver.got) == 1
    assert receiver.got[0].headers["idempotency-key"].startswith(f"{run_id}:ask")


def test_a_request_is_tried_again_on_the_schedule(rig):
    """A receiver that is busy twice gets the same key each time, never earlier than the schedule says."""
    with Receiver([503, 503, 200]) as receiver:
        r = rig(graph=asking(receiver.url + "?k={{kind}}", method="POST"))
        begin = r.clock.now
        run_id = r.start(inputs={"kind": "a"})
        r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert len({got.headers["idempotency-key"] for got in receiver.got}) == 1
    assert len(receiver.got) == 3
    assert r.run(run_id).finished_at >= begin + 150


@pytest.mark.parametrize("url", ["http://10.0.0.1/{{kind}}", "https://169.254.169.254/{{kind}}"])
def test_inside_addresses_are_refused(rig, url):
    """The address policy of deliveries holds for nodes, and names no resolved address."""
    r = rig(graph=asking(url))
    run_id = r.start(inputs={"kind": "a"})
    r.run_dry()
    run = r.run(run_id)
    assert (run.status, run.error_code) == ("failed", "node.provider_rejected_input")
    assert r.rows(tables.alert) == []
