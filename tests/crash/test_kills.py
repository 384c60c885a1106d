"""`kill -9` at any moment: no accepted run is lost, no second webhook-id is sent (S123, invariants of R1)."""

import random
from collections import Counter

import pytest

from tests.chaos.rig import Rig

SEED = 20
VICTIMS = ("worker", "web", "worker", "broker", "FLUSHALL", "sweeper", "broker", "web")
BREATH = 6


@pytest.mark.timeout(240)
def test_kills_of_every_role_lose_nothing_and_repeat_no_webhook_id(tmp_path):
    """Under load, kills of every role and FLUSHALLs leave each promise of the contract unbroken."""
    lines: list[str] = []
    rig = Rig(tmp_path, SEED, rate=4, failing=0.15, say=lines.append)
    try:
        rig.campaign(plan(), breath=BREATH)
        rig.settle(45)
        wrong, figures = rig.verdict()
    finally:
        left = rig.close()
    story = "\n".join([*lines, figures.table(), f"seed {SEED}"])
    assert [*wrong, *left] == [], story
    kills = Counter(kill.victim for kill in rig.killer.kills)
    assert set(kills) >= {*VICTIMS, "pool", "supervisor"} - {"sweeper"}, story
    assert sum(kills.values()) >= 11, story
    assert figures.accepted >= 20, story
    assert figures.lost == 0, story


def plan() -> list[tuple[float, str]]:
    """Every victim of the list in a shuffle, the supervisor and two more; a pool when there is one."""
    chance = random.Random(SEED)
    victims = [*chance.sample(VICTIMS, len(VICTIMS)), "supervisor", "worker", "FLUSHALL"]
    # after a breath a run has just been served, with pictures
    victims.insert(BREATH, "pool")
    return [(chance.uniform(0.2, 1.0), victim) for victim in victims]
