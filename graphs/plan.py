"""The plan of a graph: what runs, in which order, in which stages, fed by what (design §3)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import networkx as nx

from graphs.catalogue import Catalogue
from graphs.check import Facts, problems_of
from graphs.compatibility import conversion
from graphs.document import Document
from graphs.kinds import CIRCUIT_BREAKER, COST_MONITOR, RATE_LIMITER, SPAWNING, TRIGGER
from graphs.plan_parts import Binding, Breaker, Budget, Gates, Limiter, PlanNode, plan_json, plan_parts
from graphs.problem import InvalidGraphError, errors_in
from graphs.redo import asks_for_redo, nearest, starts_of
from graphs.resolved import Resolved, ResolvedNode, resolve
from graphs.stages import Stage, fuse

__all__ = [
    "Binding",
    "Breaker",
    "Budget",
    "Gates",
    "InvalidGraphError",
    "Limiter",
    "Plan",
    "PlanNode",
    "Stage",
    "compile_plan",
]


@dataclass(frozen=True)
class Plan:
    """Everything a worker needs to run one version; look-ups cost one dictionary access.

    Args:
        nodes: In lexicographical topological order: the same graph always gives the same order.
        stages: By number; 0 is the only root and holds the trigger, exactly one is the sink.
        gates: What may hold a run back.
        hash: SHA-256 (hex) of the content.
    """

    nodes: tuple[PlanNode, ...]
    stages: tuple[Stage, ...]
    gates: Gates
    hash: str
    _by_id: dict[str, PlanNode] = field(init=False, repr=False, compare=False)
    _positions: dict[str, int] = field(init=False, repr=False, compare=False)
    _targets: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _stage_nodes: tuple[tuple[PlanNode, ...], ...] = field(init=False, repr=False, compare=False)
    _sink: Stage = field(init=False, repr=False, compare=False)
    _spawns: bool = field(init=False, repr=False, compare=False)
    _redo_starts: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id = {node.id: node for node in self.nodes}
        targets: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for node in self.nodes:
            for source in dict.fromkeys(binding.source_node for binding in node.inputs):
                targets[source].append(node.id)
        derived = {
            "_by_id": by_id,
            "_positions": {node.id: position for position, node in enumerate(self.nodes)},
            "_targets": {source: tuple(found) for source, found in targets.items()},
            "_stage_nodes": tuple(tuple(by_id[each] for each in stage.nodes) for stage in self.stages),
            "_spawns": any(node.kind in SPAWNING for node in self.nodes),
            "_sink": next(stage for stage in self.stages if not stage.before),
            "_redo_starts": {
                node.id: str(node.settings["redo_from"])
                for node in self.nodes
                if asks_for_redo(node.settings)
            },
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    @property
    def sink(self) -> Stage:
        """The stage after which a run has ended."""
        return self._sink

    @property
    def spawns(self) -> bool:
        """Whether a run of it may start other runs."""
        return self._spawns

    @property
    def trigger(self) -> PlanNode:
        """The Webhook Input."""
        return self.of_kind(TRIGGER)[0]

    def node(self, node_id: str) -> PlanNode:
        """A node by id; KeyError for an unknown one."""
        return self._by_id[node_id]

    def position(self, node_id: str) -> int:
        """Where a node stands in the order, from 0."""
        return self._positions[node_id]

    @property
    def redoable(self) -> bool:
        """Whether any node may ask for a redo."""
        return bool(self._redo_starts)

    def redo_start(self, node_id: str) -> str | None:
        """The node that a redo asked for by a node goes back to; None when that one may not ask."""
        return self._redo_starts.get(node_id)

    def stage(self, number: int) -> Stage:
        """A stage by number, of any generation: numbers go on counting through the stages (S45)."""
        return self.stages[number % len(self.stages)]

    def stage_nodes(self, number: int) -> tuple[PlanNode, ...]:
        """The nodes of a stage, by number as in ``stage``, in the order they run."""
        return self._stage_nodes[number % len(self.stages)]

    def generation(self, number: int) -> int:
        """The generation that a stage's number belongs to."""
        return number // len(self.stages)

    def of_kind(self, kind: str) -> tuple[PlanNode, ...]:
        """The nodes of a kind, in plan order."""
        return tuple(node for node in self.nodes if node.kind == kind)

    def downstream(self, node_id: str) -> frozenset[str]:
        """The node and all that depends on it: what a rerun from it does again."""
        return _closure(node_id, self._targets)

    def upstream(self, node_id: str) -> frozenset[str]:
        """The node and all it depends on."""
        return _closure(node_id, {node.id: [each.source_node for each in node.inputs] for node in self.nodes})

    def between(self, first: str, last: str) -> tuple[str, ...]:
        """The nodes on the ways from one node to another, both included: what a redo does again (S45)."""
        inside = self.downstream(first) & self.upstream(last)
        return tuple(node.id for node in self.nodes if node.id in inside)

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON; ``from_json`` gives an equal plan back."""
        return {**plan_json(self.nodes, self.stages, self.gates), "hash": self.hash}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Plan":
        """A plan from its JSON; costly enough to keep the result."""
        nodes, stages, gates = plan_parts(data)
        return cls(nodes, stages, gates, data["hash"])


def compile_plan(doc: Document, catalogue: Catalogue) -> Plan:
    """The plan of a document.

    Raises:
        InvalidGraphError: With every error; warnings do not hinder.
    """
    resolved = resolve(doc, catalogue)
    errors = errors_in(problems_of(doc, resolved, Facts()))
    if errors:
        raise InvalidGraphError(errors)
    inputs = _bindings(doc, resolved)
    sources = {
        node: list(dict.fromkeys(each.source_node for each in found)) for node, found in inputs.items()
    }
    order = _order(sources)
    slow = frozenset(node for node in order if resolved.nodes[node].type.weight == "slow")
    root = next(node.id for node in doc.nodes if node.type == TRIGGER)
    stages = fuse(order, slow, sources, root)
    home = {node: stage.number for stage in stages for node in stage.nodes}
    starts = starts_of(resolved)
    nodes = tuple(_plan_node(resolved.nodes[each], inputs[each], home[each]) for each in order)
    nodes = tuple(_with_redo_start(node, sources, starts) for node in nodes)
    gates = _gates(nodes)
    return Plan(nodes, stages, gates, _hash(plan_json(nodes, stages, gates)))


def _bindings(doc: Document, resolved: Resolved) -> dict[str, tuple[Binding, ...]]:
    found: dict[str, list[Binding]] = {node: [] for node in sorted(resolved.nodes)}
    for link in sorted(doc.links, key=lambda each: each.target):
        (source, output), (target, socket) = link.source, link.target
        offered, wanted = (
            (resolved.nodes[source].outputs or {})[output],
            (resolved.nodes[target].inputs or {})[socket],
        )
        how = conversion(offered.type, wanted.type) or ""
        found[target].append(Binding(socket, source, output, wanted.required, how))
    return {node: tuple(bindings) for node, bindings in found.items()}


def _order(sources: Mapping[str, Iterable[str]]) -> list[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sources)
    graph.add_edges_from((source, target) for target, found in sources.items() for source in found)
    return list(nx.lexicographical_topological_sort(graph, key=str))


def _plan_node(node: ResolvedNode, inputs: tuple[Binding, ...], stage: int) -> PlanNode:
    spec, node_type = node.spec, node.type
    settings = node.settings.model_dump(mode="json", by_alias=True) if node.settings is not None else {}
    seconds = spec.cache.seconds if spec.cache else None
    return PlanNode(
        spec.id, spec.type, spec.title or node_type.title, settings, inputs, stage, node_type.weight, seconds
    )


def _with_redo_start(
    node: PlanNode, sources: Mapping[str, Iterable[str]], starts: frozenset[str]
) -> PlanNode:
    if not asks_for_redo(node.settings) or node.settings.get("redo_from"):
        return node
    return replace(node, settings={**node.settings, "redo_from": nearest(node.id, sources, starts)})


def _gates(nodes: tuple[PlanNode, ...]) -> Gates:
    found: dict[str, Any] = {
        node.kind: node for node in nodes if node.kind in {RATE_LIMITER, CIRCUIT_BREAKER, COST_MONITOR}
    }
    limiter, breaker, monitor = (found.get(kind) for kind in (RATE_LIMITER, CIRCUIT_BREAKER, COST_MONITOR))
    return Gates(
        limiter and Limiter(limiter.id, limiter.settings["limit"], limiter.settings["window_seconds"]),
        breaker and Breaker(breaker.id, breaker.settings["factor"]),
        monitor and _budget(monitor),
    )


def _budget(node: PlanNode) -> Budget:
    settings: dict[str, Any] = node.settings
    return Budget(
        node.id,
        settings["daily_credits"],
        tuple(settings["alert_at"]),
        settings["when_exhausted"],
        settings["credits_per_run"],
    )


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _closure(start: str, edges: Mapping[str, Iterable[str]]) -> frozenset[str]:
    seen, open_nodes = {start}, [start]
    while open_nodes:
        fresh = set(edges[open_nodes.pop()]) - seen
        seen |= fresh
        open_nodes.extend(fresh)
    return frozenset(seen)
