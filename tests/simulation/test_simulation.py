"""Whole worlds from a seed: crashes, losses, repetitions, zombies and clock steps in one process (R13)."""

import os
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest

from app.engine import claim, decide, overcharged, paid, settle, tally
from tests.simulation.faults import Faults
from tests.simulation.parts import Parts
from tests.simulation.story import BrokenRuleError
from tests.simulation.world import World, simulate

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 200
WIDE_SEEDS = 25
DAY = 86_400.0


@pytest.fixture(scope="module")
def parts():
    made = Parts()
    yield made
    made.close()


@pytest.mark.timeout(400)
def test_the_rules_hold_in_every_world(parts):
    """Two hundred seeds; whatever goes wrong in them, nothing is lost, nothing early and nothing twice."""
    for seed in range(SEEDS):
        try:
            simulate(seed, parts)
        except Exception as error:  # noqa: BLE001 - with the seed it can be had again
            pytest.fail(f"{error!r}; again: ./run simulate --seed {seed}")


@pytest.mark.timeout(400)
def test_the_rules_hold_where_money_is_spent(parts):
    """Worlds that pay, redo, map, pause, fire by themselves and run out of time: charged once for a step
    and generation, never past a hard limit, and at the end the books agree to the last credit."""
    for seed in range(WIDE_SEEDS):
        try:
            simulate(seed, parts, wide=True)
        except Exception as error:  # noqa: BLE001 - with the seed it can be had again
            pytest.fail(f"{error!r}; again: ./run simulate --wide --seed {seed}")


def test_a_seed_is_one_story(parts):
    """The same seed gives the same events: here twice, and in processes of other zones and text hashes."""
    seed = 12
    first, second = simulate(seed, parts), simulate(seed, parts)
    assert first.story.events > 30
    assert first.story.digest == second.story.digest
    command = [sys.executable, "tests/simulation/run.py", "--seed", str(seed)]
    for hashes, zone in (("4711", "Europe/Berlin"), ("1", "Asia/Kathmandu"), ("2", "Pacific/Apia")):
        env = {**os.environ, "PYTHONHASHSEED": hashes, "TZ": zone}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
        assert f"hash {first.story.digest}" in done.stdout
    assert simulate(seed + 1, parts).story.digest != first.story.digest
    spent, again = simulate(seed, parts, wide=True), simulate(seed, parts, wide=True)
    assert spent.story.digest == again.story.digest


def test_an_idle_month_takes_a_second(parts):
    """A trigger a day for sixty days: at least thirty simulated days in a second of work."""
    world = World(1, parts, Faults(workers=2, runs=60, span=60 * DAY))
    began = time.process_time()
    world.run()
    took = time.process_time() - began
    assert len(set(world.people.promised.values())) >= 20
    assert world.loop.elapsed >= 60 * DAY
    assert world.loop.elapsed / DAY / took >= 30


def _breaks_within(seeds, parts, *, faults=None, wide=False):
    for seed in range(seeds):
        try:
            simulate(seed, parts, faults, wide=wide)
        except BrokenRuleError as error:
            return str(error)
    return ""


def test_a_fence_that_does_not_hold_is_noticed(parts):
    """Settling without looking at the fence: somebody who came late writes over a newer claim."""
    with mock.patch.object(settle, "_holds", return_value=True):
        assert _breaks_within(40, parts)


def test_a_retry_that_comes_early_is_noticed(parts):
    """A schedule that is a tenth short shows in the attempts."""
    true = decide.decide

    def hasty(result, attempt, delays, now):
        return true(result, attempt, [delay * 0.9 for delay in delays], now)

    with mock.patch.object(decide, "decide", hasty):
        assert "is followed after" in _breaks_within(40, parts)


def test_a_claim_of_what_runs_is_noticed(parts):
    """Repeated messages that take running work away leave more settlements or charges than there may be."""
    statement = claim._claim_stages("sqlite").text.replace("state = 'ready'", "state IN ('ready', 'done')")
    with mock.patch.object(claim, "_claim_stages", return_value=claim.text(statement)):
        assert "a closed stage opened" in _breaks_within(40, parts)


def test_money_that_is_booked_twice_is_noticed(parts):
    """A step that books what its calls booked already passes a limit, or disagrees with the service."""
    with mock.patch.object(tally, "in_ledger", return_value=set()):
        assert _breaks_within(20, parts, wide=True)


def test_a_service_that_charges_too_much_passes_a_limit_once(parts):
    """Worlds in which most answers cost two or three times its price, behind a budget: it is
    booked as it is, and nothing more leaves that day. Who does not look before a call leaves is noticed."""
    faults = Faults(graph="paid", gates="budget", runs=8, span=1.0, lose=0.3, zombies=2, kills=2, excess=0.8)
    for seed in range(2):
        world = World(seed, parts, faults)
        world.run()
        assert world.rules.counts["limit"]
        assert world.painter.excess
    with mock.patch.object(overcharged, "passed", return_value={}):
        assert "left past its limit" in _breaks_within(10, parts, faults=faults)


def test_an_unanswered_call_that_counts_as_free_is_noticed(parts):
    """A refusal says nothing about an earlier try under the same key: the ledger would miss a charge."""
    faults = Faults(graph="paid", runs=8, span=5_000.0, service={"lost": 0.5, "busy": 0.6})

    def sure(call, error):
        return paid._failed(call.id, error)

    with mock.patch.object(paid, "_outcome", sure), pytest.raises(BrokenRuleError, match="the ledger says"):
        simulate(1, parts, faults)
