"""A generation service on a loopback port with a ledger of its own: it charges, and answers as told.

It speaks both protocols of the product over plain sockets, so that it can break off wherever a test wants.
"""

import asyncio
import base64
import io
import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any, Self, cast

from PIL import Image

PRICE = 250_000
Fate = str | tuple[int, dict[str, str], Any]
Choose = Callable[[int], Fate]


@dataclass(frozen=True)
class Paid:
    """One paid request as it arrived, and what it was charged with (micro-credits)."""

    path: str
    key: str | None
    authorization: str | None
    body: dict[str, Any]
    charged: int


@dataclass
class Job:
    """One job of the queue; ``states`` are what the next questions are answered with."""

    id: str
    states: list[dict[str, Any]]
    cancelled: bool = False


def picture(colour: str = "teal", size: tuple[int, int] = (64, 64)) -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


@dataclass
class Service:
    """Answers the n-th paid request (from 0) with the n-th fate, or as a function says; the last one stays.

    A fate is "ok", "url" (pictures by address), "late" (charge, then say nothing), "drop" (charge, then hang
    up), "cut" (hang up before the request was read), "garbage" (charge, then answer nonsense), or a status
    with headers and a body, which charges nothing.
    """

    fates: Sequence[Fate] | Choose = ("ok",)
    keyed: bool = False
    states: Sequence[dict[str, Any]] = ({"status": "COMPLETED"},)
    picture: bytes = field(default_factory=picture)
    port: int = 0
    ledger: list[Paid] = field(default_factory=list)
    jobs: dict[str, Job] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    seen_keys: set[str] = field(default_factory=set)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def charged(self) -> int:
        """All that was charged, in micro-credits."""
        return sum(each.charged for each in self.ledger)

    def by_key(self) -> dict[str | None, int]:
        """What was charged for each key."""
        sums: Counter[str | None] = Counter()
        for each in self.ledger:
            sums[each.key] += each.charged
        return dict(sums)

    def _run(self, ready: threading.Event) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._listen(ready))

    async def _listen(self, ready: threading.Event) -> None:
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._over.wait()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        self.asked[f"{method} {path}"] += 1
        fate = self._fate() if method == "POST" else None
        if fate == "cut":
            return False
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        if method == "POST" and fate is not None:
            return await self._pay((reader, writer), path, headers, _body(headers, raw), fate)
        await self._free(writer, method, path)
        return True

    def _fate(self) -> Fate:
        number = len(self.ledger)
        if callable(self.fates):
            return self.fates(number)
        return self.fates[min(number, len(self.fates) - 1)]

    async def _pay(
        self,
        ends: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        path: str,
        headers: dict[str, str],
        body: dict[str, Any],
        fate: Fate,
    ) -> bool:
        reader, writer = ends
        key = headers.get("idempotency-key")
        count = int(body.get("n") or body.get("num_images") or 1)
        free = isinstance(fate, tuple) or (self.keyed and key in self.seen_keys)
        self.ledger.append(Paid(path, key, headers.get("authorization"), body, 0 if free else PRICE * count))
        if key and not isinstance(fate, tuple):
            self.seen_keys.add(key)
        if isinstance(fate, tuple):
            await _answer(writer, fate[0], fate[2], fate[1])
            return True
        if fate == "late":
            await reader.read()
            return False
        if fate == "drop":
            return False
        if fate == "garbage":
            await _answer(writer, 200, "{no json")
            return True
        await _answer(writer, 200, self._made(path, count, fate))
        return True

    def _made(self, path: str, count: int, fate: Fate) -> dict[str, Any]:
        if path.endswith(("/images/generations", "/images/edits")):
            if fate == "url":
                entry = {"url": f"{self.url}/files/1.png"}
            else:
                entry = {"b64_json": base64.b64encode(self.picture).decode()}
            return {"created": 1, "data": [entry] * count}
        job = Job(f"req-{len(self.jobs) + 1}", list(self.states))
        self.jobs[job.id] = job
        base = f"{self.url}{path}/requests/{job.id}"
        addresses = {"status_url": f"{base}/status", "cancel_url": f"{base}/cancel", "response_url": base}
        return {"request_id": job.id, "status": "IN_QUEUE", "queue_position": 3, **addresses}

    async def _free(self, writer: asyncio.StreamWriter, method: str, path: str) -> None:
        parts = path.strip("/").split("/")
        if parts[0] == "files":
            await _answer(writer, 200, self.picture, {"content-type": "image/png"})
        elif parts[-1] == "models":
            await _answer(writer, 200, {"data": []})
        elif "requests" in parts:
            job = self.jobs.get(parts[parts.index("requests") + 1])
            await self._job(writer, method, parts[-1], job)
        else:
            await _answer(writer, 404, {"detail": "not found"})

    async def _job(self, writer: asyncio.StreamWriter, method: str, last: str, job: Job | None) -> None:
        if job is None:
            await _answer(writer, 404, {"detail": "no such request"})
        elif method == "PUT":
            job.cancelled = True
            await _answer(writer, 202, {"status": "CANCELLATION_REQUESTED"})
        elif last == "status":
            state = job.states.pop(0) if len(job.states) > 1 else job.states[0]
            status = state.pop("http", 200 if state.get("status") == "COMPLETED" else 202)
            await _answer(writer, status, state, state.pop("headers", {}))
        else:
            entry = {"url": f"{self.url}/files/1.png", "content_type": "image/png"}
            await _answer(writer, 200, {"images": [entry], "seed": 7})


async def _answer(
    writer: asyncio.StreamWriter, status: int, body: Any, headers: dict[str, str] | None = None
) -> None:
    if isinstance(body, bytes):
        raw = body
    else:
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    given = {"content-type": "application/json", **(headers or {}), "content-length": str(len(raw))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + raw)
    await writer.drain()


def _body(headers: dict[str, str], raw: bytes) -> dict[str, Any]:
    """The members of a JSON body, or of a form; a file is its bytes."""
    kind = headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        found: dict[str, Any] = json.loads(raw)
        return found
    letter = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + raw)
    parts = [part for part in letter.walk() if not part.is_multipart()]
    read = [(part, cast("bytes", part.get_payload(decode=True))) for part in parts]
    return {
        str(part.get_param("name", header="content-disposition")): data
        if part.get_filename()
        else data.decode()
        for part, data in read
    }
