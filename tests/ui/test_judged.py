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
