"""What the server says about a document while it is edited."""

from typing import Any

import pytest

import nodes
from app.ui.editor.judged import field_errors, judge, searched, sockets_of, worded
from app.ui.editor.model import blank
from app.workflows.service import WorkflowService
from graphs.catalogue import Catalogue, discover
from graphs.check import check
from graphs.document import parse


class Checks(WorkflowService):
    """The service's check, without a database behind it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._only = catalogue

    def validate(self, document: Any, *_: Any) -> tuple[Any, ...]:
        return tuple(check(parse(document), self._only))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return discover(nodes)


def _document(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    return {**blank("Test"), "nodes": [{"id": "n", "type": kind, "settings": settings, "position": [0, 0]}]}


def test_errors_are_said_at_their_field(catalogue: Catalogue) -> None:
    """The path leads into lists, and the message says what would be right without repeating where."""
    wrong = _document("webhook_input", {"fields": [{"name": "2 wrong", "type": "string"}]})
    judged = judge(wrong, Checks(catalogue), catalogue)
    assert judged.errors == 1
    told = field_errors(judged.problems, "n")
    assert told["fields.0.name"].startswith("Must match")
    assert field_errors(judged.problems, "another") == {}


def test_a_file_that_cannot_be_read_is_one_problem(catalogue: Catalogue) -> None:
    """Even a document of the wrong form is answered with node and field."""
    judged = judge({**blank("x"), "nodes": [{"id": "!", "type": "qc"}]}, Checks(catalogue), catalogue)
    assert [problem["severity"] for problem in judged.problems] == ["error"]


def test_sockets_follow_the_settings(catalogue: Catalogue) -> None:
    """A declared field is an output; a node whose settings are wrong, or of unknown type, is left out."""
    good = _document("webhook_input", {"fields": [{"name": "size", "type": "integer"}]})
    outputs = sockets_of(good, catalogue)["n"]["outputs"]
    assert [(each["name"], each["type"]) for each in outputs] == [("size", "Integer"), ("trigger", "Payload")]
    assert sockets_of(_document("webhook_input", {"fields": 7}), catalogue) == {}
    assert sockets_of(_document("no_such_type", {}), catalogue) == {}


def test_search_finds_by_name_first(catalogue: Catalogue) -> None:
    """Every word must be there; titles that begin with the query lead."""
    types = catalogue.describe()
    assert searched(types, "gen")[0]["type"] == "generator"
    assert searched(types, "no such thing at all") == []
    assert len(searched(types, "")) == len(types)


def test_a_problem_calls_its_node_what_the_card_says(catalogue: Catalogue) -> None:
    """The title somebody gave, else the type's; never the id."""
    graph = _document("generator", {})
    problem = {"node": "n", "message": "node 'n': input 'prompt' (Prompt) needs a link"}
    assert worded(problem, graph, catalogue.describe()).startswith("Generator: input")
    graph["nodes"][0]["title"] = "Hero"
    assert worded(problem, graph, catalogue.describe()).startswith("Hero: input")
    assert worded({"node": None, "message": "no trigger"}, graph, []) == "No trigger"


def test_a_pin_on_the_way_of_a_redo_is_told_with_its_repair(catalogue: Catalogue) -> None:
    """The warning stands at the pinned node, names who asks by its title, and only the pin has to go."""
    kinds = {"gen": "generator", "qc": "qc"}
    made = [{"id": name, "type": kind, "settings": {}, "position": [0, 0]} for name, kind in kinds.items()]
    made[1] |= {"settings": {"on_fail": "redo"}, "title": "Good enough?"}
    link = {"from": ["gen", "images"], "to": ["qc", "images"]}
    document = {**blank("Test"), "nodes": made, "links": [link]}

    def told(*pinned: str) -> list[dict[str, Any]]:
        judged = judge(document, Checks(catalogue), catalogue, pinned=pinned)
        return [each for each in judged.problems if each["code"] == "graph.pinned_redo"]

    assert told() == told("qc") == []
    (problem,) = told("gen")
    assert (problem["node"], problem["severity"], problem["repair"]["kind"]) == ("gen", "warning", "unpin")
    said = "Generator: its result is pinned, so a redo of 'Good enough?' cannot make it anew; unpin it"
    assert worded(problem, document, catalogue.describe()) == said
