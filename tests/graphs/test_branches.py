"""Branches and joins over random graphs: every node ends exactly once, as done or as skipped (design §3)."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

import nodes
from graphs.catalogue import discover
from graphs.document import parse
from graphs.plan import compile_plan
from graphs.values import Unfired, gather

CATALOGUE = discover(nodes)


@st.composite
def graphs(draw):
    """A graph of switches, joins and delays in any order, and which output each switch takes."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    size = draw(st.integers(1, 40))
    made = [{"id": "in", "type": "webhook_input", "settings": {"fields": [{"name": "a", "type": "string"}]}}]
    links, offered, takes = [], [("in", "a"), ("in", "trigger")], {}

    def wire(node_id, socket):
        source = chance.choice(offered)
        links.append({"from": list(source), "to": [node_id, socket]})

    for number in range(size):
        node_id, kind = f"n{number:02}", chance.choice(["switch", "join", "delay"])
        config, outputs = {}, ["value"]
        if kind == "switch":
            outputs = [*(f"c{case}" for case in range(chance.randint(1, 3))), "else"]
            config = {"cases": [{"name": name} for name in outputs[:-1]]}
            takes[node_id] = chance.choice(outputs)
            wire(node_id, "value")
            if chance.random() < 0.3:
                wire(node_id, "through")
        elif kind == "join":
            config = {"branches": chance.randint(2, 4)}
            for branch in range(chance.randint(1, config["branches"])):
                wire(node_id, f"branch_{branch + 1}")
        else:
            wire(node_id, "value")
        made.append({"id": node_id, "type": kind, "settings": config})
        offered += [(node_id, output) for output in outputs]
    return parse({"format": "sakuga.graph/1", "nodes": made, "links": links}), takes


def ran(plan, takes):
    """What a run comes to: node → its fired outputs, None for skipped, in the order of stages."""
    ends, outputs = {}, {}
    for stage in plan.stages:
        for node in plan.stage_nodes(stage.number):
            assert node.id not in ends
            inputs = gather(node, outputs)
            if isinstance(inputs, Unfired):
                ends[node.id] = None
                continue
            fired = {"a": "x", "trigger": {}} if node.id == "in" else {takes.get(node.id, "value"): "x"}
            ends[node.id] = outputs[node.id] = fired
    return ends


@settings(max_examples=150, deadline=None)
@given(made=graphs())
def test_every_node_ends_once_and_skips_follow_the_links(made):
    """A required input that did not fire skips a node; a join is skipped only when no branch fired."""
    document, takes = made
    plan = compile_plan(document, CATALOGUE)
    ends = ran(plan, takes)
    assert ends.keys() == {node.id for node in document.nodes}
    for node in plan.nodes:
        fired = [(ends[each.source_node] or {}).get(each.source_socket) for each in node.inputs]
        needed = [value for each, value in zip(node.inputs, fired, strict=True) if each.required]
        runs = not node.inputs or (None not in needed and any(value is not None for value in fired))
        assert (ends[node.id] is not None) == runs, node.id
        if node.kind == "join":
            assert (ends[node.id] is not None) == any(value is not None for value in fired)
