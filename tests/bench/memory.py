"""Whether memory stays flat over a great many runs: resident size by role, and its slope.

The first tenth fills caches and pools; the slope is that of the rest.
"""

import contextlib
import statistics
from collections.abc import Callable

import psutil

from tests.bench.measure import Receiver, measure
from tests.bench.server import Server

Say = Callable[[str], None]
_PARTS = 10
_ROLES = ("web", "worker", "valkey", "supervisor")


def watch(server: Server, receiver: Receiver, runs: int, say: Say) -> dict[str, float]:
    """Run them in ten parts and say what each role holds after each; gives KiB per 1,000 runs by role."""
    say(f"{'runs':>10}" + "".join(f"{role + ' MiB':>16}" for role in _ROLES))
    sizes: dict[str, list[float]] = {role: [] for role in _ROLES}
    done: list[int] = []
    for part in range(_PARTS):
        measure(server, receiver, "part", runs // _PARTS, 0, 16)
        done.append((part + 1) * (runs // _PARTS))
        for role, size in resident(server).items():
            sizes[role].append(size)
        say(f"{done[-1]:>10}" + "".join(f"{sizes[role][-1]:>16.1f}" for role in _ROLES))
    slopes = {role: _slope(done[1:], sizes[role][1:]) for role in _ROLES}
    words = " · ".join(f"{role} {slope:+.1f}" for role, slope in slopes.items())
    say(f"growth in KiB per 1,000 runs, after the first tenth: {words}")
    return slopes


def resident(server: Server) -> dict[str, float]:
    """MiB of each role's processes that are in memory (RSS)."""
    roles, found = server.roles(), dict.fromkeys(_ROLES, 0.0)
    for process in server.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            if roles.get(process.pid) in found:
                found[roles[process.pid]] += process.memory_info().rss / 2**20
    return found


def _slope(runs: list[int], sizes: list[float]) -> float:
    return statistics.linear_regression(runs, sizes).slope * 1024 * 1000
