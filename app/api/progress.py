"""How far an open run is (contract §4): the node at work, its place, and a guess when it ends. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.store.runs import RunRow, StepRow
from graphs.plan import Plan

_ENDED = frozenset({"succeeded", "failed", "skipped", "cancelled"})


def progress(
    run: RunRow,
    plan: Plan | None,
    steps: Sequence[StepRow],
    live: Mapping[str, Mapping[str, Any]],
    usual: Mapping[str, float],
) -> dict[str, Any] | None:
    """The node being worked on, its index (1-based) among all, and the seconds left by past runs.

    Args:
        run: None comes back once it has ended.
        plan: Order and titles of the nodes.
        steps: The rows there are so far.
        live: What workers say about nodes under way.
        usual: Mean seconds per node of earlier runs; empty gives no guess.
    """
    if plan is None or not run.is_open or not plan.nodes:
        return None
    done = {step.node_id for step in steps if step.status in _ENDED}
    done |= {node_id for node_id, known in live.items() if known.get("state") in _ENDED}
    open_nodes = [node for node in plan.nodes if node.id not in done]
    current = next((node for node in open_nodes if node.id in live), open_nodes[0] if open_nodes else None)
    if current is None:
        current = plan.nodes[-1]
    known = live.get(current.id, {})
    left = sum(usual.get(node.id, 0.0) for node in open_nodes)
    return {
        "node": current.id,
        "label": current.title or current.kind,
        "index": [node.id for node in plan.nodes].index(current.id) + 1,
        "total": len(plan.nodes),
        "fraction": known.get("progress"),
        "note": known.get("note") or None,
        "eta_seconds": round(left, 1) if usual else None,
    }
