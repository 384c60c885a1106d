"""Calls between workflows: what is wrong is known before anything runs."""

import pytest

import nodes
from graphs.calls import Target, Workflows
from graphs.catalogue import discover
from graphs.check import Facts, check
from graphs.document import parse

CATALOGUE = discover(nodes)


def problems(known=None, kind="subworkflow", **settings):
    """Code, field and message of what is wrong with a node that calls."""
    fields = [{"name": "names", "type": "array"}]
    graph = {
        "format": "sakuga.graph/1",
        "nodes": [
            {"id": "in", "type": "webhook_input", "settings": {"fields": fields}},
            {"id": "call", "type": kind, "settings": settings},
        ],
        "links": [{"from": ["in", "names"], "to": ["call", "items"]}] if kind == "map" else [],
    }
    found = check(parse(graph), CATALOGUE, Facts(workflows=known))
    return [(each.code, each.field, each.message) for each in found if each.severity == "error"]


def known(**targets):
    return Workflows("mine", {(slug, None): target for slug, target in targets.items()}, (*targets, "draft"))


def target(*calls, fields="", required=""):
    names = frozenset(required.split())
    return Target(frozenset(fields.split()) | names, names, tuple((slug, None) for slug in calls))


def test_a_workflow_must_be_chosen():
    """A node just dragged in says what it needs, with or without knowledge of others."""
    ((code, field, message),) = problems()
    assert (code, field) == ("graph.bad_settings", "settings.workflow")
    assert "needs the slug" in message


def test_without_knowledge_nothing_is_claimed():
    """The command line validates files far from any database."""
    assert problems(None, workflow="whatever") == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"workflow": "paintr"}, "there is no workflow 'paintr'; did you mean 'painter'?"),
        ({"workflow": "draft"}, "'draft' has no published version"),
        ({"workflow": "painter", "version": 9}, "'painter' has no version 9"),
        ({"workflow": "painter"}, "'painter' needs the field 'name'"),
        ({"workflow": "painter", "fields": ["name", "nme"]}, "has no field 'nme'; it has: name, tone"),
    ],
)
def test_what_cannot_be_called_is_named(settings, words):
    """Unknown slugs, versions and fields, each at the setting."""
    ((code, field, message),) = problems(known(painter=target(fields="tone", required="name")), **settings)
    assert (code, field) == ("graph.bad_settings", "settings.workflow")
    assert words in message


def test_items_that_are_objects_may_bring_any_field():
    """Only the data tells which fields a map over objects sends."""
    painter = known(painter=target(required="name"))
    assert problems(painter, "map", workflow="painter") == []
    assert problems(painter, "map", workflow="painter", item_field="name") == []


@pytest.mark.parametrize(
    ("targets", "way"),
    [
        ({}, "mine → mine"),
        ({"a": target("mine")}, "mine → a → mine"),
        ({"a": target("b"), "b": target("c"), "c": target("b")}, "b → c → b"),
    ],
)
def test_no_workflow_calls_itself(targets, way):
    """Directly, over others, or deep below."""
    first = next(iter(targets), "mine")
    ((code, _, message),) = problems(known(**targets), workflow=first)
    assert code == "graph.cycle"
    assert way in message


@pytest.mark.parametrize(("levels", "code"), [(5, None), (6, "graph.too_large"), (40, "graph.too_large")])
def test_calls_may_be_five_levels_deep(levels, code):
    """The chain of published workflows is counted from this graph."""
    chain = {f"l{n}": target(*([f"l{n + 1}"] if n < levels else [])) for n in range(1, levels + 1)}
    found = problems(known(**chain), workflow="l1")
    assert [each[0] for each in found] == ([code] if code else [])
