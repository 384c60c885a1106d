"""One problem with all that is needed to mend it, and what a repair is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx

from graphs.catalogue import Catalogue
from graphs.document import Document, Link, NodeSpec
from graphs.parts import Json
from graphs.problem import Problem
from graphs.resolved import Resolved, sound_links

# kind → what it does, in words; the parts are in ``values``
WORDS: dict[str, str] = {
    "remove_link": "Remove the link",
    "relink": "Link it to {socket}",
    "convert": "Put {node} in between",
    "connect": "Link {source} to it",
    "break_cycle": "Remove the link back",
    "remove_node": "Remove this node",
    "add_trigger": "Add a trigger",
    "add_delivery": "Add a callback",
    "add_qc": "Add quality control",
    "retype": "Use {node} instead",
    "reset": "Use what fits: {setting}",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """`change` is one as ``graphs.delta`` makes it; `kind` and `values` say what it does."""

    kind: str
    change: Json
    values: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return WORDS[self.kind].format(**self.values)


class Around:
    """What all problems of a document look at, found once."""

    def __init__(self, doc: Document, resolved: Resolved) -> None:
        self._doc = doc
        self._resolved = resolved

    @cached_property
    def specs(self) -> dict[str, NodeSpec]:
        """By id, the first of each."""
        return {each.id: each for each in reversed(self._doc.nodes)}

    @cached_property
    def graph(self) -> "nx.DiGraph[str]":
        """The links between nodes that exist; not to be changed."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self._resolved.ids)
        links = sound_links(self._doc, self._resolved)
        graph.add_edges_from((each.source[0], each.target[0]) for each in links)
        return graph

    @cached_property
    def taken(self) -> frozenset[tuple[str, str]]:
        """Outputs that something is linked to."""
        return frozenset(each.source for each in self._doc.links)

    def after(self, node_id: str) -> set[str]:
        """A node and all that come after it."""
        found, ahead = {node_id}, [node_id]
        while ahead:
            fresh = [each for each in self.graph.successors(ahead.pop()) if each not in found]
            found.update(fresh)
            ahead.extend(fresh)
        return found


@dataclass(frozen=True, slots=True)
class Case:
    doc: Document
    catalogue: Catalogue
    resolved: Resolved
    problem: Problem
    around: Around

    @property
    def node(self) -> NodeSpec | None:
        return self.around.specs.get(self.problem.node_id or "")

    def title(self, kind: str) -> str:
        return self.catalogue.get(kind).title

    def fresh(self, kind: str) -> str:
        taken = {each.id for each in self.doc.nodes}
        return next(name for name in (kind, *(f"{kind}_{i}" for i in range(2, 9_999))) if name not in taken)


def types_of(case: Case, link: Link) -> tuple[str, str] | None:
    source, target = (case.resolved.nodes.get(each[0]) for each in (link.source, link.target))
    output = (source.outputs or {}).get(link.source[1]) if source else None
    wanted = (target.inputs or {}).get(link.target[1]) if target else None
    return (output.type, wanted.type) if output and wanted else None


def spec_of(case: Case, node_id: str) -> NodeSpec:
    return case.around.specs[node_id]


def new_node(name: str, kind: str, position: Iterable[float]) -> Json:
    return {"id": name, "type": kind, "settings": {}, "position": [round(each, -1) for each in position]}


def link_json(link: Link) -> Json:
    return {"from": list(link.source), "to": list(link.target)}
