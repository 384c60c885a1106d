"""Delay: waits once, to a moment that was decided once."""

import asyncio
from dataclasses import replace

import pytest

from graphs.errors import PermanentError
from graphs.node import Wait
from nodes.delay import Delay, Inputs, Settings
from tests.nodes.conftest import RUN

NOW = 1_800_000_000.0


def run(ctx, now=NOW, state=None, seconds=60, **inputs):
    ctx.run = replace(RUN, now=now, state=state)
    return asyncio.run(Delay(Settings(seconds=seconds)).run(Inputs(value="v", **inputs), ctx))


def test_it_waits_and_then_passes_on(ctx):
    """The moment is fixed at the first look; whoever wakes later, or too early, keeps to it."""
    first = run(ctx)
    assert first == Wait(60, {"until": NOW + 60}, reason="delay")
    assert run(ctx, NOW + 45, first.state) == Wait(15, {"until": NOW + 60}, reason="delay")
    assert run(ctx, NOW + 60, first.state).value == "v"


@pytest.mark.parametrize(
    ("until", "seconds"),
    [
        ("2027-01-15T09:00:00Z", 3600),
        ("2027-01-15T10:00:00+01:00", 3600),
        ("2027-01-15T09:00:00", 3600),
        (NOW + 5, 5),
        (str(NOW + 5), 5),
        ("20270116", 57_600),
    ],
)
def test_a_moment_wins_over_the_seconds(ctx, until, seconds):
    """ISO text with or without offset, or seconds since the epoch."""
    assert run(ctx, until=until).seconds == seconds


def test_a_moment_that_has_passed_does_not_wait(ctx):
    """A late run goes on at once."""
    assert run(ctx, until="2020-01-01").value == "v"
    assert run(ctx, seconds=0).value == "v"


@pytest.mark.parametrize(
    ("until", "code"),
    [("soon", "trigger.bad_format"), (["x"], "trigger.bad_format"), (NOW * 9, "trigger.out_of_range")],
)
def test_no_moment_is_an_error_that_says_what_one_is(ctx, until, code):
    """Nonsense and far futures end the step at once."""
    with pytest.raises(PermanentError) as caught:
        run(ctx, until=until)
    assert (caught.value.code, caught.value.field) == (code, "until")
