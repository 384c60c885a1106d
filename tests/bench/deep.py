"""A long queue and a great many sleepers, on both databases: what grows with them, and what must not.

Wall times depend on who else uses the machine; CPU per trigger and per second are what to compare.
"""

import argparse
import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from app.wiring import System
from tests.bench import backlog
from tests.bench.measure import Receiver, load
from tests.bench.server import Server
from tests.bench.table import quantiles
from tests.support import postgres

Say = Callable[[str], None]
_RATES = (300, 1000)
_SECONDS = 5
_REST = 10.0
HEAD = (
    f"{'accepting':<34}{'acc/s':>8}{'p50':>8}{'p99 ms':>9}{'web CPU ms':>12}{'broker':>8}{'database':>10}"
    "   per trigger"
)


@contextmanager
def places() -> Iterator[dict[str, Callable[[], dict[str, str]]]]:
    """What makes the settings of a server with an empty database, by the database's name."""
    with postgres.restartable(durable=True) as server:
        make = postgres.databases(server)
        names = (f"depth{number}" for number in itertools.count())
        yield {"SQLite": dict, "PostgreSQL": lambda: {"DATABASE_URL": make(next(names))}}


def database_cpu() -> float:
    """CPU seconds of PostgreSQL so far; SQLite works in the processes that use it."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.name() == "postgres":
                times = process.cpu_times()
                total += times.user + times.system
    return total


def accepting(server: Server, receiver: Receiver, name: str, rate: int, count: int) -> str:
    """One line about triggers that are accepted at a rate, all at once where it is 0."""
    before, backends = server.cpu(), database_cpu()
    asked = load(server, receiver, count, rate, 64 if rate else 250)
    after, roles = server.cpu(), server.roles()
    spent = dict.fromkeys(("web", "valkey"), 0.0)
    for pid, seconds in after.items():
        if roles.get(pid) in spent:
            spent[roles[pid]] += seconds - before.get(pid, 0.0)
    taken, done = quantiles(asked["latency"]), max(len(asked["sent"]), 1)
    each = [1000 * value / done for value in (spent["web"], spent["valkey"], database_cpu() - backends)]
    return (
        f"{name:<34}{done / asked['seconds']:>8.0f}{taken[0]:>8.1f}{taken[1]:>9.1f}"
        f"{each[0]:>12.2f}{each[1]:>8.2f}{each[2]:>10.2f}"
        + (f"  ! {asked['errors']} refused" if asked["errors"] else "")
    )


def queued(server: Server, system: System, receiver: Receiver, options: argparse.Namespace, say: Say) -> None:
    """Accepting into an empty queue and into a long one, and how that is worked off."""
    say(HEAD)
    say(accepting(server, receiver, "a burst of 500", 0, 500))
    for rate in _RATES:
        say(accepting(server, receiver, f"{rate}/s, nothing queued", rate, rate * _SECONDS))
    with backlog.stopped(server, system):
        began = time.process_time()
        backlog.fill(system, options.depth)
        cost = 1e6 * (time.process_time() - began) / options.depth
        say(f"{options.depth} runs queued, workers stopped: {cost:.0f} µs of CPU each")
        for rate in _RATES:
            say(accepting(server, receiver, f"{rate}/s, {options.depth} queued", rate, rate * _SECONDS))
    before, began, spent = backlog.open_runs(system), time.time(), worker_cpu(server)
    time.sleep(2 * _REST)
    gone = max(before - backlog.open_runs(system), 1)
    cost = 1000 * (worker_cpu(server) - spent) / gone
    say(f"worked off at {gone / (time.time() - began):.0f} runs/s, {cost:.2f} ms of worker CPU each")


def asleep(server: Server, system: System, count: int, say: Say) -> None:
    """What the sweeper costs while nothing is due."""
    idle = resting(server)
    with backlog.stopped(server, system):
        backlog.fill(system, count)
        rows = backlog.put_to_sleep(system)
    time.sleep(_REST)
    say(f"at rest, CPU of workers and database: {idle}; with {rows} sleeping rows {resting(server)}")


def resting(server: Server) -> str:
    """CPU of the workers and of the database while nothing is done."""
    before, backends = worker_cpu(server), database_cpu()
    time.sleep(_REST)
    spent = [1000 * (worker_cpu(server) - before) / _REST, 1000 * (database_cpu() - backends) / _REST]
    return f"{spent[0]:.1f} + {spent[1]:.1f} ms/s"


def worker_cpu(server: Server) -> float:
    """CPU seconds of all workers so far."""
    roles, spent = server.roles(), server.cpu()
    return sum(seconds for pid, seconds in spent.items() if roles.get(pid) == "worker")
