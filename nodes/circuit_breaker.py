"""Circuit breaker (S73): the engine applies the settings when a trigger arrives."""

from pydantic import BaseModel, Field

from graphs import node
from graphs.node import Context, Node
from graphs.sockets import Payload


class Settings(node.Settings):
    factor: float = Field(
        3, ge=1, le=1000, description="Opens above this many times the rate limiter's limit, in its window."
    )


class Gate(BaseModel):
    trigger: Payload = Field(description="The payload, unchanged.")


class CircuitBreaker(Node[Settings, Gate, Gate]):
    """Pause a caller whose triggers arrive far too fast, for example because of a bug that repeats them.

    Above the factor times the rate limiter's limit the breaker opens for that caller: an alert is
    raised, later triggers are held, and nothing is generated until a person has looked, kept or dropped
    what is held, and closed it again. Without a rate limiter in the workflow, 100 per hour is the limit.
    """

    kind = "circuit_breaker"
    title = "Circuit breaker"
    group = "Gates"
    icon = "electric_bolt"

    async def run(self, inputs: Gate, context: Context) -> Gate:
        return inputs
