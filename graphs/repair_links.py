"""Repairs of links: loose, doubled, unfitting, missing, in a circle. Pure."""

from difflib import get_close_matches

import networkx as nx

from graphs.bridging import bridge
from graphs.compatibility import fits
from graphs.repair_case import Case, Repair, link_json, new_node, spec_of, types_of


def dangling(case: Case) -> Repair | None:
    index, end = _place(case.problem.field or "")
    if index is None or index >= len(case.doc.links):
        return None
    link = case.doc.links[index]
    cut = {"removed_links": [link_json(link)]}
    node_id, socket = link.source if end == "from" else link.target
    node = case.resolved.nodes.get(node_id)
    known = (node.outputs if end == "from" else node.inputs) if node else None
    close = get_close_matches(socket, [] if known is None else list(known), n=1, cutoff=0.75)
    taken = {each.target for each in case.doc.links}
    if not close or (end == "to" and (node_id, close[0]) in taken):
        return Repair("remove_link", cut)
    moved = {**link_json(link), end: [node_id, close[0]]}
    return Repair("relink", {**cut, "links": [moved]}, {"socket": close[0]})


def duplicate(case: Case) -> Repair | None:
    target = (case.problem.node_id, case.problem.field)
    extra = [each for each in case.doc.links if each.target == target][1:]
    return Repair("remove_link", {"removed_links": [link_json(each) for each in extra]}) if extra else None


def mismatch(case: Case) -> Repair | None:
    target = (case.problem.node_id, case.problem.field)
    link = next((each for each in case.doc.links if each.target == target), None)
    ends = types_of(case, link) if link else None
    if link is None or ends is None:
        return None
    between = bridge(case.catalogue, *ends)
    if between is None:
        return Repair("remove_link", {"removed_links": [link_json(link)]})
    name = case.fresh(between.kind)
    first, last = (spec_of(case, each) for each in (link.source[0], link.target[0]))
    middle = [(a + b) / 2 for a, b in zip(first.position, last.position, strict=True)]
    links = [
        {"from": list(link.source), "to": [name, between.input]},
        {"from": [name, between.output], "to": list(link.target)},
    ]
    change = {
        "added": [new_node(name, between.kind, middle)],
        "links": links,
        "removed_links": [link_json(link)],
    }
    return Repair("convert", change, {"node": case.title(between.kind)})


def missing(case: Case) -> Repair | None:
    """The one output that plainly belongs there: of the same name, or the only one of that very type."""
    node_id, socket = case.problem.node_id or "", case.problem.field or ""
    node = case.resolved.nodes.get(node_id)
    wanted = (node.inputs or {}).get(socket) if node else None
    if wanted is None:
        return None
    after = case.around.after(node_id)
    found = [
        (source, output.name)
        for source, each in case.resolved.nodes.items()
        if source not in after
        for output in (each.outputs or {}).values()
        if output.type == wanted.type or (output.name == socket and fits(output.type, wanted.type))
    ]
    same_name = [each for each in found if each[1] == socket]
    exact = [each for each in found if "Any" not in wanted.type and wanted.type not in {"Text", "Payload"}]
    # what nobody takes yet is what was meant to go on
    exact = [each for each in exact if each not in case.around.taken] or exact
    chosen = same_name if len(same_name) == 1 else exact if len(exact) == 1 else _nearest(case, exact)
    if len(chosen) != 1:
        return None
    link = {"from": list(chosen[0]), "to": [node_id, socket]}
    source = spec_of(case, chosen[0][0])
    return Repair("connect", {"links": [link]}, {"source": source.title or case.title(source.type)})


def _nearest(case: Case, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of several outputs the one on the closest card to the left."""
    here = spec_of(case, case.problem.node_id or "").position
    left = [each for each in found if spec_of(case, each[0]).position[0] < here[0]]

    def far(end: tuple[str, str]) -> float:
        x, y = spec_of(case, end[0]).position
        return (here[0] - x) ** 2 + (here[1] - y) ** 2

    return [min(left, key=far)] if left else []


def cycle(case: Case) -> Repair | None:
    start = case.problem.node_id
    loop = next(
        (each for each in nx.strongly_connected_components(case.around.graph) if start in each), set()
    )
    inner = [each for each in case.doc.links if {each.source[0], each.target[0]} <= loop]
    return Repair("break_cycle", {"removed_links": [link_json(inner[-1])]}) if inner else None


def _place(text: str) -> tuple[int | None, str]:
    """Of ``links[3].to`` the number and the end."""
    number, _, end = text.removeprefix("links[").partition("].")
    return (int(number) if number.isdigit() else None), end
