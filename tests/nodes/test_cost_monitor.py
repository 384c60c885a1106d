"""Rules of the cost monitor node; the budget itself is the engine's."""

import asyncio
import json
from decimal import Decimal

import pytest
from pydantic import ValidationError

from nodes.cost_monitor import CostMonitor, Gate, Settings


def test_the_payload_passes_unchanged(ctx):
    """At run time the gate lies behind the run: what comes in goes out."""
    gate = Gate(trigger={"product_name": "Mug", "deep": {"a": [1, None]}})
    assert asyncio.run(CostMonitor(Settings()).run(gate, ctx)) == gate


def test_credits_stay_exact():
    """A number and its text mean the same six decimals, and JSON gives them back."""
    for written in (0.1, "0.1", "123456789.000001", 99.999999):
        settings = Settings(daily_credits=written)
        assert settings.daily_credits == Decimal(str(written))
        assert Settings.model_validate_json(settings.model_dump_json()) == settings
    assert json.loads(Settings().model_dump_json()) == {
        "daily_credits": 100.0,
        "alert_at": [0.8, 1.0],
        "when_exhausted": "hold",
        "credits_per_run": None,
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"daily_credits": -1},
        {"daily_credits": 0.0000001},
        {"daily_credits": "NaN"},
        {"daily_credits": 1e10},
        {"alert_at": [0]},
        {"alert_at": [11]},
        {"when_exhausted": "panic"},
        {"credits_per_run": -0.5},
        {"per": "caller"},
    ],
)
def test_settings_out_of_range_are_refused(settings):
    """A budget that means nothing is refused when it is typed."""
    with pytest.raises(ValidationError):
        Settings(**settings)
