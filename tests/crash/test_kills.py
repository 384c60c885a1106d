"""`kill -9` at any moment: no accepted run is lost, no second webhook-id is sent (S123, invariants of R1)."""

import random
from collections import Counter

import pytest

from tests.chaos.rig import Rig

SEED = 20
VICTIMS = ("worker", "web", "worker", "broker", "pool", "FLUSHALL", "worker", "web", "pool", "broker")


@pytest.mark.timeout(240)
def test_twenty_kills_lose_nothing_and_repeat_no_webhook_id(tmp_path):
    """Under load, 21 kills of every role and 3 FLUSHALLs leave each promise of the contract unbroken."""
    lines: list[str] = []
    rig = Rig(tmp_path, SEED, rate=4, failing=0.15, say=lines.append)
    try:
        rig.campaign(plan(), breath=6)
        rig.settle(45)
        wrong, figures = rig.verdict()
    finally:
        left = rig.close()
    story = "\n".join([*lines, figures.table(), f"seed {SEED}"])
    assert [*wrong, *left] == [], story
    kills = Counter(kill.victim for kill in rig.killer.kills)
    assert sum(kills.values()) - kills["FLUSHALL"] >= 20, story
    assert set(kills) == {*VICTIMS, "supervisor"}, story
    assert figures.accepted >= 40, story
    assert figures.lost == 0, story


def plan() -> list[tuple[float, str]]:
    """Twice every victim of the list in two shuffles, the supervisor in between, and a few more."""
    chance = random.Random(SEED)
    first, second = (chance.sample(VICTIMS, len(VICTIMS)) for _ in range(2))
    victims = [*first, "supervisor", *second, "worker", "broker", "FLUSHALL"]
    return [(chance.uniform(0.2, 1.0), victim) for victim in victims]
