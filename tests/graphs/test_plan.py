"""The plan: order, stages, gates, round trip, speed."""

import json
import random
import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.catalogue import Catalogue
from graphs.document import Document, parse
from graphs.plan import InvalidGraphError, Plan, compile_plan

Edge = tuple[str, str]
Mixed = Callable[..., Document]


@st.composite
def dags(draw: st.DrawFn) -> tuple[list[Edge], set[str], tuple[str, ...]]:
    """Edges of a random graph without cycles, its slow nodes, and its nodes that hang on nothing."""
    size = draw(st.integers(1, 59))
    names = draw(st.permutations([f"n{index:02}" for index in range(size)]))
    density = draw(st.sampled_from([0.3, 1, 2, 3]))
    chance = random.Random(draw(st.integers(0, 2**32)))
    wanted = int(density * size)
    pairs = [sorted(chance.sample(range(size), 2)) for _ in range(wanted if size > 1 else 0)]
    edges = sorted({(names[low], names[high]) for low, high in pairs})
    edges += [("in", name) for name in names if chance.random() < 0.2]
    share = draw(st.sampled_from([0, 0.1, 0.3, 0.6, 1]))
    slow = {name for name in names if chance.random() < share}
    targets = {target for _, target in edges}
    extra = tuple(name for name in names if name not in targets and chance.random() < 0.3)
    used = {end for edge in edges for end in edge} | set(extra)
    rest = [("in", name) for name in names if name not in used]
    return edges + rest, slow, extra


def slow_above(plan: Plan, slow: set[str]) -> Mapping[str, set[str]]:
    return {node.id: (plan.upstream(node.id) - {node.id}) & slow for node in plan.nodes}


def stages_above(plan: Plan) -> list[set[int]]:
    above: list[set[int]] = []
    for stage in plan.stages:
        above.append(set(stage.after).union(*(above[number] for number in stage.after)))
    return above


@settings(max_examples=200, deadline=None)
@given(graph=dags(), seed=st.integers(0, 2**32))
def test_stage_invariants(graph: tuple, seed: int, catalogue: Catalogue, mixed_graph: Mixed) -> None:
    """Order valid, each node in one stage, one root, one sink, no circle, a slow node ends its stage."""
    edges, slow, extra = graph
    document = mixed_graph(edges, slow, extra)
    plan = compile_plan(document, catalogue)
    position = {node.id: index for index, node in enumerate(plan.nodes)}
    assert sorted(position) == sorted(node.id for node in document.nodes)
    assert all(position[link.source[0]] < position[link.target[0]] for link in document.links)

    placed = [node for stage in plan.stages for node in stage.nodes]
    assert sorted(placed) == sorted(position)
    assert all(node in plan.stage(plan.node(node).stage).nodes for node in position)
    assert [stage.number for stage in plan.stages] == list(range(len(plan.stages)))
    assert "in" in plan.stage(0).nodes
    assert [stage.number for stage in plan.stages if not stage.after] == [0]
    assert [stage for stage in plan.stages if not stage.before] == [plan.sink]
    for stage in plan.stages:
        assert all(number < stage.number for number in stage.after)
        assert all(stage.number in plan.stage(number).before for number in stage.after)
        assert all(stage.number in plan.stage(number).after for number in stage.before)
        assert not any(node in slow for node in stage.nodes[:-1])
        assert stage.nodes or (stage is plan.sink and len(stage.after) > 1)

    above = stages_above(plan)
    for link in document.links:
        source, target = plan.node(link.source[0]), plan.node(link.target[0])
        if source.stage == target.stage:
            run = plan.stage(source.stage).nodes
            assert run.index(source.id) < run.index(target.id)
        else:
            assert source.stage in above[target.stage]


@settings(max_examples=200, deadline=None)
@given(graph=dags())
def test_no_node_waits_longer_than_its_links_demand(
    graph: tuple, catalogue: Catalogue, mixed_graph: Mixed
) -> None:
    """The slow nodes in the stages before a node are exactly the slow nodes above it in the graph."""
    edges, slow, extra = graph
    plan = compile_plan(mixed_graph(edges, slow, extra), catalogue)
    above, waits = stages_above(plan), slow_above(plan, slow)
    for stage in plan.stages:
        before = {node for number in above[stage.number] for node in plan.stage(number).nodes} & slow
        assert all(waits[node] == before for node in stage.nodes)


@settings(max_examples=100, deadline=None)
@given(graph=dags(), seed=st.integers(0, 2**32))
def test_plan_is_stable(graph: tuple, seed: int, catalogue: Catalogue, mixed_graph: Mixed) -> None:
    """Shuffling the lists of the file changes nothing, and the plan survives its JSON."""
    document = mixed_graph(*graph)
    plan = compile_plan(document, catalogue)
    nodes, links = list(document.nodes), list(document.links)
    random.Random(seed).shuffle(nodes)
    random.Random(seed + 1).shuffle(links)
    shuffled = document.model_copy(update={"nodes": nodes, "links": links})
    assert compile_plan(shuffled, catalogue) == plan
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@settings(max_examples=100, deadline=None)
@given(graph=dags())
def test_no_predecessor_is_implied_by_another(graph: tuple, catalogue: Catalogue, mixed_graph: Mixed) -> None:
    """A stage waits for as few others as its links need, so that joins stay cheap."""
    plan = compile_plan(mixed_graph(*graph), catalogue)
    above = stages_above(plan)
    for stage in plan.stages:
        assert not any(one in above[other] for one in stage.after for other in stage.after)


def stages(plan: Plan) -> list[tuple[str, ...]]:
    return [stage.nodes for stage in plan.stages]


def test_the_main_line_is_two_stages(product: dict, catalogue: Catalogue) -> None:
    """What comes before the generator is fused with it, what comes after is a stage of its own."""
    plan = compile_plan(parse(product), catalogue)
    assert stages(plan) == [("input", "limit", "breaker", "draw"), ("qc", "deliver")]
    assert plan.stage(0).before == (1,)
    assert plan.trigger.id == "input"
    assert [node.id for node in plan.stage_nodes(1)] == ["qc", "deliver"]


def test_cheap_prefix_of_two_slow_nodes_runs_once_in_stage_0(
    catalogue: Catalogue, mixed_graph: Mixed
) -> None:
    """A shared prefix is the root, parallel slow branches are parallel stages, their join is one."""
    edges = [("in", "p"), ("p", "a"), ("p", "b"), ("p", "q"), ("q", "b"), ("a", "j"), ("b", "j")]
    plan = compile_plan(mixed_graph(edges, {"a", "b"}), catalogue)
    assert stages(plan) == [("in", "p"), ("a",), ("q", "b"), ("j",)]
    assert [stage.after for stage in plan.stages] == [(), (0,), (0,), (1, 2)]


def test_side_result_does_not_wait_for_the_slow_node_beside_it(
    catalogue: Catalogue, mixed_graph: Mixed
) -> None:
    """A cheap node that something else needs stays out of the slow node's stage."""
    edges = [("in", "a"), ("in", "b"), ("a", "c"), ("c", "s"), ("c", "x"), ("b", "x")]
    plan = compile_plan(mixed_graph(edges, {"a", "b", "s"}), catalogue)
    assert ("c",) in stages(plan)
    assert plan.node("x").stage not in plan.stage(plan.node("s").stage).before


def test_several_ends_are_joined_by_an_empty_stage(catalogue: Catalogue, mixed_graph: Mixed) -> None:
    """A run has one last stage, even if it has nothing to do."""
    plan = compile_plan(mixed_graph([("in", "a"), ("in", "b")], {"a", "b"}), catalogue)
    assert stages(plan) == [("in",), ("a",), ("b",), ()]
    assert plan.sink.after == (1, 2)


def test_a_lone_trigger_is_a_plan(catalogue: Catalogue) -> None:
    """The smallest graph has one stage."""
    plan = compile_plan(
        parse({"format": "sakuga.graph/1", "nodes": [{"id": "in", "type": "webhook_input"}]}), catalogue
    )
    assert stages(plan) == [("in",)]
    assert plan.sink.number == 0


def test_gates_come_from_their_nodes(product: dict, catalogue: Catalogue) -> None:
    """Limits are read off the gate nodes; a graph without them has no gates."""
    gates = compile_plan(parse(product), catalogue).gates
    assert gates.limiter is not None
    assert (gates.limiter.node_id, gates.limiter.limit, gates.limiter.window_seconds) == ("limit", 5, 60)
    assert gates.breaker is not None
    assert (gates.breaker.node_id, gates.breaker.factor) == ("breaker", 3)


def test_settings_in_the_plan_are_complete(product: dict, catalogue: Catalogue) -> None:
    """A default that changes later does not change a published version."""
    plan = compile_plan(parse(product), catalogue)
    assert plan.node("draw").settings == {"size": 512}
    assert plan.node("draw").title == "Generator"


def test_positions_do_not_change_the_plan(product: dict, catalogue: Catalogue) -> None:
    """Moving and resizing nodes never changes a run (contract §8)."""
    plan = compile_plan(parse(product), catalogue)
    for node in product["nodes"]:
        node |= {"position": [7, 9], "size": [100, 50]}
    assert compile_plan(parse(product), catalogue) == plan


def test_an_invalid_graph_does_not_compile(product: dict, catalogue: Catalogue) -> None:
    """The error carries every problem, not the first."""
    product["nodes"][3]["type"] = "nothing_known"
    product["nodes"][1]["settings"]["limit"] = 0
    with pytest.raises(InvalidGraphError) as caught:
        compile_plan(parse(product), catalogue)
    assert {problem.code for problem in caught.value.problems} == {
        "graph.unknown_node_type",
        "graph.bad_settings",
    }


def test_what_a_redo_does_again(product: dict, catalogue: Catalogue) -> None:
    """From the generator down to quality control, and no further."""
    plan = compile_plan(parse(product), catalogue)
    assert plan.between("draw", "qc") == ("draw", "qc")
    assert plan.downstream("qc") == {"qc", "deliver"}
    assert plan.upstream("draw") == {"input", "draw"}


def _elapsed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def test_compiling_is_fast(product: dict, catalogue: Catalogue, mixed_graph: Mixed) -> None:
    """A small graph takes milliseconds, the largest allowed one two seconds (of processor time)."""
    small = parse(product)
    assert min(_elapsed(lambda: compile_plan(small, catalogue)) for _ in range(5)) <= 0.005
    chance = random.Random(1)
    names = [f"n{index:04}" for index in range(4_999)]
    edges = [
        (names[chance.randrange(max(0, i - 50), i)], names[i]) for i in range(1, 4_999) for _ in range(3)
    ]
    large = mixed_graph(sorted(set(edges)), {name for name in names if chance.random() < 0.3})
    assert min(_elapsed(lambda: compile_plan(large, catalogue)) for _ in range(2)) <= 2
