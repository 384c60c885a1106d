"""Rules of the rate limiter node; the gate itself is the engine's."""

import asyncio

import pytest
from pydantic import ValidationError

from nodes.rate_limiter import Gate, RateLimiter, Settings


def test_the_payload_passes_unchanged(ctx):
    """At run time the gate lies behind the run: what comes in goes out."""
    gate = Gate(trigger={"product_name": "Mug", "deep": {"a": [1, None]}})
    assert asyncio.run(RateLimiter(Settings()).run(gate, ctx)) == gate


def test_defaults_are_those_of_the_contract():
    """The settings have the names and defaults of contract section 8."""
    assert Settings().model_dump() == {"limit": 100, "window_seconds": 3600}


@pytest.mark.parametrize(
    "settings", [{"limit": 0}, {"window_seconds": 0}, {"window_seconds": 604_801}, {"per": "caller"}]
)
def test_settings_out_of_range_are_refused(settings):
    """A gate that could never open, or an unknown setting, is refused."""
    with pytest.raises(ValidationError):
        Settings(**settings)
