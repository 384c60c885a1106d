"""Two documents compared for people: every change by itself, and one drawing that shows both. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from graphs.parts import (
    ABSENT,
    SETTINGS,
    SOFT,
    Fields,
    Json,
    differing,
    ends_of,
    head_of,
    keyed,
    link_of,
    links_of,
    part_of,
    same,
)

Mark = Literal["added", "removed", "changed"]
What = Literal["node", "link", "group", "note", "document"]
_DEEPEST = 4
_NAMES = ("name", "key", "id")


@dataclass(frozen=True, slots=True)
class Difference:
    """One change. `id` is the part's id, of a link its two ends as ``a.out → b.in``.

    Of a changed part `path` leads to the value, settings first by key, entries of lists by their name;
    `before` and `after` are ``ABSENT`` where there is none. `nodes` are the nodes it is about.
    """

    mark: Mark
    what: What
    id: str
    nodes: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    before: Any = ABSENT
    after: Any = ABSENT


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Every change but places and sizes; links of a node that came or went count with it."""
    return [
        *_parts("node", old, new),
        *_links(old, new),
        *_parts("group", old, new),
        *_parts("note", old, new),
        *_changes("document", "", head_of(old), head_of(new)),
    ]


def both(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Json, Json]:
    """The new document with what was removed still in it, and how each node and link is marked.

    Marks: ``{"nodes": {id: mark}, "links": [{"from", "to", "mark"}]}``; what is not named did not change.
    Removed links are marked but not part of the document: their input may have another link by now.
    """
    before, after = keyed(old.get("nodes", ())), keyed(new.get("nodes", ()))
    marks: dict[str, Mark] = {name: "removed" for name in before if name not in after}
    for name, fields in after.items():
        if name not in before:
            marks[name] = "added"
        elif set(differing(before[name], fields)) - SOFT:
            marks[name] = "changed"
    ghosts = [part_of(fields) for name, fields in before.items() if name not in after]
    was, now = links_of(old), links_of(new)
    links = [{**link_of(each), "mark": "added"} for each in now if each not in was]
    links += [{**link_of(each), "mark": "removed"} for each in was if each not in now]
    document = {**new, "nodes": [*new.get("nodes", ()), *ghosts]}
    return document, {"nodes": marks, "links": links}


def value_changes(
    before: Any, after: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Where two values differ, as deep as it helps to read: (path, before, after)."""
    if same(before, after):
        return
    old, new = _members(before), _members(after)
    if len(path) >= _DEEPEST or old is None or new is None or not (old and new):
        yield path, before, after
        return
    for name in dict.fromkeys((*old, *new)):
        yield from value_changes(old.get(name, ABSENT), new.get(name, ABSENT), (*path, name))


def _parts(
    what: Literal["node", "group", "note"], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Difference]:
    before, after = keyed(old.get(f"{what}s", ())), keyed(new.get(f"{what}s", ()))
    for name, fields in after.items():
        about = (name,) if what == "node" else ()
        if name not in before:
            yield Difference("added", what, name, about, after=part_of(fields))
        else:
            yield from _changes(what, name, before[name], fields)
    for name, fields in before.items():
        if name not in after:
            yield Difference("removed", what, name, (name,) if what == "node" else (), before=part_of(fields))


def _changes(what: What, name: str, before: Fields, after: Fields) -> Iterator[Difference]:
    about = (name,) if what == "node" else ()
    for field in differing(before, after):
        if field in SOFT:
            continue
        place = (field.removeprefix(SETTINGS),) if field.startswith(SETTINGS) else (f"@{field}",)
        was, now = before.get(field, ABSENT), after.get(field, ABSENT)
        for path, one, other in value_changes(was, now, place):
            yield Difference("changed", what, name, about, path, one, other)


def _links(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    was, now = links_of(old), links_of(new)
    before, after = ({node["id"] for node in each.get("nodes", ())} for each in (old, new))
    moved = before ^ after
    for marked, links, others in (("added", now, was), ("removed", was, now)):
        for each in links:
            if each not in others and not {each[0], each[2]} & moved:
                yield Difference(
                    "added" if marked == "added" else "removed", "link", link_text(each), (each[0], each[2])
                )


def link_text(link: tuple[str, str, str, str] | Mapping[str, Any]) -> str:
    """A link as ``a.out → b.in``."""
    source, output, target, socket = ends_of(link) if isinstance(link, Mapping) else link
    return f"{source}.{output} → {target}.{socket}"


def _members(value: Any) -> dict[str, Any] | None:
    """The parts of a value by name: of an object its members, of a list of named objects its entries."""
    if isinstance(value, Mapping):
        return {str(key): each for key, each in value.items()}
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        return None
    names = [next((each[key] for key in _NAMES if isinstance(each.get(key), str)), None) for each in value]
    if None in names or len(set(names)) < len(names):
        return None
    return {str(name): each for name, each in zip(names, value, strict=True)}
