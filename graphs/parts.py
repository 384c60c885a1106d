"""A graph file as parts with fields, for comparing and merging. Pure, on the JSON of the file.

A node's settings are fields of their own, ``settings.<key>``; what says nothing (no title, no size, the
first version) is left out, so that two ways of writing the same node are equal.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]
Fields = dict[str, Any]
Ends = tuple[str, str, str, str]
SETTINGS = "settings."
# where something lies on the canvas: never worth a question
SOFT = frozenset({"position", "size", "collapsed", "pinned"})
# what is merged part by part; every other key of a file is a field of the whole
LISTS = frozenset({"nodes", "links", "groups", "notes"})
_SILENT = {
    "title": ("", None),
    "size": (None,),
    "version": (1, None),
    "collapsed": (False,),
    "pinned": (False,),
}


class Absent:
    """The value of a field that is not there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal: 1 and 1.0 are, 1 and true are not."""
    if one is other:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def fields_of(part: Mapping[str, Any]) -> Fields:
    """A node, group or note as flat fields."""
    found: Fields = {}
    for name, value in part.items():
        if name == "settings" and isinstance(value, Mapping):
            found.update({f"{SETTINGS}{key}": each for key, each in value.items()})
        elif value not in _SILENT.get(name, ()):
            found[name] = value
    return found


def part_of(fields: Mapping[str, Any]) -> Json:
    """The part again, from its fields; a node always has settings."""
    plain = {name: value for name, value in fields.items() if not name.startswith(SETTINGS)}
    settings = {
        name.removeprefix(SETTINGS): value for name, value in fields.items() if name.startswith(SETTINGS)
    }
    return {**plain, "settings": settings} if settings or "type" in plain else plain


def keyed(parts: Iterable[Mapping[str, Any]]) -> dict[str, Fields]:
    """Parts by id; a second one of the same id, or one without, gets a key that no id can be."""
    found: dict[str, Fields] = {}
    for index, part in enumerate(parts):
        name = part.get("id")
        usable = isinstance(name, str) and name not in found
        found[str(name) if usable else f"{name if isinstance(name, str) else ''}\n{index}"] = fields_of(part)
    return found


def ends_of(link: Mapping[str, Any]) -> Ends:
    """Source node and socket, target node and socket."""
    (source, output), (target, socket) = link["from"], link["to"]
    return (source, output, target, socket)


def link_of(ends: Ends, via: Any = None) -> Json:
    """The link again, from its ends and the points that its line passes."""
    plain = {"from": [ends[0], ends[1]], "to": [ends[2], ends[3]]}
    return {**plain, "via": via} if via else plain


def links_of(document: Mapping[str, Any]) -> dict[Ends, Any]:
    """The links of a document in order, each once, with the points that its line passes (None: straight)."""
    return {ends_of(link): link.get("via") or None for link in document.get("links", ())}


def head_of(document: Mapping[str, Any]) -> Fields:
    """What a document says besides its parts: name, description, format."""
    return {name: value for name, value in document.items() if name not in LISTS}


def differing(one: Fields, other: Fields) -> list[str]:
    """The fields that are not the same, in the order of their names."""
    return sorted(
        name for name in one.keys() | other.keys() if not same(one.get(name, ABSENT), other.get(name, ABSENT))
    )
