"""What may go wrong in one simulated world, and how often: drawn from its seed."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

GRAPHS = {
    "line": "input.trigger>one.a one.x>two.a two.x>three.a",
    "fork": "input.trigger>one.a one.x>left.a one.x>right.a left.x>last.a right.x>last.b",
    "cheap": "input.trigger>one.a one.x>two.a",
}
GATES: dict[str, dict[str, dict[str, Any]] | None] = {
    "open": None,
    "limited": {"rate_limiter": {"limit": 3, "window_seconds": 300}},
    "budget": {"cost_monitor": {"daily_credits": 1}},
    "both": {
        "rate_limiter": {"limit": 3, "window_seconds": 300},
        "cost_monitor": {"daily_credits": 1},
    },
    "guarded": {"rate_limiter": {"limit": 2, "window_seconds": 600}, "circuit_breaker": {"factor": 2}},
    "all": {
        "rate_limiter": {"limit": 2, "window_seconds": 300},
        "circuit_breaker": {"factor": 2},
        "cost_monitor": {"daily_credits": 1},
    },
}


@dataclass(frozen=True)
class Faults:
    """Chances are per occasion (a message, a call, a crash point); times are seconds."""

    graph: str = "line"
    gates: str = "open"
    workers: int = 2
    runs: int = 6
    span: float = 120.0
    lose: float = 0.0
    repeat: float = 0.0
    delay: float = 0.05
    die: float = 0.0
    kills: int = 0
    zombies: int = 0
    deafness: int = 0
    busy_database: float = 0.0
    provider: dict[str, float] = field(default_factory=dict)
    receiver: dict[str, float] = field(default_factory=dict)
    steps: int = 0
    apart: float = 0.0
    decisions: int = 0
    # a service that charges: whether it knows keys, what may go wrong with it, and how often it is not enough
    keyed: bool = True
    service: dict[str, float] = field(default_factory=dict)
    job: dict[str, float] = field(default_factory=dict)
    # how often it charges more than it said
    excess: float = 0.0
    redo: float = 0.0
    pauses: int = 0
    deadline: float = 0.0
    schedule: bool = False


def draw(rng: random.Random, lease: float) -> Faults:
    """The faults of a world; every kind is absent from many worlds, so that each is seen alone too."""

    def maybe(most: float, share: float = 0.6) -> float:
        return rng.uniform(0, most) if rng.random() < share else 0.0

    def often(most: int, share: float = 0.5) -> int:
        return rng.randint(1, most) if rng.random() < share else 0

    return Faults(
        graph=rng.choice(sorted(GRAPHS)),
        gates=rng.choice(["open", "open", "limited", "guarded"]),
        workers=rng.randint(1, 3),
        runs=rng.randint(1, 6),
        span=rng.choice([1.0, 60.0, 600.0]),
        lose=maybe(0.6),
        repeat=maybe(0.5),
        delay=rng.choice([0.01, 0.5, 20.0]),
        die=maybe(0.03),
        kills=often(3),
        zombies=often(2),
        deafness=often(2),
        busy_database=maybe(0.05, 0.3),
        provider={
            name: maybe(0.3) for name in ("busy", "lost_reply", "wait", "throttled", "wrong", "unknown")
        },
        receiver={name: maybe(0.5) for name in ("fails", "hangs", "lost_reply", "slow_down", "gone")},
        steps=often(3),
        apart=rng.choice([0.0, 0.0, 0.0, lease / 3]),
        decisions=often(4),
    )


def draw_wide(rng: random.Random, lease: float) -> Faults:
    """The faults of a world that pays, does work again, starts runs, is paused, and fires by itself."""
    plain = draw(rng, lease)

    def maybe(most: float, share: float = 0.6) -> float:
        return rng.uniform(0, most) if rng.random() < share else 0.0

    graph = rng.choice(["paid", "redone", "nested"])
    return replace(
        plain,
        graph=graph,
        gates=rng.choice(["open", "limited", "budget", "both"]),
        keyed=rng.random() < 0.6,
        service={name: maybe(0.4) for name in ("busy", "throttled", "wrong", "lost", "job")},
        job={name: maybe(0.5) for name in ("busy", "more", "ended")},
        excess=maybe(0.6, 0.3),
        redo=maybe(0.6),
        pauses=rng.randint(0, 3),
        deadline=maybe(0.3, 0.4),
        schedule=rng.random() < 0.4,
    )
