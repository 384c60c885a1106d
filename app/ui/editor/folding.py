"""A selection becomes a workflow of its own, and back. Pure: documents in, documents out (S74).

A called workflow takes plain values as trigger fields and gives back its pictures and whether they passed
quality control; what would need more than that is refused with the reason.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.ui.lang.say import t
from graphs.catalogue import Catalogue
from graphs.compatibility import fits
from graphs.document import parse
from graphs.fields import GATE_SOCKET, RESERVED
from graphs.kinds import CIRCUIT_BREAKER, COST_MONITOR, DELIVERY, QC, RATE_LIMITER, SUBWORKFLOW, TRIGGER
from graphs.node import Socket
from graphs.resolved import Resolved, resolve

Json = dict[str, Any]
End = tuple[str, str]

_STAY = frozenset({TRIGGER, RATE_LIMITER, CIRCUIT_BREAKER, COST_MONITOR, DELIVERY})
_FIELDS = {"Text": "string", "Integer": "integer", "Number": "number", "Boolean": "boolean"}
_FIELDS |= {"Payload": "object"} | {f"List[{each}]": "array" for each in ("Text", "Integer", "Number", "Any")}
_RULES = ("enum", "min_length", "max_length", "pattern", "minimum", "maximum", "description")
_PICTURES = frozenset({"Image", "List[Image]"})
_COLUMN = 340


class FoldError(ValueError):
    """What is selected cannot be folded, or unfolded; the message says why."""


@dataclass(frozen=True, slots=True)
class Folded:
    """`child` is the new workflow, `parent` the old one with a node that calls it, `node` that node's id."""

    child: Json
    parent: Json
    node: str


@dataclass(slots=True)
class _Cut:
    """Where a selection is cut out: `fields` stand for what flows in, `outlets` for what flows out."""

    document: Mapping[str, Any]
    chosen: set[str]
    nodes: list[Json]
    name: str
    fields: dict[End, Json] = field(default_factory=dict)
    outlets: dict[End, str] = field(default_factory=dict)

    @property
    def links(self) -> list[Any]:
        return list(self.document["links"])

    @property
    def entering(self) -> list[Any]:
        inside = self.chosen
        return [each for each in self.links if each["from"][0] not in inside and each["to"][0] in inside]

    @property
    def leaving(self) -> list[Any]:
        inside = self.chosen
        return [each for each in self.links if each["from"][0] in inside and each["to"][0] not in inside]

    @property
    def pictures(self) -> list[End]:
        return [end for end, outlet in self.outlets.items() if outlet == "images"]


def fold(
    document: Mapping[str, Any], ids: Iterable[str], catalogue: Catalogue, slug: str, name: str
) -> Folded:
    """Take nodes out of a document into one that is called `slug`.

    Raises:
        FoldError: A node has to stay, a value cannot travel, or it would make a loop.
    """
    chosen = set(ids)
    nodes = [node for node in document["nodes"] if node["id"] in chosen]
    resolved = resolve(parse(document), catalogue)
    _refuse_staying(nodes, resolved)
    _refuse_detours(document["links"], chosen)
    cut = _Cut(document, chosen, nodes, name)
    cut.fields = _fields(cut.entering, document, resolved)
    cut.outlets = {_end(link): _outlet(link, resolved) for link in cut.leaving}
    if len(cut.pictures) > 1:
        raise FoldError(t("it gives pictures from several places; a workflow gives them from one"))
    node_id = _free("subworkflow", {node["id"] for node in document["nodes"]} - chosen)
    return Folded(_child(cut), _parent(cut, node_id, slug), node_id)


def _refuse_staying(nodes: list[Json], resolved: Resolved) -> None:
    if not nodes:
        raise FoldError(t("nothing is selected"))
    for node in nodes:
        if node["type"] in _STAY:
            raise FoldError(t("{node} belongs to this workflow and stays here", node=_title(node, resolved)))
        if node["id"] not in resolved.nodes or resolved.nodes[node["id"]].outputs is None:
            raise FoldError(t("{node} has errors to mend first", node=_title(node, resolved)))


def _refuse_detours(links: Iterable[Any], chosen: set[str]) -> None:
    """A way that leaves the selection and comes back would be a loop through the new node."""
    after: dict[str, set[str]] = {}
    for link in links:
        after.setdefault(link["from"][0], set()).add(link["to"][0])
    queue = [each for start in chosen for each in after.get(start, ()) if each not in chosen]
    seen: set[str] = set()
    while queue:
        at = queue.pop()
        if at in seen:
            continue
        seen.add(at)
        if after.get(at, set()) & chosen:
            raise FoldError(t("{node} lies between what is selected: select it too", node=at))
        queue += after.get(at, ())


def _fields(entering: list[Any], document: Mapping[str, Any], resolved: Resolved) -> dict[End, Json]:
    """A trigger field for each output that the selection reads."""
    declared = {
        (node["id"], each["name"]): each
        for node in document["nodes"]
        if node["type"] == TRIGGER
        for each in node.get("settings", {}).get("fields", ())
    }
    found: dict[End, Json] = {}
    taken = set(RESERVED) | {GATE_SOCKET}
    for link in entering:
        source = (link["from"][0], link["from"][1])
        if source in found:
            continue
        output, wanted = _socket(resolved, source, "outputs"), _socket(resolved, tuple(link["to"]), "inputs")
        kind = _FIELDS.get(output.type if output.type != "Any" else wanted.type)
        if kind is None:
            raise FoldError(
                t(
                    "“{socket}” of {node} gives something that no field can carry",
                    socket=source[1],
                    node=source[0],
                )
            )
        rules = {key: value for key, value in declared.get(source, {}).items() if key in _RULES}
        field_name = _free(
            re.sub(r"[^A-Za-z0-9_]", "_", link["to"][1]).lstrip("_0123456789")[:60] or "value", taken
        )
        taken.add(field_name)
        found[source] = {"name": field_name, "type": kind, **rules}
    return found


def _outlet(link: Any, resolved: Resolved) -> str:
    """Which output of the calling node takes the place of one that leaves the selection."""
    end = (link["from"][0], link["from"][1])
    output, target = _socket(resolved, end, "outputs"), _socket(resolved, tuple(link["to"]), "inputs")
    if output.type in _PICTURES and fits("List[Image]", target.type):
        return "images"
    if resolved.nodes[end[0]].spec.type == QC and end[1] == "passed":
        return "passed"
    raise FoldError(
        t(
            "“{socket}” of {node} is used outside; a workflow gives back pictures only",
            socket=end[1],
            node=end[0],
        )
    )


def _child(cut: _Cut) -> Json:
    chosen, fields, places = cut.chosen, cut.fields, [node["position"] for node in cut.nodes]
    trigger = _free("input", chosen)
    left, right = min(place[0] for place in places), max(place[0] for place in places)
    top = min(place[1] for place in places)
    settings = {"fields": list(fields.values())}
    first = {"id": trigger, "type": TRIGGER, "settings": settings, "position": [left - _COLUMN, top]}
    nodes = [first, *cut.nodes]
    links = [dict(link) for link in cut.links if {link["from"][0], link["to"][0]} <= chosen]
    links += [
        {"from": [trigger, fields[_end(link)]["name"]], "to": list(link["to"])} for link in cut.entering
    ]
    for end in cut.pictures:
        delivery = _free("delivery", chosen | {trigger})
        nodes.append({"id": delivery, "type": DELIVERY, "settings": {}, "position": [right + _COLUMN, top]})
        links.append({"from": list(end), "to": [delivery, "images"]})
    head = {"format": cut.document["format"], "name": cut.name}
    return {**head, "nodes": nodes, "links": links, "groups": [], "notes": []}


def _parent(cut: _Cut, node_id: str, slug: str) -> Json:
    middle = [round(sum(node["position"][axis] for node in cut.nodes) / len(cut.nodes)) for axis in (0, 1)]
    call = {"workflow": slug, "fields": [each["name"] for each in cut.fields.values()]}
    node = {"id": node_id, "type": SUBWORKFLOW, "title": cut.name, "settings": call, "position": middle}
    links = [link for link in cut.links if not {link["from"][0], link["to"][0]} & cut.chosen]
    links += [{"from": list(source), "to": [node_id, each["name"]]} for source, each in cut.fields.items()]
    links += [{"from": [node_id, cut.outlets[_end(link)]], "to": list(link["to"])} for link in cut.leaving]
    nodes = [each for each in cut.document["nodes"] if each["id"] not in cut.chosen]
    return {**cut.document, "nodes": [*nodes, node], "links": links}


def _end(link: Any) -> End:
    return link["from"][0], link["from"][1]


def _socket(resolved: Resolved, end: Any, side: str) -> Socket:
    node = resolved.nodes.get(end[0])
    found = (getattr(node, side) or {}).get(end[1]) if node else None
    if found is None:
        raise FoldError(t("{node} has errors to mend first", node=end[0]))
    return found  # type: ignore[no-any-return]


def _title(node: Mapping[str, Any], resolved: Resolved) -> str:
    known = resolved.nodes.get(node["id"])
    return str(node.get("title") or (known.type.title if known else node["id"]))


def _free(base: str, taken: Iterable[str]) -> str:
    used, number, name = set(taken), 2, base
    while name in used:
        name, number = f"{base}_{number}", number + 1
    return name
