"""What a plan is made of, and its JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphs.node import Json, Weight
from graphs.stages import Stage


@dataclass(frozen=True, slots=True)
class Binding:
    """Where an input comes from.

    Args:
        socket: The input.
        source_node: Id of the node that feeds it.
        source_socket: That node's output.
        required: Whether the node is skipped when the output does not fire.
        convert: How the value changes on the way (``graphs.compatibility``); empty for not at all.
    """

    socket: str
    source_node: str
    source_socket: str
    required: bool = False
    convert: str = ""


@dataclass(frozen=True, slots=True)
class PlanNode:
    """One step to be: settings are validated, complete and of the current version.

    ``cache`` is how old an earlier result may be to be used instead of doing the work, in seconds.
    """

    id: str
    kind: str
    title: str
    settings: Json
    inputs: tuple[Binding, ...]
    stage: int
    weight: Weight
    cache: int | None = None


@dataclass(frozen=True, slots=True)
class Limiter:
    """At most ``limit`` starts in any ``window_seconds``."""

    node_id: str
    limit: int
    window_seconds: float


@dataclass(frozen=True, slots=True)
class Breaker:
    """Opens at ``factor`` times the limiter's rate."""

    node_id: str
    factor: float


@dataclass(frozen=True, slots=True)
class Budget:
    """Credits per caller and day; the amounts are the numbers of the settings (S65)."""

    node_id: str
    daily_credits: float
    alert_at: tuple[float, ...]
    when_exhausted: str
    credits_per_run: float | None


@dataclass(frozen=True, slots=True)
class Gates:
    """What may hold a run before it starts (design §5)."""

    limiter: Limiter | None = None
    breaker: Breaker | None = None
    budget: Budget | None = None


def plan_json(nodes: Iterable[PlanNode], stages: Iterable[Stage], gates: Gates) -> dict[str, Any]:
    """The content of a plan as JSON."""
    return {
        "nodes": [_node_json(node) for node in nodes],
        "stages": [{name: _plain(value) for name, value in _items(stage)} for stage in stages],
        "gates": {
            name: gate and {key: _plain(value) for key, value in _items(gate)} for name, gate in _items(gates)
        },
    }


def plan_parts(data: Mapping[str, Any]) -> tuple[tuple[PlanNode, ...], tuple[Stage, ...], Gates]:
    """The content of a plan from its JSON."""
    limiter, breaker, budget = (data["gates"].get(name) for name in ("limiter", "breaker", "budget"))
    gates = Gates(
        limiter and Limiter(**limiter),
        breaker and Breaker(**breaker),
        budget and Budget(**{**budget, "alert_at": tuple(budget["alert_at"])}),
    )
    return tuple(_node(each) for each in data["nodes"]), tuple(_stage(each) for each in data["stages"]), gates


def _node_json(node: PlanNode) -> dict[str, Any]:
    found = {**dict(_items(node)), "inputs": [dict(_items(binding)) for binding in node.inputs]}
    # left out where there is none: the plans of before keep their hashes
    return found if node.cache else {name: value for name, value in found.items() if name != "cache"}


def _node(data: Mapping[str, Any]) -> PlanNode:
    return PlanNode(**{**data, "inputs": tuple(Binding(**each) for each in data["inputs"])})


def _stage(data: Mapping[str, Any]) -> Stage:
    lists = {name: tuple(data[name]) for name in ("nodes", "after", "before")}
    return Stage(**{**data, **lists})


def _items(record: Any) -> Iterable[tuple[str, Any]]:
    # dataclasses.asdict copies deeply: half the time of compiling a large graph
    return ((name, getattr(record, name)) for name in record.__slots__)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
