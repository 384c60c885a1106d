"""Cost monitor (S61, S65, S66, S74): the engine reserves before a paid step and settles after it."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema

from graphs import node
from graphs.node import Context, Node
from graphs.sockets import Payload

_MOST = 1_000_000_000


def _credits(least: float) -> WithJsonSchema:
    return WithJsonSchema({"type": "number", "minimum": least, "maximum": _MOST, "multipleOf": 0.000001})


# fifteen digits survive the way through a JSON number unchanged
_Exact = Annotated[
    Decimal,
    Field(ge=0, le=_MOST, max_digits=15, decimal_places=6),
    PlainSerializer(float, return_type=float, when_used="json"),
]
Credits = Annotated[_Exact, _credits(0)]
Share = Annotated[float, Field(gt=0, le=10)]


class Settings(node.Settings):
    daily_credits: Credits = Field(
        Decimal(100),
        description="Credits one caller may spend in this workflow per day, in the project's time zone.",
    )
    alert_at: list[Share] = Field(
        [0.8, 1.0],
        max_length=10,
        description="Parts of the daily credits that raise an alert, once a day each: 0.8 is 80 %.",
    )
    when_exhausted: Literal["hold", "refuse", "alert_only"] = Field(
        "hold",
        description="Further runs wait for the next day, are refused with 402, or go on with an alert.",
    )
    credits_per_run: Credits | None = Field(
        None, description="What a run may cost where the service states no price; empty for nothing."
    )


class Gate(BaseModel):
    trigger: Payload = Field(description="The payload, unchanged.")


class CostMonitor(Node[Settings, Gate, Gate]):
    """Keep each calling service within its credits per day.

    What a run may cost is reserved before its first paid step, and again before a retry; what it did cost
    is booked after each step, the rest is given back. Spent and reserved together never pass the daily
    credits: runs that do not fit wait until midnight in the project's time zone, or until an operator
    raises the limit. The budget holds for the whole workflow and is applied before a run starts.
    """

    kind = "cost_monitor"
    title = "Cost monitor"
    group = "Gates"
    icon = "savings"

    async def run(self, inputs: Gate, context: Context) -> Gate:
        return inputs
