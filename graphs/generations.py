"""Generations of a run: which rows hold after quality control had steps done again (S45, design §3).

A redo opens the next generation for the step it goes back to and for all that depends on it. Rows of every
generation are kept; of a node the newest row holds, unless a later redo opened the node again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from graphs.node import Json
from graphs.plan import Plan


@dataclass(frozen=True, slots=True)
class Redoing:
    """One redo of a run.

    Args:
        generation: The generation it opened, from 1.
        start: The node it went back to.
        by: The node that asked for it.
        change: What is to be different this time.
        reason: Why, in one sentence.
        nodes: Every node that is done again.
        at: When, in seconds since the epoch.
    """

    generation: int
    start: str
    by: str
    change: Json
    reason: str
    nodes: tuple[str, ...]
    at: float


class Row(Protocol):
    """A step's row, in the engine or as it is read."""

    @property
    def node_id(self) -> str: ...
    @property
    def generation(self) -> int: ...


R = TypeVar("R", bound=Row)


def load(text: str | None) -> tuple[Redoing, ...]:
    """The redos of a run from its column, in the order they happened."""
    if not text:
        return ()
    return tuple(Redoing(start=each.pop("from"), **_listed(each)) for each in json.loads(text))


def dump(redos: Sequence[Redoing]) -> str:
    """The redos of a run as its column holds them."""
    return json.dumps([_json(each) for each in redos], ensure_ascii=False, separators=(",", ":"))


def split(rows: Iterable[R], redos: Sequence[Redoing]) -> tuple[dict[str, R], tuple[R, ...]]:
    """The rows that hold, by node, and all others, oldest first."""
    if not redos:
        return {row.node_id: row for row in rows}, ()
    opened = {node: redo.generation for redo in redos for node in redo.nodes}
    current: dict[str, R] = {}
    earlier: list[R] = []
    for row in sorted(rows, key=_generation):
        if row.generation < opened.get(row.node_id, 0):
            earlier.append(row)
            continue
        if row.node_id in current:
            earlier.append(current[row.node_id])
        current[row.node_id] = row
    return current, tuple(earlier)


def stage_generations(plan: Plan, redos: Sequence[Redoing]) -> dict[int, int]:
    """Stage → the generation it is in; stages that were never opened again are absent (generation 0)."""
    found: dict[int, int] = {}
    for redo in redos:
        found.update(dict.fromkeys(reopened(plan, redo), redo.generation))
    return found


def reopened(plan: Plan, redo: Redoing) -> frozenset[int]:
    """The stages that a redo opens again; the last one always, as nothing ends before it."""
    return frozenset({plan.node(node).stage for node in redo.nodes} | {plan.sink.number})


def change_for(node_id: str, redos: Sequence[Redoing]) -> Json:
    """What is to be different when a node is done again: what each asker wanted last, texts joined."""
    latest = {redo.by: redo.change for redo in redos if redo.start == node_id}
    merged: Json = {}
    for change in latest.values():
        for name, value in change.items():
            before = merged.get(name)
            texts = [each for each in (before, value) if isinstance(each, str) and each]
            merged[name] = ", ".join(texts) if isinstance(before, str) and texts else value
    return merged


def comparable_since(node_id: str, redos: Sequence[Redoing]) -> int:
    """The generation from which a node's own earlier results compare: another's redo changed the task."""
    others = (redo.generation for redo in redos if redo.by != node_id and node_id in redo.nodes)
    return max(others, default=0)


def _generation(row: Row) -> int:
    return row.generation


def _listed(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**fields, "nodes": tuple(fields["nodes"])}


def _json(redo: Redoing) -> Json:
    return {
        "generation": redo.generation,
        "from": redo.start,
        "by": redo.by,
        "change": redo.change,
        "reason": redo.reason,
        "nodes": list(redo.nodes),
        "at": redo.at,
    }
