"""What leads from one document to another, small enough to send: fields, not whole nodes. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphs.merge import Conflict
from graphs.parts import (
    ABSENT,
    SETTINGS,
    Fields,
    Json,
    differing,
    ends_of,
    fields_of,
    head_of,
    keyed,
    link_of,
    links_of,
    part_of,
    same,
)

# what a node is when nothing is said
_PLAIN: Json = {"title": "", "size": None, "version": 1, "position": [0, 0]}


def delta(before: Mapping[str, Any], after: Mapping[str, Any]) -> Json:
    """The change as JSON; empty when there is none.

    ``nodes`` are changed ones ({id, fields, settings, unset}), ``added`` whole, ``removed`` ids; ``links``
    and ``removed_links``; ``groups`` and ``notes`` whole lists and ``head`` (name, description) where they
    changed. A node whose type changed is removed and added.
    """
    old, new = keyed(before.get("nodes", ())), keyed(after.get("nodes", ()))
    changed = {name: differing(old[name], new[name]) for name in old if name in new}
    retyped = {name for name, fields in changed.items() if "type" in fields}
    nodes = [
        _node(name, fields, new[name]) for name, fields in changed.items() if fields and name not in retyped
    ]
    was, now = links_of(before), links_of(after)
    found: Json = {
        "nodes": nodes,
        "added": [part_of(each) for name, each in new.items() if name not in old or name in retyped],
        "removed": [_id(name) for name in old if name not in new or name in retyped],
        "links": [
            link_of(each, via)
            for each, via in now.items()
            if each not in was or _at(each, retyped) or not same(via, was[each])
        ],
        "removed_links": [
            link_of(each) for each, via in was.items() if each not in now or not same(via, now[each])
        ],
        "head": {key: value for key, value in head_of(after).items() if not same(value, before.get(key))},
    }
    for name in ("groups", "notes"):
        if not same(before.get(name, []), after.get(name, [])):
            found[name] = list(after.get(name, []))
    return {name: value for name, value in found.items() if value or name in {"groups", "notes"}}


def apply_delta(document: Mapping[str, Any], change: Mapping[str, Any]) -> Json:
    """The document after a change; what it names and is not there any more is passed over."""
    gone, changes = set(change.get("removed", ())), {each["id"]: each for each in change.get("nodes", ())}
    added = {each["id"]: each for each in change.get("added", ())}
    kept = [node for node in document["nodes"] if node["id"] not in gone and node["id"] not in added]
    cut = {ends_of(each) for each in change.get("removed_links", ())}
    links = {
        each: via
        for each, via in links_of(document).items()
        if each not in cut and not {each[0], each[2]} & (gone - added.keys())
    }
    links.update(links_of(change))
    lists = {name: change[name] for name in ("groups", "notes") if name in change}
    nodes = [_changed(node, changes[node["id"]]) if node["id"] in changes else node for node in kept]
    return {
        **document,
        **change.get("head", {}),
        "nodes": [*nodes, *added.values()],
        "links": [link_of(each, via) for each, via in links.items()],
        **lists,
    }


def take_mine(document: Mapping[str, Any], conflict: Conflict) -> Json:
    """The document with the kept edit of a conflict in place of the other one."""
    match conflict.kind, conflict.field:
        case "document", "":
            return dict(conflict.mine)
        case "document", name:
            return {**document, name: "" if conflict.mine is ABSENT else conflict.mine}
        case "link", _:
            return _relinked(document, [conflict.mine])
        case "node", "":
            return _node_again(document, conflict)
        case kind, "":
            rest = [each for each in document[f"{kind}s"] if each.get("id") != conflict.id]
            return {**document, f"{kind}s": [*rest, *([conflict.mine] if conflict.mine else [])]}
        case kind, name:
            parts = [_with(each, conflict.id, name, conflict.mine) for each in document[f"{kind}s"]]
            return {**document, f"{kind}s": parts}


def _node_again(document: Mapping[str, Any], conflict: Conflict) -> Json:
    rest = [each for each in document["nodes"] if each["id"] != conflict.id]
    if conflict.mine is None:
        links = [each for each in document["links"] if conflict.id not in {each["from"][0], each["to"][0]}]
        return {**document, "nodes": rest, "links": links}
    nodes = [*rest, conflict.mine["node"]]
    names = {each["id"] for each in nodes}
    fitting = [each for each in conflict.mine["links"] if {each["from"][0], each["to"][0]} <= names]
    return _relinked({**document, "nodes": nodes}, fitting)


def _relinked(document: Mapping[str, Any], links: Iterable[Json]) -> Json:
    wanted = {tuple(each["to"]): each for each in links}
    rest = [each for each in document["links"] if tuple(each["to"]) not in wanted]
    return {**document, "links": [*rest, *wanted.values()]}


def _with(part: Json, name: str, field: str, value: Any) -> Json:
    if part.get("id") != name:
        return part
    fields = {key: each for key, each in fields_of(part).items() if key != field}
    return part_of(fields if value is ABSENT else {**fields, field: value})


def _node(name: str, fields: Iterable[str], now: Fields) -> Json:
    change: Json = {"id": _id(name), "fields": {}, "settings": {}, "unset": []}
    for each in fields:
        value = now.get(each, ABSENT)
        if not each.startswith(SETTINGS):
            change["fields"][each] = _PLAIN.get(each) if value is ABSENT else value
        elif value is ABSENT:
            change["unset"].append(each.removeprefix(SETTINGS))
        else:
            change["settings"][each.removeprefix(SETTINGS)] = value
    return change


def _changed(node: Mapping[str, Any], change: Mapping[str, Any]) -> Json:
    settings = {**(node.get("settings") or {}), **change["settings"]}
    for name in change["unset"]:
        settings.pop(name, None)
    return {**node, **change["fields"], "settings": settings}


def _id(name: str) -> str:
    return name.partition("\n")[0]


def _at(link: tuple[str, ...], names: set[str]) -> bool:
    return link[0] in names or link[2] in names
