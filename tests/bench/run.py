"""``./run bench``: triggers accepted, runs completed, latency and cost, beside the raw limits of that run.

Every figure depends on the machine; the ratios to the raw limits of the same run are what to compare.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import raw  # noqa: E402
from tests.bench.server import KEY, Server, running  # noqa: E402

_SETTLE_SECONDS = 300.0


class Receiver:
    """The receiver process; ``take`` returns arrivals since the last call."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests/bench/receiver.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self._line())

    def take(self) -> dict[str, float]:
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        arrivals: dict[str, float] = json.loads(self._line())
        return arrivals

    def close(self) -> None:
        self._process.kill()

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


def measure(
    server: Server, receiver: Receiver, title: str, count: int, rate: float, connections: int
) -> dict[str, Any]:
    """Send triggers, wait for every callback, and account for it."""
    receiver.take()
    before, began = server.cpu(), time.time()
    load = _load(server, receiver.port, count, rate, connections)
    arrivals: dict[str, float] = {}
    while len(arrivals) < len(load["sent"]) and time.time() - began < _SETTLE_SECONDS:
        time.sleep(0.1)
        arrivals |= receiver.take()
    after, roles = server.cpu(), server.roles()
    spent: Counter[str] = Counter()
    for pid, seconds in after.items():
        spent[roles.get(pid, "pool")] += seconds - before.get(pid, 0.0)
    done = [job for job in load["sent"] if job in arrivals]
    span = max((arrivals[job] for job in done), default=began) - min(load["sent"].values(), default=began)
    return {
        "title": title,
        "accepted_per_s": len(load["sent"]) / load["seconds"],
        "ack_ms": _quantiles(load["latency"]),
        "completed_per_s": len(done) / span if span else 0.0,
        "e2e_ms": _quantiles([arrivals[job] - load["sent"][job] for job in done]),
        "cpu_ms_per_run": {role: 1000 * seconds / max(len(done), 1) for role, seconds in spent.items()},
        "missing": len(load["sent"]) - len(done),
        "errors": load["errors"],
    }


def _load(server: Server, callback_port: int, count: int, rate: float, connections: int) -> dict[str, Any]:
    arguments = [
        "127.0.0.1",
        server.port,
        KEY,
        "bench",
        f"http://127.0.0.1:{callback_port}/callback",
        count,
        rate,
        connections,
    ]
    command = [sys.executable, str(ROOT / "tests/bench/load.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _quantiles(seconds: list[float]) -> tuple[float, float]:
    if len(seconds) < 2:
        return 0.0, 0.0
    cuts = statistics.quantiles(seconds, n=100)
    return 1000 * cuts[49], 1000 * cuts[98]


def _row(result: dict[str, Any]) -> str:
    cpu = result["cpu_ms_per_run"]
    parts = " ".join(f"{role} {value:.2f}" for role, value in sorted(cpu.items()) if value >= 0.005)
    ack, e2e = result["ack_ms"], result["e2e_ms"]
    trouble = f"  ! {result['missing']} missing, {result['errors']} refused" if result["missing"] else ""
    return (
        f"{result['title']:<26}{result['accepted_per_s']:>8.0f}{ack[0]:>8.1f}{ack[1]:>8.1f}"
        f"{result['completed_per_s']:>8.0f}{e2e[0]:>9.1f}{e2e[1]:>9.1f}{sum(cpu.values()):>8.2f}"
        f"   {parts}{trouble}"
    )


_HEAD = (
    f"{'eight nodes, real callback':<26}{'acc/s':>8}{'ack p50':>8}{'p99 ms':>8}{'runs/s':>8}{'e2e p50':>9}"
    f"{'p99 ms':>9}{'CPU ms':>8}   per run, by role"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=4_000, help="runs per measurement")
    parser.add_argument("--growth", type=int, default=0, help="also watch memory over this many runs")
    options = parser.parse_args()
    noop, single, grouped = raw.dramatiq_noop(), raw.group_commit(1), raw.group_commit(200)
    print(f"raw dramatiq no-op {noop:.0f} messages/s")
    print(f"raw inserts {single:.0f}/s alone, {grouped:.0f}/s in groups of 200")
    receiver = Receiver()
    try:
        with running(f"127.0.0.1:{receiver.port}") as server:
            _report(server, receiver, options, noop)
    finally:
        receiver.close()


def _report(server: Server, receiver: Receiver, options: argparse.Namespace, noop: float) -> None:
    print(f"idle memory {server.memory():.0f} MB (PSS of all processes)")
    server.publish("bench", model="procedural/instant-1")
    measure(server, receiver, "warm-up", 300, 0, 8)
    print(_HEAD)
    idle = measure(server, receiver, "one at a time", 40, 4, 1)
    print(_row(idle))
    for rate in (100, 300):
        print(_row(measure(server, receiver, f"open loop, {rate}/s", options.runs // 2, rate, 64)))
    best = 0.0
    for connections in (16, 64):
        result = measure(server, receiver, f"closed loop, {connections} conn.", options.runs, 0, connections)
        best = max(best, result["completed_per_s"])
        print(_row(result))
    print(
        f"completed runs per raw no-op message: {best / noop:.3f} (eight nodes each: {8 * best / noop:.2f})"
    )
    before = server.memory()
    if options.growth:
        measure(server, receiver, "growth", options.growth, 0, 32)
        print(f"memory {before:.0f} MB before, {server.memory():.0f} MB after {options.growth} more runs")
    print(f"memory after all this {server.memory():.0f} MB")


if __name__ == "__main__":
    main()
