"""Rules of redos: where they go back to, and which rows hold afterwards (S45)."""

from dataclasses import dataclass

import pytest

import nodes
from graphs.catalogue import discover
from graphs.check import check
from graphs.document import parse
from graphs.generations import Redoing, change_for, comparable_since, dump, load, split, stage_generations
from graphs.plan import Plan, compile_plan
from graphs.redo import pinned_redos
from graphs.resolved import resolve

KINDS = discover(nodes)


def document(settings, *, linked=True):
    """Two generators in series, the second behind a quality control; a third apart from both."""
    types = {"input": "webhook_input", "prompt": "prompt_builder", "gen": "generator", "far": "generator"}
    nodes_ = [{"id": name, "type": kind, "settings": {}} for name, kind in types.items()]
    nodes_[1]["settings"] = {"template": "a mug"}
    nodes_.append({"id": "qc", "type": "qc", "settings": {"on_fail": "redo", **settings}})
    links = [("prompt.prompt", "gen.prompt"), ("prompt.prompt", "far.prompt")]
    links.append(("gen.images", "qc.images") if linked else ("input.pictures", "qc.images"))
    if not linked:
        nodes_[0]["settings"] = {"fields": [{"name": "pictures", "type": "array"}]}
    wires = [{"from": a.split("."), "to": b.split(".")} for a, b in links]
    base = {"format": "sakuga.graph/1", "name": "t", "groups": [], "notes": []}
    laid = [each | {"title": "", "position": [0, 0]} for each in nodes_]
    return parse({**base, "nodes": laid, "links": wires})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"redo_from": "nobody"}, "there is no node 'nobody'; it may name 'gen'"),
        ({"redo_from": "prompt"}, "'prompt' is no generator; it may name 'gen'"),
        ({"redo_from": "qc"}, "'qc' is no generator"),
        ({"redo_from": "far"}, "generator 'far' does not lead here; it may name 'gen'"),
    ],
)
def test_a_redo_that_leads_nowhere_is_a_problem_at_its_node(settings, words):
    """A wrong redo_from is found before publishing, with the node, the field and what would be right."""
    (problem,) = [each for each in check(document(settings), KINDS) if each.severity == "error"]
    assert (problem.code, problem.node_id, problem.field) == (
        "graph.bad_settings",
        "qc",
        "settings.redo_from",
    )
    assert words in problem.message


@pytest.mark.parametrize("settings", [{}, {"redo_from": "gen"}, {"on_fail": "fail"}])
def test_a_pinned_result_that_a_redo_would_come_upon_is_told(settings):
    """Of the way from the generator to who asks, not of what lies before or apart."""
    doc = document(settings)
    found = list(pinned_redos(doc, resolve(doc, KINDS), {"gen", "far", "prompt", "gone"}))
    asked = settings.get("on_fail") != "fail"
    assert [(each.code, each.node_id, each.severity) for each in found] == (
        [("graph.pinned_redo", "gen", "warning")] if asked else []
    )


def test_a_redo_without_any_generator_is_a_problem():
    """A quality control that nothing generates for cannot ask for another try."""
    found = [each for each in check(document({}, linked=False), KINDS) if each.field == "settings.redo_from"]
    assert "redo has no generator to go back to" in found[0].message


@pytest.mark.parametrize("named", ["", "gen"])
def test_the_plan_knows_where_a_redo_goes_back_to(named):
    """Named or the nearest: the plan holds the node, also after it was stored; other plans know no redo."""
    plan = compile_plan(document({"redo_from": named}), KINDS)
    again = Plan.from_json(plan.to_json())
    assert (again.redoable, again.redo_start("qc"), again.redo_start("gen")) == (True, "gen", None)
    assert not compile_plan(document({"on_fail": "fail"}), KINDS).redoable


def test_stage_numbers_go_on_through_the_generations():
    """The number of a stage says its generation and its place in the plan."""
    plan = compile_plan(document({}), KINDS)
    count = len(plan.stages)
    assert plan.stage(count + 1) is plan.stages[1]
    assert plan.stage_nodes(2 * count) == plan.stage_nodes(0)
    assert [plan.generation(number) for number in (0, count - 1, count, 2 * count + 1)] == [0, 0, 1, 2]


@dataclass(frozen=True)
class Row:
    node_id: str
    generation: int = 0


def redoing(generation, by="qc", nodes_=("gen", "qc"), change=None):
    return Redoing(generation, nodes_[0], by, change or {}, "no", nodes_, 1.0)


def test_a_row_holds_until_its_node_is_opened_again():
    """Rows of re-opened nodes do not hold, though nothing newer is there; rows of others do."""
    rows = [Row("prompt"), Row("gen"), Row("qc"), Row("gen", 1)]
    holding, earlier = split(rows, [redoing(1)])
    assert holding == {"prompt": Row("prompt"), "gen": Row("gen", 1)}
    assert earlier == (Row("gen"), Row("qc"))
    assert split(rows[:3], []) == ({row.node_id: row for row in rows[:3]}, ())


def test_redos_survive_their_column():
    """What is stored is read back as it was; a run without redos has none."""
    redos = (redoing(1, change={"prompt_add": "ü"}), redoing(2))
    assert load(dump(redos)) == redos
    assert load(None) == ()


def test_changes_of_several_askers_join():
    """A node gets the latest change of each who asked; texts join, other values are the latest."""
    redos = [
        redoing(1, change={"prompt_add": "old", "n": 0}),
        redoing(2, by="two", change={"prompt_add": "bright", "n": 1}),
        redoing(3, change={"prompt_add": "sharp"}),
    ]
    assert change_for("gen", redos) == {"prompt_add": "sharp, bright", "n": 1}
    assert change_for("qc", redos) == {}


def test_results_compare_since_another_changed_the_task():
    """Another node's redo makes a node's own earlier results answers to another question."""
    redos = [redoing(1), redoing(2, by="two"), redoing(3)]
    assert (comparable_since("qc", redos), comparable_since("qc", redos[:1])) == (2, 0)


def test_the_last_stage_is_opened_by_every_redo():
    """Stages of the nodes and the last stage move on; what stands before stays in its generation."""
    plan = compile_plan(document({}), KINDS)
    again = plan.downstream("gen")
    redo = redoing(1, nodes_=tuple(node.id for node in plan.nodes if node.id in again))
    found = stage_generations(plan, [redo])
    assert found[plan.sink.number] == 1
    assert found[plan.node("qc").stage] == 1
    assert plan.node("far").stage not in found
