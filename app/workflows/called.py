"""What a run may cost with the runs that it starts (S65)."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection

from app.store import workflows
from graphs.kinds import MAP, SPAWNING
from graphs.plan import Plan, PlanNode
from graphs.pricing import MOST_UNITS, Estimate, Prices, estimate
from graphs.spawn import MAX_DEPTH


def with_calls(  # noqa: PLR0917
    connection: Connection,
    org_id: str,
    plan: Plan,
    inputs: Mapping[str, Any],
    book: Prices,
    done: Collection[str] = (),
    level: int = 0,
) -> Estimate:
    """As ``estimate``; nodes that start runs cost what those cost, as they are published now.

    A call whose price or number of items nobody knows yet is among the unknown.
    """
    money = estimate(plan, inputs, book, done)
    calls = [node for node in plan.nodes if node.kind in SPAWNING and node.id not in done]
    found, unknown = dict(money.nodes), list(money.unknown)
    for node in calls:
        each = _each(connection, org_id, node, _sent(plan, node, inputs), book, level)
        count = _count(plan, node, inputs)
        found[node.id] = each.total * (count or 0)
        if each.unknown or (each.total and count is None):
            unknown.append(node.id)
    return Estimate(found, tuple(unknown))


def _sent(plan: Plan, node: PlanNode, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the called workflow that are known now."""
    list_of_map = "items" if node.kind == MAP else None
    ours = (each for each in node.inputs if each.socket != list_of_map)
    from_trigger = [each for each in ours if each.source_node == plan.trigger.id]
    return {each.socket: inputs[each.source_socket] for each in from_trigger if each.source_socket in inputs}


def _each(  # noqa: PLR0917
    connection: Connection, org_id: str, node: PlanNode, sent: Mapping[str, Any], book: Prices, level: int
) -> Estimate:
    """One run of the called workflow."""
    row = workflows.get(connection, org_id, str(node.settings.get("workflow")))
    number = node.settings.get("version") or (row.published if row else None)
    version = workflows.version(connection, row.id, int(str(number))) if row and number else None
    if version is None or level >= MAX_DEPTH:
        return Estimate({}, (node.id,))
    plan = Plan.from_json(json.loads(version.plan))
    counts = {each.source_socket for other in plan.nodes for each in other.inputs if each.socket == "count"}
    fields = {**dict.fromkeys(counts, MOST_UNITS), **sent}
    return with_calls(connection, org_id, plan, fields, book, (), level + 1)


def _count(plan: Plan, node: PlanNode, inputs: Mapping[str, Any]) -> int | None:
    """How many runs the node starts; None where only an earlier node can tell."""
    if node.kind != MAP:
        return 1
    link = next((each for each in node.inputs if each.socket == "items"), None)
    if link is None or link.source_node != plan.trigger.id or link.source_socket not in inputs:
        return None
    items = inputs[link.source_socket]
    return len(items) if isinstance(items, list) else 1
