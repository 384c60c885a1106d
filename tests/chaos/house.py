"""An installation whose roles are started one by one, each told where to die."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.points import STATUS, VARIABLE, Point
from app.serve import embedded
from tests.chaos.load import Accepted
from tests.chaos.receiver import Ledger
from tests.chaos.zygote import ROOT, Zygote
from tests.support.service import Service
from tests.support.site import free_port

KEY = "sk_points_0123456789abcdefghijkl"
SECRET = "whsec_" + "cG9pbnRz" * 4
DELAYS = (0.3, 2, 6)
LEASE = 1
ENDED = {"succeeded", "failed", "cancelled"}
TOLD = {"none", "delivered", "permanently_failed"}
Json = dict[str, Any]


def until(question: Callable[[], Any], seconds: float, what: str) -> Any:
    """Ask until the answer is true; says what was waited for when the time is up."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.05)
    return answer


@dataclass
class Actor:
    """A process of a role."""

    zygote: Zygote
    pid: int
    log: Path
    status: int | None = None

    def ended(self) -> bool:
        if self.status is None:
            self.status = self.zygote.ask(pid=self.pid)
        return self.status is not None

    def died(self, seconds: float = 30) -> None:
        """Wait until it has died at its point."""
        until(self.ended, seconds, f"process {self.pid} came to its point")
        assert self.status == STATUS, f"ended with {self.status}\n{self.said()}"

    def stop(self, seconds: float = 15) -> None:
        if not self.ended():
            os.kill(self.pid, signal.SIGTERM)
            until(self.ended, seconds, f"process {self.pid} stopped")

    def kill(self) -> None:
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            until(self.ended, 10, f"process {self.pid} was killed")

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


@dataclass
class House:
    """One database, one broker, one receiver; roles come and go.

    Args:
        database: A SQLAlchemy URL; empty for SQLite in the folder.
        redis: Where a broker is; empty for one of its own.
        host: The address its receiver listens on.
    """

    folder: Path
    zygote: Zygote
    database: str = ""
    redis: str = ""
    host: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    accepted: list[Accepted] = field(default_factory=list)
    asked: int = 0
    doors: list[Actor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = self.folder / "data"
        self.gate = self.folder / "open"
        self.gate.touch()
        self.ledger = Ledger(SECRET, 0, 1, self.host)
        # charges once for a key, and answers each time
        self.service = Service(keyed=True, states=({"status": "IN_PROGRESS"}, {"status": "COMPLETED"}))
        self.service.__enter__()
        embedded_one = None if self.redis else embedded.start_or_attach(self.data)
        self.broker = embedded_one or embedded.Embedded(self.redis, None)
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"authorization": f"Bearer {KEY}"},
            timeout=10,
            trust_env=False,
        )

    def close(self) -> None:
        self.shut()
        self.http.close()
        self.ledger.close()
        self.service.__exit__()
        self.broker.stop()
        shutil.rmtree(embedded.socket_path(self.data).parent, ignore_errors=True)

    @property
    def url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'sakuga.db'}"

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SAKUGA_")}
        return clean | {
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.url,
            "REDIS_URL": self.broker.url,
            "SAKUGA_DATA_DIR": str(self.data),
            "SAKUGA_PORT": str(self.port),
            "SAKUGA_SECRET_KEY": "a key of these tests, long enough",
            "SAKUGA_BOOTSTRAP_KEY": KEY,
            "SAKUGA_BOOTSTRAP_WEBHOOK_SECRET": SECRET,
            "SAKUGA_EGRESS_ALLOW": f"{self.ledger.address},127.0.0.1:{self.service.port}",
            "SAKUGA_RETRY_DELAYS": ",".join(map(str, DELAYS)),
            "SAKUGA_LEASE_SECONDS": str(LEASE),
            "SAKUGA_START_GATE": str(self.gate),
        }

    def start(self, role: str, at: Point | None = None, nth: int = 1, **environ: str) -> Actor:
        """A process: `api`, `worker`, `migrate`, or `preparation`; dies at its `nth` pass of a point."""
        env = self.environment | environ | ({VARIABLE: f"{at}:{nth}"} if at else {})
        log = self.folder / f"{role}.log"
        argv = ["app.serve.bootstrap"] if role == "preparation" else ["app.cli", role]
        pid = self.zygote.ask(argv=argv, env=env, log=str(log))
        return Actor(self.zygote, pid, log)

    @contextmanager
    def running(self, role: str) -> Iterator[Actor]:
        """A process of a role that lives as long as the block, and has no time for a farewell."""
        actor = self.start(role)
        try:
            yield actor
        finally:
            actor.kill()

    def prepare(self) -> None:
        actor = self.start("preparation")
        until(actor.ended, 60, "the preparation")
        assert actor.status == 0, actor.said()

    def open(self, at: Point | None = None) -> Actor:
        """Start the API, the only one, and wait until it answers."""
        self.shut()
        self.doors.append(self.start("api", at))
        self.await_door()
        return self.doors[-1]

    def shut(self) -> None:
        """Stop the API."""
        while self.doors:
            self.doors.pop().stop()

    def await_door(self) -> None:
        def answers() -> bool:
            try:
                return self.http.get("/readyz").status_code == 200
            except httpx.HTTPError:
                return False

        until(answers, 30, "the door opened")

    def workflow(self, slug: str, graph: Json) -> None:
        self.http.post("/v1/workflows", json={"slug": slug, "graph": graph}).raise_for_status()
        self.http.post(f"/v1/workflows/{slug}/publish", json={}).raise_for_status()

    def callback(self, how: str = "plain") -> str:
        """An address of the receiver; its path says how it answers (see `receiver`)."""
        return f"http://{self.ledger.address}/{how}"

    def payload(self, how: str = "plain") -> tuple[Json, dict[str, str]]:
        """Body and headers of a trigger that nobody sent before."""
        self.asked += 1
        key = f"asked-{self.asked}"
        body = {"subject": "a lamp", "callback_url": self.callback(how), "external_id": key}
        return body, {"idempotency-key": key}

    def trigger(self, slug: str, how: str = "plain", **more: Any) -> str:
        """The id of a run that was just accepted."""
        body, headers = self.payload(how)
        return self.note(self.http.post(f"/v1/hooks/{slug}", json=body | more, headers=headers), slug)

    def note(self, answer: httpx.Response, slug: str) -> str:
        """Keep an acceptance for the questions at the end; gives the run's id."""
        assert answer.status_code == 202, answer.text
        told = answer.json()
        now = time.time()
        self.accepted.append(Accepted(told["external_id"], slug, told["job_id"], answer.content, now, now, 1))
        return str(told["job_id"])

    def run(self, run_id: str) -> Json:
        found: Json = self.http.get(f"/v1/runs/{run_id}").json()
        return found

    def settled(self, run_id: str, seconds: float = 30) -> Json:
        """The run when it has ended and its caller knows."""

        def look() -> Json | None:
            found = self.run(run_id)
            over = found.get("status") in ENDED and found["callback_status"] in TOLD
            return found if over else None

        found: Json = until(look, seconds, f"run {run_id} settled; it is {json.dumps(self.run(run_id))}")
        return found
