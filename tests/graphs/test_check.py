"""Every problem at once, with code, node and field."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.catalogue import Catalogue
from graphs.check import Facts, Problem, check, errors_in
from graphs.document import Document, Link, NodeSpec, parse
from graphs.plan import InvalidGraphError, compile_plan


def found(graph: dict, catalogue: Catalogue, facts: Facts | None = None) -> list[Problem]:
    return check(parse(graph), catalogue, facts)


def brief(problems: list[Problem]) -> list[tuple[str, str | None, str | None]]:
    return [(each.code.removeprefix("graph."), each.node_id, each.field) for each in problems]


def link(source: str, target: str) -> dict:
    return {"from": source.split("."), "to": target.split(".")}


def test_a_sound_graph_has_no_problems(product: dict, catalogue: Catalogue) -> None:
    """Nothing to say about the main line."""
    assert found(product, catalogue) == []


def test_all_problems_come_at_once(product: dict, catalogue: Catalogue) -> None:
    """A broken graph is mended in one reading."""
    product["nodes"] += [
        {"id": "draw", "type": "generator"},
        {"id": "odd", "type": "generater"},
        {"id": "draw2", "type": "generator", "settings": {"size": 5000, "sise": 1}},
    ]
    product["links"] += [link("qc.images", "nowhere.images"), link("input.count", "qc.images")]
    assert set(brief(found(product, catalogue))) == {
        ("duplicate_id", "draw", "id"),
        ("unknown_node_type", "odd", "type"),
        ("bad_settings", "draw2", "settings.size"),
        ("bad_settings", "draw2", "settings.sise"),
        ("missing_input", "draw2", "prompt"),
        ("dangling_link", None, "links[5].to"),
        ("duplicate_link", "qc", "images"),
        ("not_connected", "draw2", None),
        ("not_connected", "odd", None),
    }


def test_settings_errors_read_plainly(product: dict, catalogue: Catalogue) -> None:
    """Both bounds, the node, and the nearest known type."""
    product["nodes"][3]["settings"] = {"size": 5000}
    product["nodes"].append({"id": "odd", "type": "generater"})
    messages = [problem.message for problem in errors_in(found(product, catalogue))]
    assert "node 'draw': size must be between 64 and 2048" in messages
    assert "node 'odd': no node type is called 'generater'; did you mean 'generator'?" in messages


def test_trigger_declarations_are_settings(product: dict, catalogue: Catalogue) -> None:
    """A bad pattern is found when the graph is checked; its node's sockets are then not judged."""
    product["nodes"][0]["settings"]["fields"][0]["pattern"] = "["
    assert brief(found(product, catalogue)) == [("bad_settings", "input", "settings.fields[0]")]


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        ("input.count", "draw.prompt", None),
        ("input.trigger", "draw.prompt", ("type_mismatch", "draw", "prompt")),
        ("draw.images", "draw.style", ("type_mismatch", "draw", "style")),
        ("input.nothing", "draw.style", ("dangling_link", "input", "links[5].from")),
        ("input.subject", "draw.nothing", ("dangling_link", "draw", "links[5].to")),
        ("ghost.subject", "draw.style", ("dangling_link", None, "links[5].from")),
        ("input.subject", "input.subject", ("dangling_link", "input", "links[5].to")),
    ],
)
def test_links(source: str, target: str, problem: Any, product: dict, catalogue: Catalogue) -> None:
    """Both ends must exist and the types must fit."""
    if target == "draw.prompt":
        product["links"] = [each for each in product["links"] if each["to"] != ["draw", "prompt"]]
    product["links"].append(link(source, target))
    problems = [each for each in brief(found(product, catalogue)) if each[0] != "cycle"]
    if problem is None:
        assert problems == []
    else:
        assert problem[:2] in {each[:2] for each in problems}


def test_an_input_takes_one_link(product: dict, catalogue: Catalogue) -> None:
    """On the canvas there is no second one either."""
    product["links"].append(link("draw.images", "deliver.images"))
    assert brief(found(product, catalogue)) == [("duplicate_link", "deliver", "images")]


def test_a_required_input_needs_a_link(product: dict, catalogue: Catalogue) -> None:
    """An optional one does not."""
    product["links"] = [each for each in product["links"] if each["to"][0] != "qc"]
    problems = errors_in(found(product, catalogue))
    assert brief(problems) == [("missing_input", "qc", "images")]
    assert "List[Image]" in problems[0].message


def test_cycles_are_named(catalogue: Catalogue, mixed_graph: Callable[..., Document]) -> None:
    """Each circle once, with its nodes; a node linked to itself is one too."""
    edges = [("in", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("d", "d"), ("in", "e")]
    problems = errors_in(check(mixed_graph(edges, set()), catalogue))
    assert brief(problems) == [("cycle", "a", None), ("cycle", "d", None)]
    assert "a → b → c" in problems[0].message


def test_exactly_one_trigger(product: dict, catalogue: Catalogue) -> None:
    """None starts nothing, two leave open which contract holds."""
    nothing = {"format": "sakuga.graph/1", "nodes": []}
    assert brief(found(nothing, catalogue)) == [("no_trigger", None, "nodes")]
    product["nodes"].append({"id": "second", "type": "webhook_input"})
    assert ("many_triggers", "second", "type") in brief(found(product, catalogue))


def test_one_gate_of_a_kind(product: dict, catalogue: Catalogue) -> None:
    """The run has one limit."""
    product["nodes"].append({"id": "limit2", "type": "rate_limiter"})
    assert ("many_gates", "limit2", "type") in brief(errors_in(found(product, catalogue)))


def test_too_large(catalogue: Catalogue) -> None:
    """A graph that was not read from a file keeps the limits too."""
    nodes = [NodeSpec(id=f"n{number}", type="webhook_input") for number in range(5_001)]
    links = [Link(source=("a", "b"), target=("c", "d"))] * 20_001
    problems = check(Document(nodes=nodes, links=links), catalogue)
    assert [each.field for each in problems if each.code == "graph.too_large"] == ["nodes", "links"]


def test_warnings_do_not_stop_anyone(product: dict, catalogue: Catalogue) -> None:
    """No delivery, no quality control, a node apart: told, and compiled all the same."""
    product["nodes"] = [node for node in product["nodes"] if node["id"] not in {"qc", "deliver"}]
    product["nodes"].append({"id": "apart", "type": "cheap"})
    product["links"] = product["links"][:3]
    problems = found(product, catalogue)
    assert brief(problems) == [
        ("no_delivery", None, "nodes"),
        ("no_qc", "draw", None),
        ("not_connected", "apart", None),
    ]
    assert {problem.severity for problem in problems} == {"warning"}
    assert compile_plan(parse(product), catalogue).node("apart").stage == 0


def test_what_a_trigger_allows_must_be_known(product: dict, catalogue: Catalogue) -> None:
    """A style that no preset has would fail every run that asks for it (S40)."""
    style = {"name": "target_style", "type": "string", "enum": ["studio", "neon"], "default": "studio"}
    product["nodes"][0]["settings"]["fields"].append(style)
    product["links"].append(link("input.target_style", "draw.style"))
    facts = Facts({("generator", "style"): frozenset({"studio", "noir"})})
    problems = found(product, catalogue, facts)
    assert brief(problems) == [("bad_settings", "input", "settings.fields")]
    assert "'neon'" in problems[0].message
    assert found(product, catalogue) == []


def test_a_migration_lifts_old_settings(catalogue: Catalogue) -> None:
    """Saved nodes of an older version are checked as they will run."""

    class Newer(catalogue.get("generator")):  # type: ignore[misc]
        """Draws."""

        version = 2

        @classmethod
        def migrate(cls, settings: dict, version: int) -> dict:
            return {"size": settings["edge"]} if version == 1 else settings

    newer = Catalogue([Newer])
    old, new = ({"edge": 64}, 1), ({"size": 64}, 2)
    for values, version in (old, new):
        assert newer.settings("generator", values, version).model_dump() == {"size": 64}


pieces = st.fixed_dictionaries({
    "nodes": st.lists(
        st.tuples(
            st.sampled_from("abcd"),
            st.sampled_from(["webhook_input", "generator", "qc", "cheap", "nothing", "rate_limiter"]),
            st.sampled_from([{}, {"size": 5}, {"inputs": ["x"]}, {"fields": 3}]),
        ),
        max_size=6,
    ),
    "links": st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from(["out", "images", "trigger"]),
                  st.sampled_from("abcde"), st.sampled_from(["x", "images", "prompt", "trigger"])),
        max_size=6,
    ),
})  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(graph=pieces, seed=st.integers(0, 99))
def test_no_error_means_it_compiles(graph: dict, seed: int, catalogue: Catalogue) -> None:
    """Check and compile agree on every graph, whatever is wrong with it."""
    nodes = [{"id": name, "type": kind, "settings": values} for name, kind, values in graph["nodes"]]
    links = [{"from": [a, b], "to": [c, d]} for a, b, c, d in graph["links"]]
    random.Random(seed).shuffle(links)
    document = parse({"format": "sakuga.graph/1", "nodes": nodes, "links": links})
    errors = errors_in(check(document, catalogue))
    assert all(error.code.startswith("graph.") and error.message for error in errors)
    if not errors:
        assert len(compile_plan(document, catalogue).nodes) == len(nodes)
        return
    with pytest.raises(InvalidGraphError) as caught:
        compile_plan(document, catalogue)
    assert caught.value.problems == errors
