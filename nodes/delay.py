"""Delay (S74): wait some time, or until a moment; nothing is held while it waits."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field

from graphs import node
from graphs.errors import PermanentError
from graphs.node import Context, Node, Wait
from nodes.conditions import number

_LONGEST = 366 * 86_400.0
_DAY = len("20261201")


class Settings(node.Settings):
    seconds: float = Field(
        60, ge=0, le=30 * 86_400, description="How long to wait in seconds, at most 30 days."
    )


class Inputs(BaseModel):
    value: Any = Field(description="What is passed on when the time has come.")
    until: Any = Field(
        None,
        description="Moment to wait for instead, as 2026-12-01T09:00:00Z or seconds since the epoch; "
        "without an offset it is UTC, one that has passed does not wait.",
    )


class Outputs(BaseModel):
    value: Any = Field(description="What came in, unchanged.")


class Delay(Node[Settings, Inputs, Outputs]):
    """Hold a branch for a while.

    Waits the set number of seconds, or until the moment at `until`. A waiting run occupies no worker, goes
    on after a restart as if nothing had been, and says when it goes on. Other branches go on meanwhile.
    """

    kind = "delay"
    title = "Delay"
    group = "Flow"
    icon = "hourglass_empty"
    weight = "slow"

    async def run(self, inputs: Inputs, context: Context) -> Outputs | Wait:
        now = context.run.now
        due = self._due(inputs, context)
        if due <= now:
            return Outputs(value=inputs.value)
        return Wait(due - now, {"until": due}, reason="delay")

    def _due(self, inputs: Inputs, context: Context) -> float:
        # what was decided once holds: waking up does not start the wait anew
        known = (context.run.state or {}).get("until")
        if isinstance(known, int | float):
            return float(known)
        if inputs.until is None:
            return context.run.now + self.settings.seconds
        moment = _moment(inputs.until)
        if moment is None:
            words = "until must be a moment such as 2026-12-01T09:00:00Z or seconds since the epoch."
            raise PermanentError("trigger.bad_format", words, field="until")
        if moment - context.run.now > _LONGEST:
            raise PermanentError("trigger.out_of_range", "until is more than a year away.", field="until")
        return moment


def _moment(value: Any) -> float | None:
    text = value.strip() if isinstance(value, str) else ""
    # 20261201 is a day to whoever writes it, not a moment of the year 1970
    seconds = None if len(text) == _DAY and text.isdecimal() else number(value)
    if seconds is not None or not text:
        return seconds
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
