"""The product as an outsider meets it: a real `sakuga up` on a port of its own, reached by HTTP only."""

import base64
import html
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote, quote_plus

import httpx

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk_contract_0123456789abcdef0123456789"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DELAYS = (0.4, 0.8, 1.2)
LISTENERS = 12
ENDED = frozenset({"succeeded", "failed", "cancelled"})
TOLD = frozenset({"none", "delivered", "permanently_failed"})
T = TypeVar("T")
Json = dict[str, Any]


def until(question: Callable[[], T], seconds: float = 30.0, every: float = 0.05) -> T:
    """Ask until the answer is true; its last answer fails the test when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"still {answer!r} after {seconds} seconds"
        time.sleep(every)


@dataclass(frozen=True)
class Got:
    """One callback as it arrived."""

    at: float
    headers: dict[str, str]
    body: bytes


@dataclass
class Mailbox:
    """Receives callbacks; the path says what is answered: `/name/500,204` answers 500, then 204 for ever.

    `echo500` answers 500 with all headers it got, in all the ways that servers write them.
    """

    got: dict[str, list[Got]] = field(default_factory=lambda: defaultdict(list))

    def __enter__(self) -> Self:
        mailbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                kept = mailbox.got[self.path]
                kept.append(Got(time.time(), {k.lower(): v for k, v in self.headers.items()}, body))
                replies = self.path.rpartition("/")[2].split(",")
                status, _, header = replies[min(len(kept), len(replies)) - 1].partition("+")
                told = repeated(kept[-1].headers) if status.startswith("echo") else b""
                self.send_response(int(status.removeprefix("echo") or 200))
                if header:
                    name, _, value = header.partition("=")
                    self.send_header(name, value)
                self.send_header("content-length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def path(self, replies: str = "204") -> str:
        """A path of its own that answers so."""
        return f"/{secrets.token_hex(4)}/{replies}"

    def url(self, path: str) -> str:
        return f"http://{self.address}{path}"


def repeated(headers: dict[str, str]) -> bytes:
    """JSON that says what was sent, plain, escaped and encoded."""
    sent = headers.get("authorization", "")
    said = {"headers": headers, "html": html.escape(sent), "address": quote(sent, safe="")}
    said |= {"base64": base64.b64encode(sent.encode()).decode(), "form": quote_plus(sent)}
    said |= {"hex": sent.encode().hex(), "again": json.dumps(headers)}
    return json.dumps(said).replace("/", "\\/").encode()


class Site:
    """A running server with one owner's key."""

    def __init__(self, folder: Path, mailbox: Mailbox, port: int) -> None:
        self.folder, self.mailbox, self.port = folder, mailbox, port
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "stderr"
        self.http = httpx.Client(
            base_url=self.url, headers={"authorization": f"Bearer {KEY}"}, timeout=30, trust_env=False
        )
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SAKUGA_")}
        for name in ("DATABASE_URL", "REDIS_URL"):
            clean.pop(name, None)
        return clean | {
            "PYTHONPATH": str(ROOT),
            "SAKUGA_DATA_DIR": str(self.folder / "data"),
            "SAKUGA_PORT": str(self.port),
            "SAKUGA_BOOTSTRAP_KEY": KEY,
            "SAKUGA_BOOTSTRAP_WEBHOOK_SECRET": SECRET,
            "SAKUGA_RETRY_DELAYS": ",".join(map(str, DELAYS)),
            "SAKUGA_EGRESS_ALLOW": self.mailbox.address,
            "SAKUGA_EVENT_STREAMS": str(LISTENERS),
        }

    def start(self) -> None:
        argv = [sys.executable, "-m", "app.cli", "up"]
        with (self.folder / "stdout").open("wb") as out, self.log.open("wb") as err:
            self.process = subprocess.Popen(argv, env=self.environment, stdout=out, stderr=err)
        until(self.ready, seconds=90, every=0.1)

    def ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        self.http.close()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)

    def command(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """A `sakuga` command with the server's own settings."""
        argv = [sys.executable, "-m", "app.cli", *arguments]
        env = self.environment | environ
        return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)

    def trigger(
        self, slug: str = "plain", headers: dict[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        return self.http.post(f"/v1/hooks/{slug}", json=body, headers=headers)

    def job(self, slug: str = "plain", **body: Any) -> str:
        """The id of a run that was just accepted."""
        answer = self.trigger(slug, **body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["job_id"])

    def run(self, job_id: str) -> Json:
        found: Json = self.http.get(f"/v1/runs/{job_id}").json()
        return found

    def ended(self, job_id: str, seconds: float = 40) -> Json:
        """The run when it has ended and its callback, if any, too."""

        def look() -> Json | None:
            found = self.run(job_id)
            return found if found["status"] in ENDED and found["callback_status"] in TOLD else None

        found = until(look, seconds)
        assert found is not None
        return found

    def workflow(self, slug: str, graph: Json) -> None:
        """Make and publish a workflow."""
        made = self.http.post("/v1/workflows", json={"slug": slug, "graph": graph})
        assert made.status_code == 201, made.text
        published = self.http.post(f"/v1/workflows/{slug}/publish", json={"note": "first"})
        assert published.status_code == 201, published.text

    def lines(self) -> list[Json]:
        """What the server has logged so far, every line read as JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


def refused(answer: httpx.Response, status: int, code: str) -> Json:
    """The problem document of a refusal, checked for its shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: Json = answer.json()
    assert problem["error_code"] == code
    assert {"type", "title", "detail", "instance", "request_id", "trace_id", "errors"} <= problem.keys()
    return problem


def node(name: str, kind: str, **settings: Any) -> Json:
    return {"id": name, "type": kind, "title": name.capitalize(), "settings": settings, "position": [0, 0]}


def link(source: str, target: str) -> Json:
    return {"from": source.split("."), "to": target.split(".")}


def graph(nodes: list[Json], links: list[Json], name: str = "Plain") -> Json:
    return {"format": "sakuga.graph/1", "name": name, "nodes": nodes, "links": links}


def plain_graph(*gates: Json, fields: list[Json] | None = None, **qc: Any) -> Json:
    """Trigger, gates, prompt, an instant picture, quality control, delivery."""
    declared = fields or [{"name": "subject", "type": "string", "required": True, "max_length": 200}]
    nodes = [
        node("input", "webhook_input", fields=declared),
        *gates,
        node("prompt", "prompt_builder", template="{{subject}}"),
        node("paint", "generator", model="procedural/instant-1", width=256, height=256),
        node(
            "check", "qc", min_width=64, min_height=64, min_sharpness=0, min_contrast=0, min_entropy=0, **qc
        ),
        node("out", "webhook_delivery"),
    ]
    chain = ["input", *[gate["id"] for gate in gates]]
    links = [link(f"{before}.trigger", f"{after}.trigger") for before, after in pairwise(chain)]
    links += [
        link("input.subject", "prompt.subject"),
        link("prompt.prompt", "paint.prompt"),
        link("paint.images", "check.images"),
        link("check.images", "out.images"),
    ]
    return graph(nodes, links)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
