"""Every problem of a graph at once, each with its node and field (contract §6, design §3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import networkx as nx

from graphs.caching import cache_problems
from graphs.calls import Workflows, call_problems
from graphs.catalogue import Catalogue
from graphs.compatibility import accepts, fits
from graphs.document import MAX_LINKS, MAX_NODES, Document, Link
from graphs.kinds import CIRCUIT_BREAKER, COST_MONITOR, DELIVERY, GENERATOR, QC, RATE_LIMITER, TRIGGER
from graphs.node import Socket
from graphs.offers import Services, unknown_services, unused_references
from graphs.pictures import missing_pictures
from graphs.problem import InvalidGraphError, Problem, errors_in
from graphs.redo import redo_problems
from graphs.resolved import Resolved, ResolvedNode, resolve, sound_links
from graphs.secrets import KnownSecrets, secret_problems

__all__ = ["Facts", "InvalidGraphError", "Problem", "accepts", "check", "errors_in", "fits"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the outside knows about a graph.

    Args:
        allowed: (kind, input socket) → the values known there, for example
            ``{("style_preset", "key"): {"studio", "anime"}}``; the allowed values of a trigger field linked
            to such a socket must be among them (S40).
        workflows: What may be called; None leaves that unjudged.
        services: Generation service → model → what it is able to; None leaves that unjudged.
        pictures: Those of the pictures a graph names that are there; None leaves that unjudged.
        secrets: What nodes may send; None leaves that unjudged.
    """

    allowed: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    workflows: Workflows | None = None
    services: Services | None = None
    pictures: frozenset[str] | None = None
    secrets: KnownSecrets | None = None


def check(doc: Document, catalogue: Catalogue, facts: Facts | None = None) -> list[Problem]:
    """Every error and warning of a document; no error means that it compiles."""
    return problems_of(doc, resolve(doc, catalogue), facts or Facts())


def problems_of(doc: Document, resolved: Resolved, facts: Facts) -> list[Problem]:
    """As ``check``, for a document whose nodes are looked up already."""
    return [
        *_too_large(doc),
        *resolved.problems,
        *_trigger_problems(doc),
        *_link_problems(doc, resolved),
        *_missing_inputs(doc, resolved),
        *_cycles(doc, resolved),
        *_value_problems(doc, resolved, facts),
        *call_problems(resolved, facts.workflows),
        *unknown_services(resolved, facts.services),
        *secret_problems(resolved, facts.secrets),
        *unused_references(doc, resolved, facts.services),
        *missing_pictures(resolved, facts.pictures),
        *redo_problems(doc, resolved),
        *cache_problems(resolved),
        *_warnings(doc, resolved),
    ]


def _too_large(doc: Document) -> Iterator[Problem]:
    for name, found, limit in (("nodes", len(doc.nodes), MAX_NODES), ("links", len(doc.links), MAX_LINKS)):
        if found > limit:
            message = f"{found} {name} are too many; a graph holds at most {limit}"
            yield Problem("graph.too_large", None, name, message)


def _trigger_problems(doc: Document) -> Iterator[Problem]:
    found = [node.id for node in doc.nodes if node.type == TRIGGER]
    if not found:
        yield Problem(
            "graph.no_trigger", None, "nodes", f"a graph needs one node of type {TRIGGER}; it has none"
        )
    for extra in found[1:]:
        message = f"node '{extra}': a graph has one {TRIGGER} only; '{found[0]}' is it already"
        yield Problem("graph.many_triggers", extra, "type", message)
    for kind in (RATE_LIMITER, CIRCUIT_BREAKER, COST_MONITOR):
        for extra in [node.id for node in doc.nodes if node.type == kind][1:]:
            message = f"node '{extra}': a graph has at most one {kind}"
            yield Problem("graph.many_gates", extra, "type", message)


def _link_problems(doc: Document, resolved: Resolved) -> Iterator[Problem]:
    taken: dict[tuple[str, str], tuple[str, str]] = {}
    for index, link in enumerate(doc.links):
        where = f"links[{index}]"
        loose = list(_dangling(link, where, resolved))
        yield from loose
        if loose:
            continue
        if link.target in taken:
            message = f"input {_name(link.target)} takes one link; {_name(taken[link.target])} has it"
            yield Problem("graph.duplicate_link", link.target[0], link.target[1], message)
            continue
        taken[link.target] = link.source
        yield from _clash(link, resolved)


def _dangling(link: Link, where: str, resolved: Resolved) -> Iterator[Problem]:
    for end, (node_id, socket), side in (("from", link.source, "output"), ("to", link.target, "input")):
        if node_id not in resolved.ids:
            message = f"{where}.{end}: there is no node '{node_id}'"
            yield Problem("graph.dangling_link", None, f"{where}.{end}", message)
            continue
        known = _sockets(resolved, node_id, side)
        if known is not None and socket not in known:
            offer = ", ".join(known) or "none"
            message = f"{where}.{end}: node '{node_id}' has no {side} '{socket}'; it has: {offer[:500]}"
            yield Problem("graph.dangling_link", node_id, f"{where}.{end}", message)


def _sockets(resolved: Resolved, node_id: str, side: str) -> Mapping[str, Socket] | None:
    node = resolved.nodes.get(node_id)
    if node is None:
        return None
    return node.outputs if side == "output" else node.inputs


def _clash(link: Link, resolved: Resolved) -> Iterator[Problem]:
    outputs = _sockets(resolved, link.source[0], "output") or {}
    inputs = _sockets(resolved, link.target[0], "input") or {}
    output, target = outputs.get(link.source[1]), inputs.get(link.target[1])
    if output and target and not fits(output.type, target.type):
        message = f"{_name(link.source)} is {output.type}, but {_name(link.target)} takes {target.type}"
        yield Problem("graph.type_mismatch", link.target[0], link.target[1], message)


def _missing_inputs(doc: Document, resolved: Resolved) -> Iterator[Problem]:
    linked = {link.target for link in doc.links}
    for node_id, node in resolved.nodes.items():
        for socket in (node.inputs or {}).values():
            if socket.required and (node_id, socket.name) not in linked:
                message = f"node '{node_id}': input '{socket.name}' ({socket.type}) needs a link"
                yield Problem("graph.missing_input", node_id, socket.name, message)


def _cycles(doc: Document, resolved: Resolved) -> Iterator[Problem]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((link.source[0], link.target[0]) for link in sound_links(doc, resolved))
    parts = [sorted(part) for part in nx.strongly_connected_components(graph)]
    for loop in sorted(part for part in parts if len(part) > 1 or graph.has_edge(part[0], part[0])):
        names = " → ".join(loop[:10]) + (" → …" if len(loop) > 10 else "")
        yield Problem("graph.cycle", loop[0], None, f"these nodes wait for each other in a circle: {names}")


def _value_problems(doc: Document, resolved: Resolved, facts: Facts) -> Iterator[Problem]:
    """Trigger fields that allow a value which the node they feed does not know."""
    for link in doc.links:
        source, target = resolved.nodes.get(link.source[0]), resolved.nodes.get(link.target[0])
        if source is None or target is None or source.settings is None or source.spec.type != TRIGGER:
            continue
        known = _known_values(target, link.target[1], facts)
        for value in _offered(source.settings, link.source[1]) if known is not None else ():
            if known is not None and value not in known:
                message = (
                    f"field '{link.source[1]}' allows '{value}', which {_name(link.target)} does not know"
                )
                yield Problem("graph.bad_settings", link.source[0], "settings.fields", message)


def _known_values(node: ResolvedNode, socket: str, facts: Facts) -> frozenset[str] | None:
    own = node.type.choices_for(node.settings) if node.settings is not None else {}
    return own.get(socket) or facts.allowed.get((node.spec.type, socket))


def _offered(settings: object, name: str) -> list[str]:
    fields = getattr(settings, "fields", ())
    found = next((spec for spec in fields if spec.name == name), None)
    values = [*(found.enum or ()), found.default] if found else []
    return list(dict.fromkeys(value for value in values if isinstance(value, str)))


def _warnings(doc: Document, resolved: Resolved) -> Iterator[Problem]:
    kinds = {node.type for node in doc.nodes}
    if DELIVERY not in kinds and kinds:
        message = f"no node of type {DELIVERY}: callbacks list the pictures that no other node takes"
        yield Problem("graph.no_delivery", None, "nodes", message, "warning")
    if GENERATOR in kinds and QC not in kinds:
        generator = next(node.id for node in doc.nodes if node.type == GENERATOR)
        message = f"node '{generator}': its pictures pass no quality control; add a node of type {QC}"
        yield Problem("graph.no_qc", generator, None, message, "warning")
    yield from _apart(doc, resolved)


def _apart(doc: Document, resolved: Resolved) -> Iterator[Problem]:
    trigger = next((node.id for node in doc.nodes if node.type == TRIGGER), None)
    if trigger is None:
        return
    graph: nx.Graph[object] = nx.Graph()
    graph.add_nodes_from(resolved.ids)
    graph.add_edges_from((link.source[0], link.target[0]) for link in sound_links(doc, resolved))
    for node_id in sorted(resolved.ids - nx.node_connected_component(graph, trigger)):
        message = f"node '{node_id}' is not connected to the trigger; it runs all the same"
        yield Problem("graph.not_connected", node_id, None, message, "warning")


def _name(end: tuple[str, str]) -> str:
    return f"'{end[0]}.{end[1]}'"
