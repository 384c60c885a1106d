"""The document being edited, as JSON, and what a change from the canvas does to it. Pure.

Nothing is changed in place: each function gives a new document, so that an earlier one can still be compared.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Document = dict[str, Any]
Patch = Mapping[str, Any]
_EMPTY: Document = {
    "format": "sakuga.graph/1",
    "name": "",
    "description": "",
    "nodes": [],
    "links": [],
    "groups": [],
    "notes": [],
}


class PatchError(ValueError):
    """A message from the browser is not a change of a document; `field` names the part at fault."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field


def blank(name: str) -> Document:
    """A document with nothing in it."""
    return {**_EMPTY, "name": name, "nodes": [], "links": [], "groups": [], "notes": []}


def apply_patch(document: Document, patch: Patch) -> Document:
    """The document after a change.

    Nodes are replaced or added by id, links are added once; what is removed takes its links along.
    `groups` and `notes`, where present, replace the whole list.

    Raises:
        PatchError: The patch has not the agreed shape.
    """
    _refuse_malformed(patch)
    gone = set(patch.get("removed_nodes", ()))
    nodes = _merged(document.get("nodes", ()), patch.get("nodes", ()), gone)
    cut = {_ends(link) for link in patch.get("removed_links", ())}
    links = _joined(document.get("links", ()), patch.get("links", ()), cut, gone)
    boxes = {name: list(patch[name]) for name in ("groups", "notes") if name in patch}
    return {**document, "nodes": nodes, "links": links, **boxes}


def set_settings(
    document: Document, node_id: str, settings: Mapping[str, Any], title: str | None = None
) -> Document:
    """The document with other settings of one node; unknown ids change nothing."""

    def changed(node: Mapping[str, Any]) -> dict[str, Any]:
        named = {} if title is None else {"title": title}
        return {**node, "settings": dict(settings), **named}

    nodes = [changed(node) if node["id"] == node_id else node for node in document["nodes"]]
    return {**document, "nodes": nodes}


def node_of(document: Document, node_id: str | None) -> Mapping[str, Any] | None:
    """A node by id."""
    return next((node for node in document["nodes"] if node["id"] == node_id), None)


def same_graph(one: Document, other: Document) -> bool:
    """Whether two documents run alike: positions, sizes, titles and remarks aside."""
    return _meaning(one) == _meaning(other)


def _meaning(document: Document) -> tuple[Any, Any]:
    nodes = {
        node["id"]: (node["type"], node.get("version", 1), node.get("settings", {}), node.get("cache"))
        for node in document["nodes"]
    }
    return nodes, sorted(_ends(link) for link in document["links"])


def _merged(old: Iterable[Any], changed: Iterable[Any], gone: set[str]) -> list[Any]:
    fresh = {node["id"]: dict(node) for node in changed}
    kept = [fresh.pop(node["id"], node) for node in old if node["id"] not in gone]
    return [*kept, *(node for name, node in fresh.items() if name not in gone)]


def _joined(old: Iterable[Any], added: Iterable[Any], cut: set[tuple[str, ...]], gone: set[str]) -> list[Any]:
    kept = {_ends(link): link for link in old if _ends(link) not in cut}
    kept.update({_ends(link): dict(link) for link in added})
    return [link for ends, link in kept.items() if ends[0] not in gone and ends[2] not in gone]


def _ends(link: Mapping[str, Any]) -> tuple[str, ...]:
    return (*link["from"], *link["to"])


def _refuse_malformed(patch: Patch) -> None:
    if not isinstance(patch, Mapping):
        raise PatchError("patch", "must be an object")
    for name, fits, shape in _SHAPES:
        given = patch.get(name, [])
        if not isinstance(given, list) or not all(map(fits, given)):
            raise PatchError(name, f"must be a list of {shape}")


def _is_node(node: Any) -> bool:
    return isinstance(node, Mapping) and isinstance(node.get("id"), str) and isinstance(node.get("type"), str)


def _is_link(link: Any) -> bool:
    return isinstance(link, Mapping) and all(
        isinstance(link.get(end), list | tuple)
        and len(link[end]) == 2
        and all(isinstance(part, str) for part in link[end])
        for end in ("from", "to")
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


_LINKS = 'objects with "from" and "to", each [node, socket]'
_SHAPES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("nodes", _is_node, "objects with id and type"),
    ("links", _is_link, _LINKS),
    ("removed_nodes", _is_text, "ids"),
    ("removed_links", _is_link, _LINKS),
    ("groups", _is_object, "objects"),
    ("notes", _is_object, "objects"),
)
