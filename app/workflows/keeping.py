"""Which results of an earlier run a repeated one builds on, and which would be stale."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.store.runs import RunRow, StepRow
from graphs.kinds import CIRCUIT_BREAKER, COST_MONITOR, RATE_LIMITER, TRIGGER
from graphs.partial import changed, fingerprints, touched
from graphs.plan import Plan

Json = dict[str, Any]
# done again without asking: they cost nothing and hand on what came in
_PASSING = frozenset({TRIGGER, RATE_LIMITER, CIRCUIT_BREAKER, COST_MONITOR})


class NotRerunnableError(Exception):
    """A run cannot be repeated as asked; the text says why."""

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Again:
    """How a run is to be repeated.

    Attributes:
        from_node: Keep what the nodes made that do not depend on this one.
        version: Run another version; default the same.
        inputs: Business fields that replace those of the trigger.
        from_failed: Keep everything that succeeded; only of a failed run.
        targets: Run only what these nodes need.
        deadline_seconds: How long it may take; default what the workflow says.
        fresh: Make everything anew, also what a node may take from other runs.
    """

    from_node: str | None = None
    version: int | None = None
    inputs: Json | None = None
    from_failed: bool = False
    targets: tuple[str, ...] = ()
    deadline_seconds: float | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """A run that is repeated: its row, the plan it had, what its nodes were given and what they made."""

    run: RunRow
    plan: Plan | None
    inputs: Mapping[str, Any]
    steps: Sequence[StepRow]


def kept(earlier: Earlier, plan: Plan, inputs: Mapping[str, Any], how: Again) -> dict[str, Json] | None:
    """Outputs by node that the new run takes over; None when it begins at the beginning.

    Stale results that the start does not build on are made anew.

    Raises:
        NotRerunnableError: There is no such node, nothing failed, or results to be kept would be stale.
    """
    if how.from_node is None and not how.from_failed:
        return None
    again = _again(earlier, plan, how)
    known = {node.id: node for node in plan.nodes}
    latest = {step.node_id: step for step in earlier.steps}
    found = {
        name: json.loads(step.outputs)
        for name, step in latest.items()
        if name in known and name not in again and step.status == "succeeded" and step.outputs
    }
    stale = found.keys() & _stale(earlier, plan, inputs)
    # what stands aside of the node is done again; what the node builds on must hold
    needed = plan.upstream(how.from_node) if how.from_node is not None else known
    wrong = [
        node.title
        for node in plan.nodes
        if node.id in stale and node.id in needed and node.kind not in _PASSING
    ]
    if wrong:
        field = "from_failed" if how.from_failed else "from_node"
        raise NotRerunnableError(field, _words(wrong))
    return {name: outputs for name, outputs in found.items() if name not in stale}


def _again(earlier: Earlier, plan: Plan, how: Again) -> frozenset[str]:
    if how.from_failed:
        if how.from_node is not None:
            raise NotRerunnableError("from_failed", "from_failed and from_node exclude each other")
        if earlier.run.status != "failed":
            raise NotRerunnableError("from_failed", f"the run has not failed: it is {earlier.run.status}")
        return frozenset()
    node_id = how.from_node or ""
    if node_id not in {node.id for node in plan.nodes}:
        raise NotRerunnableError("from_node", f"there is no node '{node_id}' in what is to run")
    return plan.downstream(node_id)


def _stale(earlier: Earlier, plan: Plan, inputs: Mapping[str, Any]) -> frozenset[str]:
    """Nodes that would not make the same again."""
    stale = touched(plan, changed(earlier.inputs, inputs))
    if earlier.plan is None:
        return stale | {node.id for node in plan.nodes}
    before, now = fingerprints(earlier.plan), fingerprints(plan)
    return stale | {name for name in now if before.get(name) != now[name]}


def _words(titles: Sequence[str]) -> str:
    names = ", ".join(f"'{title}'" for title in titles[:10])
    rest = f" and {len(titles) - 10} more" if len(titles) > 10 else ""
    return f"earlier results of {names}{rest} would be stale; start at the first of them, or before it"
