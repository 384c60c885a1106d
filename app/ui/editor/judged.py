"""What the server says about a document while it is edited: problems, sockets, and what fits where."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from pydantic import ValidationError

from app.ui.editor.model import Document, node_of
from app.ui.lang.heard import heard, overheard
from app.workflows.service import WorkflowService
from graphs.catalogue import Catalogue
from graphs.document import parse
from graphs.errors import MalformedDocumentError, UnknownKindError
from graphs.problem import Problem
from graphs.redo import pinned_redos
from graphs.repair import Repair, repairs
from graphs.resolved import resolve

JsonProblem = dict[str, Any]
# no change of the document: what belongs to it but stands beside it
UNPIN = {"kind": "unpin", "values": {}, "change": {}}
# more than a list shows at once
MOST_REPAIRS = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """Problems and sockets as the canvas wants them."""

    problems: list[JsonProblem]
    sockets: dict[str, dict[str, list[dict[str, Any]]]]

    @property
    def errors(self) -> int:
        return sum(problem["severity"] == "error" for problem in self.problems)


def judge(  # noqa: PLR0917 - called in another thread
    document: Document,
    service: WorkflowService,
    catalogue: Catalogue,
    org_id: str | None = None,
    slug: str = "",
    pinned: Collection[str] = (),
) -> Judged:
    """Everything that is wrong with a document, and the sockets its nodes have as they are set now."""
    try:
        found = service.validate(document, org_id, slug)
        mending = repairs(parse(document), catalogue, found[:MOST_REPAIRS]) if found else []
        problems = [_json(*each) for each in zip_longest(found, mending)]
        if pinned:
            known = parse(document)
            fixed = pinned_redos(known, resolve(known, catalogue), pinned)
            problems += [{**_json(each, None), "repair": UNPIN} for each in fixed]
    except MalformedDocumentError as error:
        problems = [_json(Problem("graph.bad_settings", error.node_id, error.field, error.reason), None)]
    return Judged(problems, sockets_of(document, catalogue))


def sockets_of(document: Document, catalogue: Catalogue) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Sockets of nodes whose settings decide about them; a node whose settings are wrong is left out."""
    found = {}
    for node in document["nodes"]:
        try:
            inputs, outputs = catalogue.sockets(node["type"], node.get("settings", {}))
        except (ValidationError, UnknownKindError, ValueError):
            continue
        found[node["id"]] = {
            "inputs": [_socket(each) for each in inputs],
            "outputs": [_socket(each) for each in outputs],
        }
    return found


_LINK = re.compile(r"^links\[\d+\]\.(?:from|to): ")
_TOLD = ("code", "node", "field", "severity")
_SEARCHED = ("title", "group_label", "type", "description", "english")


def sockets_of_both(
    old: Document, drawn: Document, catalogue: Catalogue
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Sockets for a drawing of two versions: those that a node lost are kept, marked as missing."""
    before, now = sockets_of(old, catalogue), sockets_of(drawn, catalogue)
    for name, sides in now.items():
        for side, sockets in sides.items():
            known = {each["name"] for each in sockets}
            lost = [each for each in before.get(name, {}).get(side, []) if each["name"] not in known]
            sockets.extend({**each, "required": False, "missing": True} for each in lost)
    return now


def searched(types: Iterable[Mapping[str, Any]], query: str) -> list[Mapping[str, Any]]:
    """Node types whose name, group or help holds every word; names that begin with the query come first."""
    words = query.casefold().split()

    def text(node_type: Mapping[str, Any]) -> str:
        return " ".join(str(node_type.get(key, "")) for key in _SEARCHED).casefold()

    found = [node_type for node_type in types if all(word in text(node_type) for word in words)]
    first = words[0] if words else ""
    return (
        sorted(found, key=lambda each: not str(each["title"]).casefold().startswith(first))
        if first
        else found
    )


def field_errors(problems: Iterable[JsonProblem], node_id: str) -> dict[str, str]:
    """Messages by path inside the settings of one node, for its form."""
    prefix, found = "settings.", {}
    for problem in problems:
        field = str(problem["field"] or "")
        if problem["node"] == node_id and field.startswith(prefix):
            place = field.removeprefix(prefix)
            # the field itself says where it is, so only what would be right is left to say
            told = problem["message"].removeprefix(f"node '{node_id}': ").removeprefix(f"{place} ")
            found[place.replace("[", ".").replace("]", "")] = heard(told)
    return found


def missing_inputs(problems: Iterable[JsonProblem], node_id: str) -> set[str]:
    """Names of the inputs of one node that need a link and have none."""
    return {
        str(each["field"])
        for each in problems
        if each["node"] == node_id and each["code"] == "graph.missing_input"
    }


def told_problems(
    problems: Iterable[JsonProblem], document: Document, types: Iterable[Mapping[str, Any]]
) -> list[JsonProblem]:
    """Problems with their messages as ``worded`` says them."""
    known = list(types)
    return [
        {**{name: each[name] for name in _TOLD}, "message": worded(each, document, known)}
        for each in problems
    ]


def worded(problem: Mapping[str, Any], document: Document, types: Iterable[Mapping[str, Any]]) -> str:
    """A problem's message with the node called what its card says instead of by its id."""
    # which link of the file it is says nothing to people
    message = _LINK.sub("", str(problem["message"]))
    node = node_of(document, problem["node"])
    if node is None:
        return heard(message)
    usual = next((each["title"] for each in types if each["type"] == node["type"]), "")
    title = str(node.get("title") or usual)
    about = f"node '{problem['node']}': "
    if title and message.startswith(about):
        return f"{title}: {overheard(message.removeprefix(about))}"
    return heard(message.replace(f"node '{problem['node']}'", title, 1) if title else message)


def _json(problem: Problem, repair: Repair | None) -> JsonProblem:
    return {
        "code": problem.code,
        "node": problem.node_id,
        "field": problem.field,
        "message": problem.message,
        "severity": problem.severity,
        "repair": repair and {"kind": repair.kind, "values": repair.values, "change": repair.change},
    }


def _socket(socket: Any) -> dict[str, Any]:
    return {
        "name": socket.name,
        "type": socket.type,
        "required": socket.required,
        "description": socket.description,
    }
