"""Stage fusion: which nodes run in one claim and one commit (design §3).

A node is ready when the slow nodes above it are done. Nodes that wait for the same slow nodes form a group.
A group becomes one stage, its slow node last; with several slow nodes it becomes one stage for each of them,
behind a base stage of the cheap nodes that more than one needs. A cheap node that something else needs
before the slow node is done stays in the base too.

So a stage ends with each slow node, nothing waits longer than its own links demand, and what comes after a
slow node never pays for it again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import networkx as nx

BASE = ""
Key = tuple[int, str]
Links = Mapping[str, Iterable[str]]


@dataclass(frozen=True, slots=True)
class Stage:
    """One claim and one commit.

    Args:
        number: Position in an order in which the stages can run; 0 is the only root.
        nodes: Node ids in the order they run, a slow one last; only a joining last stage may be empty.
        after: Stages that must be done or skipped before; none of them is implied by another one.
        before: Stages that wait for this one.
    """

    number: int
    nodes: tuple[str, ...]
    after: tuple[int, ...]
    before: tuple[int, ...]


def fuse(order: Sequence[str], slow: frozenset[str], sources: Links, root: str) -> tuple[Stage, ...]:
    """Stages of a graph, by number.

    Args:
        order: All node ids, topologically sorted.
        slow: The slow ones among them.
        sources: Node id → ids of the nodes it is linked from.
        root: The trigger; it is in stage 0.
    """
    waits = _waits(order, slow, sources)
    owners = _owners(order, slow, sources, waits, root)
    members: dict[Key, list[str]] = defaultdict(list)
    for node in order:
        members[waits[node], owners[node]].append(node)
    sorted_members = {key: sorted(nodes, key=slow.__contains__) for key, nodes in members.items()}
    return _numbered(sorted_members, sources, (waits[root], owners[root]))


def _waits(order: Sequence[str], slow: frozenset[str], sources: Links) -> dict[str, int]:
    """Node → the slow nodes above it, as a set of bits."""
    bits = _bits(order)
    waits: dict[str, int] = {}
    for node in order:
        above = 0
        for source in sources.get(node, ()):
            above |= waits[source] | (bits[source] if source in slow else 0)
        waits[node] = above
    return waits


def _bits(order: Sequence[str]) -> dict[str, int]:
    return {node: 1 << index for index, node in enumerate(order)}


def _owners(
    order: Sequence[str], slow: frozenset[str], sources: Links, waits: Mapping[str, int], root: str
) -> dict[str, str]:
    """Node → the slow node whose stage it runs in, or BASE."""
    bits, targets = _bits(order), _reversed(sources)
    rivals: dict[int, list[str]] = defaultdict(list)
    for node in order:
        if node in slow:
            rivals[waits[node]].append(node)
    owners: dict[str, str] = {}
    for node in reversed(order):
        wait = waits[node]
        group = rivals.get(wait, [])
        near = {owners[target] for target in targets[node] if waits[target] == wait}
        far = [waits[target] for target in targets[node] if waits[target] != wait]
        owner = node if node in slow else _owner(group, near, alone=node == root)
        if owner not in {BASE, node} and not all(above & bits[owner] for above in far):
            owner = BASE
        owners[node] = owner
    return owners


def _owner(group: list[str], near: set[str], *, alone: bool) -> str:
    if len(group) == 1:
        return group[0] if near <= {group[0]} else BASE
    return near.pop() if len(near) == 1 and not alone else BASE


def _reversed(sources: Links) -> dict[str, list[str]]:
    targets: dict[str, list[str]] = defaultdict(list)
    for target, found in sources.items():
        for source in found:
            targets[source].append(target)
    return targets


def _numbered(members: Mapping[Key, list[str]], sources: Links, root: Key) -> tuple[Stage, ...]:
    graph = _stage_graph(members, sources, root)
    rank = {key: index for index, key in enumerate(members)}
    order = list(nx.lexicographical_topological_sort(graph, key=rank.__getitem__))
    number = {key: index for index, key in enumerate(order)}
    after = [sorted(number[key] for key in graph.predecessors(target)) for target in order]
    needed = list(_reduced(after))
    ends = sorted(set(range(len(order))) - {source for found in needed for source in found})
    nodes = [tuple(members[key]) for key in order]
    if len(ends) > 1:
        nodes.append(())
        needed.append(ends)
    return _stages(nodes, needed)


def _stage_graph(members: Mapping[Key, list[str]], sources: Links, root: Key) -> "nx.DiGraph[Key]":
    home = {node: key for key, nodes in members.items() for node in nodes}
    graph: nx.DiGraph[Key] = nx.DiGraph()
    graph.add_nodes_from(members)
    for target, found in sources.items():
        graph.add_edges_from((home[source], home[target]) for source in found if home[source] != home[target])
    loose = [key for key in members if key != root and not graph.in_degree(key)]
    graph.add_edges_from((root, key) for key in loose)
    return graph


def _reduced(after: list[list[int]]) -> Iterator[list[int]]:
    """Predecessors without those that another predecessor implies; fewer to wait for at a join."""
    above: list[int] = []
    for found in after:
        kept: list[int] = []
        seen = 0
        for source in reversed(found):
            if not seen >> source & 1:
                kept.append(source)
                seen |= above[source] | 1 << source
        above.append(seen)
        yield kept[::-1]


def _stages(nodes: list[tuple[str, ...]], after: list[list[int]]) -> tuple[Stage, ...]:
    stages = [Stage(number, each, tuple(after[number]), ()) for number, each in enumerate(nodes)]
    before: dict[int, list[int]] = defaultdict(list)
    for stage in stages:
        for source in stage.after:
            before[source].append(stage.number)
    return tuple(replace(stage, before=tuple(before[stage.number])) for stage in stages)
