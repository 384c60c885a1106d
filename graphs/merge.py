"""Two people's edits of one draft brought together: three-way, part by part and field by field. Pure.

Edits of different nodes, or of different settings of one node, both stand. Where both changed the same, the
document keeps what was stored first (`theirs`) and the other edit is handed back as a ``Conflict``: no edit
is lost. Where something lies on the canvas is no question: the later hand wins.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from graphs.document import MAX_BYTES, MAX_LINKS, MAX_NODES, MAX_REMARKS
from graphs.parts import (
    ABSENT,
    SOFT,
    Ends,
    Fields,
    Json,
    differing,
    head_of,
    keyed,
    link_of,
    links_of,
    part_of,
    same,
)

Kind = Literal["node", "link", "group", "note", "document"]
_LIMITS = (("nodes", MAX_NODES), ("links", MAX_LINKS), ("groups", MAX_REMARKS), ("notes", MAX_REMARKS))


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same thing was changed twice; `theirs` stands in the document, `mine` is kept here.

    `id` is the node, group or note (of a link: its input as ``node.socket``), `field` what of it; an empty
    field means the whole: then None means that this side removed it. ``ABSENT`` is a setting that was unset.
    """

    kind: Kind
    id: str
    field: str
    mine: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """The document that has both edits, and what could not be joined."""

    document: Json
    conflicts: tuple[Conflict, ...] = ()


@dataclass(slots=True)
class _Work:
    conflicts: list[Conflict] = field(default_factory=list)
    # ids that mine gave to new parts and that theirs had given too → the id that mine gets
    renamed: dict[str, str] = field(default_factory=dict)
    # nodes that mine removed and that stay, because theirs changed them
    kept: set[str] = field(default_factory=set)


def merge(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merged:
    """Join two documents that both come from `base`; a readable document when the three are readable."""
    if same(mine, theirs) or same(mine, base):
        return Merged(dict(theirs))
    work = _Work()
    head = _fields(work, ("document", ""), head_of(base), head_of(mine), head_of(theirs))
    nodes = _nodes(base, mine, theirs, work)
    links = _links(base, mine, theirs, nodes, work)
    document = {
        **head,
        "nodes": [part_of(each) for each in nodes.values()],
        "links": [link_of(each, via) for each, via in _led(links, base, mine, theirs, work)],
        "groups": _remarks("group", base, mine, theirs, work),
        "notes": _remarks("note", base, mine, theirs, work),
    }
    if _too_large(document):
        return Merged(dict(theirs), (Conflict("document", "", "", dict(mine), dict(theirs)),))
    return Merged(document, tuple(work.conflicts))


def _nodes(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any], work: _Work
) -> dict[str, Fields]:
    before, own, other = (keyed(each.get("nodes", ())) for each in (base, mine, theirs))
    links = links_of(base), links_of(mine), links_of(theirs)
    touched = _ends(links[1].keys() - links[0].keys()), _ends(links[2].keys() - links[0].keys())
    found: dict[str, Fields] = {}
    for name, theirs_now in other.items():
        if name not in before and name in own and differing(own[name], theirs_now):
            found[name] = theirs_now
        elif name in own:
            found[name] = _fields(work, ("node", name), before.get(name, {}), own[name], theirs_now)
        elif name not in before or _hard(before[name], theirs_now) or name in touched[1]:
            found[name] = theirs_now
            if name in before:
                work.kept.add(name)
                work.conflicts.append(Conflict("node", name, "", None, part_of(theirs_now)))
    for name, own_now in own.items():
        if name in other and (name in before or not differing(own_now, other[name])):
            continue
        if name not in before:
            taken = {*before, *own, *other, *found}
            fresh = _fresh(name, taken) if name in other else name
            work.renamed.update({name: fresh} if fresh != name else {})
            found[fresh] = own_now if fresh == name else {**own_now, "id": fresh}
        elif _hard(before[name], own_now) or name in touched[0]:
            kept = [link_of(each) for each in links[1] if name in {each[0], each[2]}]
            work.conflicts.append(Conflict("node", name, "", {"node": part_of(own_now), "links": kept}, None))
    return found


def _links(
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    nodes: Mapping[str, Fields],
    work: _Work,
) -> list[Ends]:
    before, own, other = links_of(base), links_of(mine), links_of(theirs)
    cut = {each for each in before if each not in own and not {each[0], each[2]} & work.kept}
    known = {str(node.get("id")) for document in (base, mine, theirs) for node in document.get("nodes", ())}
    gone = known - {str(each.get("id")) for each in nodes.values()}
    found = {each: None for each in other if each not in cut and not {each[0], each[2]} & gone}
    feeding = {each[2:]: each for each in found}
    for each in own:
        link = _again(each, work.renamed)
        if each in before or link in found or {link[0], link[2]} & gone:
            continue
        rival = feeding.get(link[2:])
        if rival is not None and rival not in own:
            place = f"{link[2]}.{link[3]}"
            work.conflicts.append(Conflict("link", place, "", link_of(link), link_of(rival)))
            continue
        found[link] = None
        feeding[link[2:]] = link
    return list(found)


def _remarks(
    kind: Literal["group", "note"],
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    work: _Work,
) -> list[Json]:
    before, own, other = (keyed(each.get(f"{kind}s", ())) for each in (base, mine, theirs))
    found: dict[str, Fields] = {}
    for name, theirs_now in other.items():
        if name in own and (name in before or not differing(own[name], theirs_now)):
            found[name] = _fields(work, (kind, name), before.get(name, {}), own[name], theirs_now)
        elif name in own or name not in before:
            found[name] = theirs_now
        elif _hard(before[name], theirs_now):
            found[name] = theirs_now
            work.conflicts.append(Conflict(kind, name, "", None, part_of(theirs_now)))
    for name, own_now in own.items():
        if name not in before:
            if name not in other:
                found[name] = own_now
            elif differing(own_now, other[name]):
                fresh = _fresh(name, {*before, *own, *other, *found})
                found[fresh] = {**own_now, "id": fresh}
        elif name not in other and _hard(before[name], own_now):
            work.conflicts.append(Conflict(kind, name, "", part_of(own_now), None))
    return [part_of(each) for each in found.values()]


def _fields(work: _Work, what: tuple[Kind, str], before: Fields, own: Fields, other: Fields) -> Fields:
    found: Fields = {}
    kind, name = what
    for key in dict.fromkeys((*other, *own)):
        was, mine, theirs = (each.get(key, ABSENT) for each in (before, own, other))
        value = theirs
        if not same(mine, was) and not same(mine, theirs):
            if same(theirs, was) or key in SOFT:
                value = mine
            else:
                work.conflicts.append(Conflict(kind, name, key, mine, theirs))
        if value is not ABSENT:
            found[key] = value
    return found


def _hard(before: Fields, now: Fields) -> bool:
    """Whether more than its place changed."""
    return bool(set(differing(before, now)) - SOFT)


def _ends(links: set[Ends]) -> set[str]:
    return {name for each in links for name in (each[0], each[2])}


def _led(
    links: list[Ends],
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    work: _Work,
) -> Iterator[tuple[Ends, Any]]:
    """Links with the points of their lines: mine where I moved them, else theirs; never worth a question."""
    before, other = links_of(base), links_of(theirs)
    own = {_again(each, work.renamed): via for each, via in links_of(mine).items()}
    for each in links:
        moved = each in own and (each not in other or not same(own[each], before.get(each)))
        yield each, own[each] if moved else other.get(each)


def _again(link: Ends, renamed: Mapping[str, str]) -> Ends:
    return (renamed.get(link[0], link[0]), link[1], renamed.get(link[2], link[2]), link[3])


def _fresh(name: str, taken: set[str]) -> str:
    stem = re.sub(r"_\d+$", "", name.partition("\n")[0])[:56] or "node"
    number = 2
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def _too_large(document: Json) -> bool:
    if any(len(document[name]) > limit for name, limit in _LIMITS):
        return True
    return len(json.dumps(document, ensure_ascii=False)) > MAX_BYTES
