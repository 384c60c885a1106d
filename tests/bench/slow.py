"""Thousands of slow nodes at once: runs whose HTTP request takes eight seconds, in one worker process."""

import asyncio
import contextlib
import multiprocessing
import multiprocessing.connection
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.measure import Receiver, load
from tests.bench.server import Server

SECONDS = 8.0
_FIELD = {"name": "product_name", "type": "string"}
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


@dataclass(frozen=True, slots=True)
class Held:
    """How many requests the slow service held at most, and how many it answered."""

    most: int
    answered: int


class Service:
    """A service that answers every request after some seconds, in a process of its own."""

    def __init__(self, pipe: multiprocessing.connection.Connection, process: multiprocessing.Process) -> None:
        self._pipe = pipe
        self._process = process
        self.port: int = pipe.recv()

    def held(self) -> Held:
        self._pipe.send(None)
        return Held(*self._pipe.recv())


@contextlib.contextmanager
def service(seconds: float = SECONDS) -> Iterator[Service]:
    """Run a service that takes so long for each request."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, seconds), daemon=True)
    process.start()
    try:
        yield Service(ours, process)  # type: ignore[arg-type]
    finally:
        process.kill()
        process.join()


def publish(server: Server, port: int) -> None:
    """A workflow that asks the slow service and calls back."""
    nodes = [
        {"id": "input", "type": "webhook_input", "settings": {"fields": [_FIELD]}},
        {
            "id": "ask",
            "type": "http_request",
            "settings": {
                "method": "GET",
                "url": f"http://127.0.0.1:{port}/{{{{product_name}}}}",
                "timeout": 60,
            },
        },
    ]
    links = [{"from": ["input", "product_name"], "to": ["ask", "product_name"]}]
    for at, node in enumerate(nodes):
        node["position"] = [at * 300, 0]  # type: ignore[assignment]
    graph = {"format": "sakuga.graph/1", "name": "Slow", "nodes": nodes, "links": links}
    server.http.post("/v1/workflows", json={"slug": "slow", "graph": graph}).raise_for_status()
    server.http.post("/v1/workflows/slow/publish", json={"note": "bench"}).raise_for_status()


def flood(server: Server, receiver: Receiver, slow: Service, count: int) -> tuple[Held, float, float]:
    """Start ``count`` runs; what the service held, seconds until the last callback, worker CPU ms per run."""
    receiver.take()
    workers = [pid for pid, role in server.roles().items() if role == "worker"]
    before, began = server.cpu(), time.time()
    load(server, receiver, count, 0, 64, "slow")
    arrived: dict[str, float] = {}
    while len(arrived) < count and time.time() - began < 300:
        time.sleep(0.5)
        arrived |= receiver.take()
    after = server.cpu()
    spent = sum(after[pid] - before[pid] for pid in workers)
    return slow.held(), max(arrived.values()) - began, 1000 * spent / max(len(arrived), 1)


def _serve(pipe: multiprocessing.connection.Connection, seconds: float) -> None:
    asyncio.run(_listen(pipe, seconds))


async def _listen(pipe: multiprocessing.connection.Connection, seconds: float) -> None:
    now = most = answered = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal now, most, answered
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                found = _LENGTH.search(head)
                await reader.readexactly(int(found[1]) if found else 0)
                now += 1
                most = max(most, now)
                await asyncio.sleep(seconds)
                now -= 1
                answered += 1
                writer.write(_ANSWER)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=8_000)
    pipe.send(server.sockets[0].getsockname()[1])
    loop = asyncio.get_running_loop()
    while True:
        await loop.run_in_executor(None, pipe.recv)
        pipe.send((most, answered))
