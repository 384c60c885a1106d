"""Rate limiter (S62 to S64): the engine applies the settings when a trigger arrives."""

from pydantic import BaseModel, Field

from graphs import node
from graphs.node import Context, Node
from graphs.sockets import Payload


class Settings(node.Settings):
    limit: int = Field(100, ge=1, le=1_000_000, description="Runs one caller may start within the window.")
    window_seconds: int = Field(3600, ge=1, le=604_800, description="Length of the window in seconds.")


class Gate(BaseModel):
    trigger: Payload = Field(description="The payload, unchanged.")


class RateLimiter(Node[Settings, Gate, Gate]):
    """Start at most so many runs of each calling service within a window.

    Further triggers are accepted and queued, never refused: they start in their order as soon as the
    window allows it, and each says its position and expected start. A burst is thus spread over time.
    The limit holds for the whole workflow and is applied before a run starts.
    """

    kind = "rate_limiter"
    title = "Rate limiter"
    group = "Gates"
    icon = "speed"

    async def run(self, inputs: Gate, context: Context) -> Gate:
        return inputs
