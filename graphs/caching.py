"""Where a graph reuses earlier results, and what is wrong with that."""

from collections.abc import Iterator

from graphs.problem import Problem
from graphs.resolved import Resolved, ResolvedNode

FIELD = "cache"


def cache_problems(resolved: Resolved) -> Iterator[Problem]:
    """Nodes that ask for earlier results which are never kept, each with its field."""
    for node_id, node in resolved.nodes.items():
        fault = _fault(node) if node.spec.cache else None
        if fault:
            message = f"node '{node_id}': earlier results cannot be reused: {fault}; remove 'cache'"
            yield Problem("graph.bad_settings", node_id, FIELD, message)


def _fault(node: ResolvedNode) -> str | None:
    if not node.type.cacheable:
        return f"a {node.type.title} does its work each time"
    return node.type.uncacheable(node.settings) if node.settings is not None else None
