"""What ``./run bench`` can look at; each scene starts its own servers and prints its own lines."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from tests.bench import backlog, deep, raw
from tests.bench import memory as grows
from tests.bench.asking import SLUG as ASKING
from tests.bench.asking import publish as publish_asking
from tests.bench.measure import Receiver, measure
from tests.bench.paid import SLUG as PAID
from tests.bench.paid import publish as publish_paid
from tests.bench.paid import service as paid_service
from tests.bench.server import Server, running
from tests.bench.slow import SECONDS, flood, publish
from tests.bench.slow import service as slow_service
from tests.bench.table import HEAD, row
from tests.bench.unfused import unfuse
from tests.support import postgres

_INSTANT = "procedural/instant-1"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def prepared(receiver: Receiver, **settings: str) -> Iterator[Server]:
    """A server with the workflow that is measured, warmed up."""
    with running(receiver.address, **settings) as server:
        server.publish("bench", model=_INSTANT)
        measure(server, receiver, "warm-up", 300, 0, 8)
        yield server


def loads(receiver: Receiver, options: argparse.Namespace, noop: float) -> None:
    """The defaults of one machine at several loads, beside the raw limits."""
    with prepared(receiver) as server:
        say(f"memory {server.memory():.0f} MB (PSS of all processes)")
        say(HEAD)
        since = time.time()
        say(row(measure(server, receiver, "one at a time", 60, 4, 1)))
        with backlog.inside(server) as system:
            waits = sorted(backlog.pick_up(system, since))
        for rate in (100, 300, 1000):
            say(row(measure(server, receiver, f"open loop, {rate}/s", options.runs // 2, rate, 64)))
        best = _closed_loops(server, receiver, options.runs)
        say(f"completed runs per raw no-op message: {best / noop:.3f} (eight nodes: {8 * best / noop:.2f})")
        say(f"idle pick-up: p95 {1000 * waits[int(len(waits) * 0.95)]:.1f} ms")
        before = server.memory()
        if options.growth:
            measure(server, receiver, "growth", options.growth, 0, 32)
            say(f"memory {before:.0f} MB before, {server.memory():.0f} MB after {options.growth} more runs")


def _closed_loops(server: Server, receiver: Receiver, runs: int) -> float:
    best = 0.0
    for connections in (16, 64):
        result = measure(server, receiver, f"closed loop, {connections} conn.", runs, 0, connections)
        best = max(best, result["completed_per_s"])
        say(row(result))
    return best


def scale(receiver: Receiver, options: argparse.Namespace, noop: float) -> None:
    """Both databases with one, two and four workers."""
    say(HEAD)
    with postgres.server(durable=True) as sockets:
        for workers in (1, 2, 4):
            with prepared(receiver, SAKUGA_WORKER_PROCESSES=str(workers)) as server:
                _compared(server, receiver, f"SQLite, {workers} worker(s)", options.runs, noop)
            _create(sockets, f"bench{workers}")
            place = postgres.url(sockets, f"bench{workers}")
            with prepared(receiver, DATABASE_URL=place, SAKUGA_WORKER_PROCESSES=str(workers)) as server:
                _compared(server, receiver, f"PostgreSQL, {workers} worker(s)", options.runs, noop)


def _compared(
    server: Server, receiver: Receiver, title: str, runs: int, noop: float, slug: str = "bench"
) -> None:
    result = measure(server, receiver, title, runs, 0, 64, slug)
    say(f"{row(result)}   {result['completed_per_s'] / noop:.3f} of no-op")


def _create(sockets: str, name: str) -> None:
    with psycopg.connect(f"host={sockets} user=test dbname=postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')


def fusion(receiver: Receiver, options: argparse.Namespace, noop: float) -> None:
    """What stage fusion saves."""
    say(HEAD)
    with prepared(receiver) as server:
        _compared(server, receiver, "fused", options.runs, noop)
    with running(receiver.address) as server:
        server.publish("bench", model=_INSTANT)
        with backlog.inside(server) as system:
            stages = unfuse(system, "bench")
        measure(server, receiver, "warm-up", 300, 0, 8)
        _compared(server, receiver, f"a stage for each node ({stages})", options.runs, noop)


def depth(receiver: Receiver, options: argparse.Namespace, noop: float) -> None:
    """A burst, a long queue, and a great many sleepers, on both databases."""
    with deep.places() as places:
        for name, place in places.items():
            say(f"\n{name}")
            with prepared(receiver, **place()) as server, backlog.inside(server) as system:
                deep.queued(server, system, receiver, options, say)
            with prepared(receiver, **place()) as server, backlog.inside(server) as system:
                deep.asleep(server, system, options.depth, say)


def memory(receiver: Receiver, options: argparse.Namespace, noop: float) -> None:
    """What web and worker hold in memory while runs go by."""
    with prepared(receiver) as server:
        grows.watch(server, receiver, options.growth or 100_000, say)


def slow(receiver: Receiver, options: argparse.Namespace, noop: float) -> None:
    """Slow nodes in flight in one worker process."""
    with slow_service() as service:
        reachable = f"{receiver.address},127.0.0.1:{service.port}"
        with running(reachable, SAKUGA_WORKER_PROCESSES="1") as server:
            publish(server, service.port)
            flood(server, receiver, service, 50)
            held, took, cpu = flood(server, receiver, service, options.slow)
            say(
                f"{options.slow} runs that wait {SECONDS:g} s for an answer: at most {held.most} in flight,"
                f" the last callback after {took:.1f} s, {cpu:.2f} ms of worker CPU per run"
            )


def asking(receiver: Receiver, options: argparse.Namespace, noop: float) -> None:
    """Eight nodes, one of them an HTTP call on loopback, and a real callback."""
    say(HEAD)
    with slow_service(0) as service, running(f"{receiver.address},127.0.0.1:{service.port}") as server:
        publish_asking(server, service.port)
        measure(server, receiver, "warm-up", 300, 0, 8, ASKING)
        for rate in (300, 1000):
            say(row(measure(server, receiver, f"HTTP call, {rate}/s", options.runs // 2, rate, 64, ASKING)))
        _compared(server, receiver, "HTTP call, closed loop", options.runs, noop, ASKING)


def paid(receiver: Receiver, options: argparse.Namespace, noop: float) -> None:
    """A generator that is a paid HTTP call: intent, request, picture checked and kept, outcome, callback."""
    say(HEAD)
    with paid_service() as port, running(f"{receiver.address},127.0.0.1:{port}") as server:
        publish_paid(server, port)
        measure(server, receiver, "warm-up", 100, 0, 8, PAID)
        _compared(server, receiver, "paid pictures", options.runs // 4, noop, PAID)


SCENES: dict[str, Callable[[Receiver, argparse.Namespace, float], None]] = {
    "loads": loads,
    "scale": scale,
    "fusion": fusion,
    "depth": depth,
    "memory": memory,
    "slow": slow,
    "asking": asking,
    "paid": paid,
}


def play(names: list[str], options: argparse.Namespace) -> None:
    """The named scenes, after the raw limits of this machine in this run."""
    noop, single, grouped = raw.dramatiq_noop(), raw.group_commit(1), raw.group_commit(200)
    say(f"raw dramatiq no-op {noop:.0f} messages/s")
    say(f"raw inserts {single:.0f}/s alone, {grouped:.0f}/s in groups of 200")
    receiver = Receiver()
    try:
        for name in names:
            say(f"\n{name}: {SCENES[name].__doc__}")
            SCENES[name](receiver, options, noop)
    finally:
        receiver.close()
