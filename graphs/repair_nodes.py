"""Repairs of nodes: too many, unknown, wrongly set, missing. Pure."""

import re
from difflib import get_close_matches

from graphs.document import NodeSpec, to_json
from graphs.kinds import DELIVERY, GENERATOR, QC, TRIGGER
from graphs.mending import mended, with_value
from graphs.parts import Json
from graphs.repair_case import Case, Repair, link_json, new_node, spec_of

_PICTURES = "List[Image]"
_GAP = 320.0
_PART = re.compile(r"[^.\[\]]+")


def extra_node(case: Case) -> Repair | None:
    """Without the node; what it passed through is linked past it."""
    node = case.node
    if node is None:
        return None
    cut = [each for each in case.doc.links if node.id in {each.source[0], each.target[0]}]
    into = [each for each in cut if each.target[0] == node.id]
    out = [each for each in cut if each.source[0] == node.id]
    past = [
        {"from": list(into[0].source), "to": list(each.target)}
        for each in out
        if len(into) == 1 and node.type != TRIGGER and each.target[0] != node.id
    ]
    links = {"links": past} if past else {}
    change = {"removed": [node.id], "removed_links": [link_json(each) for each in cut], **links}
    return Repair("remove_node", change)


def unknown_type(case: Case) -> Repair | None:
    node = case.node
    close = get_close_matches(node.type[:100], case.catalogue.kinds(), n=1) if node else []
    if node is None or not close:
        return extra_node(case)
    again = to_json(case.doc.model_copy(update={"nodes": [node], "links": []}))["nodes"][0]
    touching = [link_json(each) for each in case.doc.links if node.id in {each.source[0], each.target[0]}]
    change = {"removed": [node.id], "added": [{**again, "type": close[0]}], "links": touching}
    return Repair("retype", change, {"node": case.title(close[0])})


def settings(case: Case) -> Repair | None:
    node, path = case.node, case.problem.field or ""
    if node is None or not path.startswith("settings") or node.type not in case.catalogue:
        return None
    if case.problem.did_you_mean:
        return _meant(node, path, case.problem.did_you_mean)
    fixed = mended(node, path, case.catalogue)
    if fixed is None:
        return None
    fresh = {
        name: value
        for name, value in fixed.items()
        if name not in node.settings or value != node.settings[name]
    }
    gone = [name for name in node.settings if name not in fixed]
    what = ", ".join([*fresh, *(name for name in gone if name not in fresh)])
    change = {"nodes": [{"id": node.id, "fields": {}, "settings": fresh, "unset": gone}]}
    return Repair("reset", change, {"setting": what})


def _meant(node: NodeSpec, path: str, value: str) -> Repair:
    """The setting with what was meant in its place."""
    parts = tuple(int(each) if each.isdecimal() else each for each in _PART.findall(path)[1:])
    name = str(parts[0])
    fixed = with_value(dict(node.settings), parts, value)
    change = {"nodes": [{"id": node.id, "fields": {}, "settings": {name: fixed[name]}, "unset": []}]}
    return Repair("retype", change, {"node": value})


def no_trigger(case: Case) -> Repair | None:
    left = min((each.position[0] for each in case.doc.nodes), default=0.0)
    top = min((each.position[1] for each in case.doc.nodes), default=0.0)
    return Repair("add_trigger", {"added": [new_node(case.fresh("input"), TRIGGER, [left - _GAP, top])]})


def no_delivery(case: Case) -> Repair | None:
    """A callback that takes the pictures nobody takes, of the node that lies farthest right."""
    source = _last_pictures(case)
    if source is None or DELIVERY not in case.catalogue:
        return None
    x, y = spec_of(case, source[0]).position
    name = case.fresh("delivery")
    link = {"from": list(source), "to": [name, "images"]}
    return Repair("add_delivery", {"added": [new_node(name, DELIVERY, [x + _GAP, y])], "links": [link]})


def no_qc(case: Case) -> Repair | None:
    """Quality control between a generator and whatever takes its pictures."""
    node = case.node
    if node is None or node.type != GENERATOR or QC not in case.catalogue:
        return None
    taking = [each for each in case.doc.links if each.source == (node.id, "images")]
    name = case.fresh(QC)
    links: list[Json] = [{"from": [node.id, "images"], "to": [name, "images"]}]
    links += [{"from": [name, "images"], "to": list(each.target)} for each in taking]
    place = [node.position[0] + _GAP, node.position[1] - 40]
    cut = [link_json(each) for each in taking]
    return Repair("add_qc", {"added": [new_node(name, QC, place)], "links": links, "removed_links": cut})


def _last_pictures(case: Case) -> tuple[str, str] | None:
    taken = {each.source for each in case.doc.links}
    found = [
        (spec_of(case, name).position[0], name, output.name)
        for name, node in case.resolved.nodes.items()
        for output in (node.outputs or {}).values()
        if output.type == _PICTURES and (name, output.name) not in taken
    ]
    return max(found)[1:] if found else None
