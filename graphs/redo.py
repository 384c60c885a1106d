"""Where a redo goes back to, and what is wrong with a redo that cannot (S45).

A node whose settings say ``on_fail: redo`` may answer with a Redo. It goes back to the node that its
``redo_from`` names, or else to the nearest one upstream that knows how to do its work differently.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from graphs.document import Document
from graphs.problem import Problem
from graphs.resolved import Resolved, ResolvedNode, sound_links

Sources = Mapping[str, Iterable[str]]
FIELD = "settings.redo_from"


def asks_for_redo(settings: Any) -> bool:
    """Whether a node with these settings, as a model or as JSON, may ask for a redo."""
    found = settings.get("on_fail") if isinstance(settings, Mapping) else getattr(settings, "on_fail", None)
    return bool(found == "redo")


def nearest(node_id: str, sources: Sources, starts: frozenset[str]) -> str | None:
    """The start with the fewest links to a node; of several, the first by id."""
    ring, seen = {node_id}, {node_id}
    while ring:
        ring = {source for node in ring for source in sources.get(node, ())} - seen
        seen |= ring
        if found := ring & starts:
            return min(found)
    return None


def starts_of(resolved: Resolved) -> frozenset[str]:
    """The nodes that a redo may go back to."""
    return frozenset(node_id for node_id, node in resolved.nodes.items() if node.type.regenerates)


def redo_problems(doc: Document, resolved: Resolved) -> Iterator[Problem]:
    """Redos that lead nowhere, each at its node."""
    asking = [node for node in resolved.nodes.values() if asks_for_redo(node.settings)]
    if not asking:
        return
    sources: dict[str, list[str]] = {}
    for link in sound_links(doc, resolved):
        sources.setdefault(link.target[0], []).append(link.source[0])
    starts = starts_of(resolved)
    for node in asking:
        wrong = _fault(node, resolved, sources, starts)
        if wrong:
            yield Problem("graph.bad_settings", node.spec.id, FIELD, f"node '{node.spec.id}': {wrong}")


def pinned_redos(doc: Document, resolved: Resolved, pinned: Collection[str]) -> Iterator[Problem]:
    """Pinned results that a redo would have to make anew and cannot, each at its node."""
    asking = [node for node in resolved.nodes.values() if pinned and asks_for_redo(node.settings)]
    sources: dict[str, list[str]] = {}
    for link in sound_links(doc, resolved) if asking else ():
        sources.setdefault(link.target[0], []).append(link.source[0])
    told: set[str] = set()
    for node in asking:
        own, title = node.spec.id, node.spec.title or node.type.title
        start = getattr(node.settings, "redo_from", "") or nearest(own, sources, starts_of(resolved))
        above = _above(own, sources)
        for name in sorted(above & set(pinned) - told):
            if start in above and (name == start or start in _above(name, sources)):
                told.add(name)
                words = f"its result is pinned, so a redo of '{title}' cannot make it anew; unpin it"
                yield Problem("graph.pinned_redo", name, None, f"node '{name}': {words}", "warning")


def _fault(node: ResolvedNode, resolved: Resolved, sources: Sources, starts: frozenset[str]) -> str | None:
    named, own = getattr(node.settings, "redo_from", ""), node.spec.id
    reachable = starts & _above(own, sources)
    offer = ", ".join(f"'{each}'" for each in sorted(reachable)[:10])
    right = (
        f"it may name {offer}" if offer else "link a generator before this node, or choose another on_fail"
    )
    if not named:
        return None if reachable else f"redo has no generator to go back to; {right}"
    if named not in resolved.ids:
        return f"redo_from: there is no node '{named}'; {right}"
    if named not in starts:
        return f"redo_from: '{named}' is no generator; {right}"
    return None if named in reachable else f"redo_from: generator '{named}' does not lead here; {right}"


def _above(node_id: str, sources: Sources) -> set[str]:
    seen: set[str] = set()
    ring = {node_id}
    while ring:
        ring = {source for node in ring for source in sources.get(node, ())} - seen
        seen |= ring
    return seen
