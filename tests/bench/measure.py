"""One measurement: triggers go out, callbacks come in, and every process is asked what it cost."""

import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bench.server import KEY, ROOT, Server
from tests.bench.table import quantiles

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

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

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
    server: Server,
    receiver: Receiver,
    title: str,
    count: int,
    rate: float,
    connections: int,
    slug: str = "bench",
) -> dict[str, Any]:
    """Send triggers, wait for every callback, and account for it."""
    receiver.take()
    before, began = server.cpu(), time.time()
    sent = load(server, receiver, count, rate, connections, slug)
    arrivals: dict[str, float] = {}
    while len(arrivals) < len(sent["sent"]) and time.time() - began < _SETTLE_SECONDS:
        time.sleep(0.1)
        arrivals |= receiver.take()
    after, roles = server.cpu(), server.roles()
    spent: Counter[str] = Counter()
    for pid, seconds in after.items():
        spent[roles.get(pid, "pool")] += seconds - before.get(pid, 0.0)
    done = [job for job in sent["sent"] if job in arrivals]
    span = max((arrivals[job] for job in done), default=began) - min(sent["sent"].values(), default=began)
    return {
        "title": title,
        "accepted_per_s": len(sent["sent"]) / sent["seconds"],
        "ack_ms": quantiles(sent["latency"]),
        "completed_per_s": len(done) / span if span else 0.0,
        "e2e_ms": quantiles([arrivals[job] - sent["sent"][job] for job in done]),
        "cpu_ms_per_run": {role: 1000 * seconds / max(len(done), 1) for role, seconds in spent.items()},
        "missing": len(sent["sent"]) - len(done),
        "errors": sent["errors"],
    }


def load(
    server: Server, receiver: Receiver, count: int, rate: float, connections: int, slug: str = "bench"
) -> dict[str, Any]:
    """Send triggers from a process of its own; what it noted, see ``load.py``."""
    callback = f"http://{receiver.address}/callback"
    arguments = ["127.0.0.1", server.port, KEY, slug, callback, count, rate, connections]
    script = Path(ROOT) / "tests/bench/load.py"
    command = [sys.executable, str(script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
