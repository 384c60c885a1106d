"""What a run may cost before it starts: pure, exact, in whole micro-credits (S65).

One credit is 1,000,000 micro-credits. Prices are per picture; a node that names a provider and a model is
paid work, everything else is free.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from pydantic import JsonValue

from graphs.plan import Plan, PlanNode

MICRO = 1_000_000
# where the number of pictures is not known beforehand: as many as a generator makes at most
MOST_UNITS = 4
Prices = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run may cost at most, if no step is done again.

    Args:
        nodes: Micro-credits by paid node, in plan order.
        unknown: Paid nodes that no price is known of; they stand in ``nodes`` with 0.
    """

    nodes: dict[str, int]
    unknown: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Micro-credits of the whole run."""
        return sum(self.nodes.values())


def micro(credit: Decimal | float | str) -> int:
    """Credits as whole micro-credits; a float counts as the number it is written as (0.1 is 0.1)."""
    exact = Decimal(str(credit)) if isinstance(credit, float) else Decimal(credit)
    return int((exact * MICRO).to_integral_value(ROUND_HALF_UP))


def credits_of(amount: int) -> Decimal:
    """Micro-credits as credits, without useless zeros."""
    exact = Decimal(amount) / MICRO
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize()


def estimate(
    plan: Plan, inputs: Mapping[str, JsonValue], prices: Prices, done: Collection[str] = ()
) -> Estimate:
    """What a run of this plan may cost.

    Args:
        plan: The plan of the version that runs.
        inputs: The trigger's fields by name; they may say how many pictures are made.
        prices: Micro-credits per picture by (provider, model).
        done: Nodes that keep an earlier result and cost nothing.
    """
    paid = [node for node in plan.nodes if is_paid(node) and node.id not in done]
    known = {node.id: prices.get(offer(node)) for node in paid}
    return Estimate(
        {node.id: (known[node.id] or 0) * units(plan, node, inputs) for node in paid},
        tuple(node.id for node in paid if known[node.id] is None),
    )


def is_paid(node: PlanNode) -> bool:
    """Whether a step asks a service that may charge for it."""
    return all(isinstance(node.settings.get(name), str) for name in ("provider", "model"))


def offer(node: PlanNode) -> tuple[str, str]:
    """The provider and the model of a paid node."""
    return str(node.settings["provider"]), str(node.settings["model"])


def units(plan: Plan, node: PlanNode, inputs: Mapping[str, JsonValue]) -> int:
    """How many pictures a paid node makes at most."""
    own = _whole(node.settings.get("count")) or 1
    link = next((each for each in node.inputs if each.socket == "count"), None)
    if link is None:
        return own
    if link.source_node != plan.trigger.id:
        return MOST_UNITS
    # a generator refuses larger numbers before anyone is asked
    return min(_whole(inputs.get(link.source_socket)) or own, MOST_UNITS)


def _whole(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
