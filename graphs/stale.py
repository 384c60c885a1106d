"""Which results of an earlier run a draft would not make again, and why. Pure.

A node is stale when it changed itself since that run, or when something that it builds on did. Titles, places
and remarks do not count. Gates hand on what came in, so their settings make nothing stale.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from graphs.catalogue import Catalogue
from graphs.document import Document, NodeSpec
from graphs.errors import UnknownKindError
from graphs.kinds import CIRCUIT_BREAKER, COST_MONITOR, RATE_LIMITER, TRIGGER

Code = Literal[
    "never", "failed", "type", "version", "settings", "links", "inputs", "pin", "outside", "upstream"
]
PASSING = frozenset({TRIGGER, RATE_LIMITER, CIRCUIT_BREAKER, COST_MONITOR})
# why a step of a run has a result that the run did not make
KEPT, PINNED, EDITED = "kept from the earlier run", "pinned on the canvas", "edited on the canvas"
# kept by a run that goes on from where that one failed; so do the runs it starts
RESUMED = "kept from the run that failed"
SPARE = "not needed: what follows has a pinned result"
_LIVE = frozenset({"succeeded", "skipped"})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a node's last result does not hold.

    Attributes:
        code: What kind of change.
        names: What changed: settings, inputs that are linked otherwise, fields of the payload, or a text
            from outside; for ``upstream`` the id of the nearest node that changed.
    """

    code: Code
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """The earlier run.

    Attributes:
        document: The graph as it was.
        states: Status of each step by node.
        fields: Fields of the payload that would differ now.
        swapped: Nodes whose result was or is pinned, and is another now.
        outside: What else changed, by node: a text for people.
    """

    document: Document
    states: Mapping[str, str]
    fields: Collection[str] = ()
    swapped: Collection[str] = ()
    outside: Mapping[str, str] | None = None


def stale(
    before: Before, now: Document, catalogue: Catalogue, pinned: Collection[str] = ()
) -> dict[str, Reason]:
    """The nodes of `now` whose results do not hold, with the nearest reason; pinned ones always hold."""
    earlier = _Graph(before.document, catalogue)
    graph = _Graph(now, catalogue)
    trigger = next((node.id for node in now.nodes if node.type == TRIGGER), None)
    found = {
        node_id: reason
        for node_id in graph.nodes
        if node_id not in pinned and (reason := _own(node_id, earlier, graph, before, trigger)) is not None
    }
    _spread(found, graph, pinned, (each for each in before.swapped if each in pinned))
    return found


def spare(links: Mapping[str, Iterable[str]], ends: Iterable[str], given: Collection[str]) -> frozenset[str]:
    """Nodes that nobody needs, as all that builds on them has a result already.

    Args:
        links: Every node → the nodes that feed it.
        ends: What the run is for.
        given: Nodes whose results are at hand.
    """
    needed, open_nodes = set(ends), deque(ends)
    while open_nodes:
        node_id = open_nodes.popleft()
        if node_id in given:
            continue
        fresh = set(links.get(node_id, ())) - needed
        needed |= fresh
        open_nodes.extend(fresh)
    return frozenset(set(links) - needed - set(given))


class _Graph:
    def __init__(self, document: Document, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.nodes = {node.id: node for node in document.nodes}
        self.into: dict[str, dict[str, set[tuple[str, str]]]] = {}
        self.out: dict[str, set[str]] = {}
        for link in document.links:
            (source, output), (target, socket) = link.source, link.target
            self.into.setdefault(target, {}).setdefault(socket, set()).add((source, output))
            self.out.setdefault(source, set()).add(target)

    def settings(self, node: NodeSpec) -> Mapping[str, Any]:
        """With every default written out, so that saying a default is no change."""
        try:
            return self._catalogue.settings(node.type, node.settings, node.version).model_dump(mode="json")
        except (UnknownKindError, ValueError):
            return node.settings


def _own(node_id: str, earlier: _Graph, now: _Graph, before: Before, trigger: str | None) -> Reason | None:
    node, old = now.nodes[node_id], earlier.nodes.get(node_id)
    state = before.states.get(node_id)
    if old is not None and old.type == node.type and node.type in PASSING:
        return None
    if old is None or state is None:
        return Reason("never")
    return (
        _retyped(old, node)
        or _set_otherwise(old, node, earlier, now)
        or _linked_otherwise(node_id, earlier, now)
        or _fed(node_id, now, before, trigger)
        or _outside(node_id, before, state)
    )


def _retyped(old: NodeSpec, node: NodeSpec) -> Reason | None:
    if old.type != node.type:
        return Reason("type", (old.type,))
    return None if old.version == node.version else Reason("version", (str(old.version), str(node.version)))


def _set_otherwise(old: NodeSpec, node: NodeSpec, earlier: _Graph, now: _Graph) -> Reason | None:
    if old.settings == node.settings:
        return None
    names = _differing(earlier.settings(old), now.settings(node))
    return Reason("settings", names) if names else None


def _linked_otherwise(node_id: str, earlier: _Graph, now: _Graph) -> Reason | None:
    names = _differing(earlier.into.get(node_id, {}), now.into.get(node_id, {}))
    return Reason("links", names) if names else None


def _fed(node_id: str, now: _Graph, before: Before, trigger: str | None) -> Reason | None:
    if not before.fields or trigger is None:
        return None
    ends = now.into.get(node_id, {}).values()
    fed = {output for pairs in ends for source, output in pairs if source == trigger}
    names = set(before.fields) if "trigger" in fed else fed & set(before.fields)
    return Reason("inputs", tuple(sorted(names))) if names else None


def _outside(node_id: str, before: Before, state: str) -> Reason | None:
    if node_id in before.swapped:
        return Reason("pin")
    told = (before.outside or {}).get(node_id)
    if told is not None:
        return Reason("outside", (told,))
    return None if state in _LIVE else Reason("failed")


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    missing = object()
    return tuple(sorted(name for name in {*old, *new} if old.get(name, missing) != new.get(name, missing)))


def _spread(found: dict[str, Reason], graph: _Graph, pinned: Collection[str], swapped: Iterable[str]) -> None:
    """Everything that builds on a stale node, or on a result that was swapped, is stale too."""
    open_nodes = deque((node_id, node_id) for node_id in [*found, *swapped])
    while open_nodes:
        node_id, origin = open_nodes.popleft()
        for target in sorted(graph.out.get(node_id, ())):
            if target in graph.nodes and target not in found and target not in pinned:
                found[target] = Reason("upstream", (origin,))
                open_nodes.append((target, origin))
