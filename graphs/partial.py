"""Parts of plans: what leads to some nodes, and which earlier results still hold."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from graphs.plan import Plan
from graphs.stages import fuse


def leading_to(plan: Plan, targets: Iterable[str]) -> Plan:
    """The plan of those nodes that the targets need, targets and trigger included; KeyError for unknown ones.

    Stages are fused anew, gates stay as they are: a partial run counts like any other.
    """
    wanted = {plan.trigger.id}.union(*(plan.upstream(plan.node(each).id) for each in targets))
    nodes = [node for node in plan.nodes if node.id in wanted]
    sources = {node.id: list(dict.fromkeys(each.source_node for each in node.inputs)) for node in nodes}
    slow = frozenset(node.id for node in nodes if node.weight == "slow")
    stages = fuse([node.id for node in nodes], slow, sources, plan.trigger.id)
    home = {node: stage.number for stage in stages for node in stage.nodes}
    return Plan(tuple(replace(node, stage=home[node.id]) for node in nodes), stages, plan.gates, plan.hash)


def fingerprints(plan: Plan) -> dict[str, str]:
    """Per node a SHA-256 (hex) of its type, its settings and its links, and of all that stands before it.

    Equal fingerprints in two versions: the same inputs give the same results.
    """
    found: dict[str, str] = {}
    for node in plan.nodes:
        links = sorted([each.socket, each.source_socket, found[each.source_node]] for each in node.inputs)
        content = json.dumps([node.kind, node.settings, links], sort_keys=True, separators=(",", ":"))
        found[node.id] = hashlib.sha256(content.encode()).hexdigest()
    return found


def touched(plan: Plan, fields: Collection[str]) -> frozenset[str]:
    """The nodes whose results may change with these fields of the trigger, the trigger itself included."""
    if not fields:
        return frozenset()
    root = plan.trigger.id
    first = {
        node.id
        for node in plan.nodes
        for each in node.inputs
        if each.source_node == root and (each.source_socket in fields or each.source_socket == "trigger")
    }
    return frozenset({root}).union(*(plan.downstream(each) for each in first))


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> frozenset[str]:
    """The names whose values differ."""
    missing = object()
    return frozenset(
        name for name in {*before, *after} if before.get(name, missing) != after.get(name, missing)
    )
