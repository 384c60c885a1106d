"""The product under test: `sakuga up` in a folder of its own, started again whenever it ends."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import psutil

from app.serve import embedded

ROOT = Path(__file__).parents[2]
KEY = "sk_chaos_0123456789abcdefghijkl"
SECRET = "whsec_" + "Y2hhb3Mt" * 4
LEASE = 2
DELAYS = (0.5, 1, 2)
_RESTART_PAUSE = 0.2


class Plant:
    """A supervisor that somebody starts again, as a service manager would.

    Args:
        folder: Where its data and its log lie.
        egress: Address of the receiver of callbacks.
        database: A SQLAlchemy URL; empty for SQLite in the folder.
    """

    def __init__(self, folder: Path, egress: str, database: str = "") -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = _free_port()
        self.starts = 0
        self._database = database
        self._log = (folder / "server.log").open("ab")
        self._env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SAKUGA_") and name not in {"DATABASE_URL", "REDIS_URL"}
        } | {
            "SAKUGA_DATA_DIR": str(self.data),
            "SAKUGA_PORT": str(self.port),
            "SAKUGA_EGRESS_ALLOW": egress,
            "SAKUGA_BOOTSTRAP_KEY": KEY,
            "SAKUGA_BOOTSTRAP_WEBHOOK_SECRET": SECRET,
            "SAKUGA_RETRY_DELAYS": ",".join(map(str, DELAYS)),
            "SAKUGA_LEASE_SECONDS": str(LEASE),
            "DATABASE_URL": database,
            "PYTHONPATH": str(ROOT),
        }
        self._stopping = False
        self.process = self._start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"authorization": f"Bearer {KEY}"},
            timeout=httpx.Timeout(10, connect=2),
            trust_env=False,
        )

    @property
    def url(self) -> str:
        """Where the database is."""
        return self._database or f"sqlite:///{self.data / 'sakuga.db'}"

    @property
    def broker(self) -> Path:
        """The socket the embedded broker listens on."""
        return embedded.socket_path(self.data)

    def log(self) -> str:
        """Everything the processes said."""
        return (self.folder / "server.log").read_text(errors="replace")

    def wait_ready(self, seconds: float = 60) -> None:
        """Until /readyz answers 200."""
        deadline = time.monotonic() + seconds
        while not self._is_ready():
            if time.monotonic() > deadline:
                raise AssertionError(f"not ready after {seconds:g} s\n{self.log()[-4000:]}")
            time.sleep(0.05)

    def publish(self, slug: str, **generator: object) -> None:
        """The shipped product-image example under a name of its own, with other generator settings."""
        graph = json.loads((ROOT / "examples/product-image.json").read_text())
        for node in graph["nodes"]:
            if node["type"] == "generator":
                node["settings"].update(generator)
        self.http.post("/v1/workflows", json={"slug": slug, "graph": graph}).raise_for_status()
        self.http.post(f"/v1/workflows/{slug}/publish", json={"note": "chaos"}).raise_for_status()

    def role(self, name: str) -> list[psutil.Process]:
        """Processes of one role: supervisor, web, worker, broker or pool."""
        with contextlib.suppress(psutil.NoSuchProcess):
            top = psutil.Process(self.process.pid)
            family = [top] if name == "supervisor" else top.children(recursive=True)
            return [each for each in family if name == "supervisor" or _role_of(each) == name]
        return []

    def leftovers(self) -> list[str]:
        """Everything alive that was started with this data folder, as "pid command"."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                mine = process.environ().get("SAKUGA_DATA_DIR") == str(self.data)
                if mine and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(f"{process.pid} {' '.join(process.cmdline())[:120]}")
        return found

    def stop(self, seconds: float = 25) -> list[str]:
        """End the product as Ctrl-C does; gives what is left of it, killed by then."""
        self._stopping = True
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        left = self.leftovers()
        for line in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(line.split()[0]), signal.SIGKILL)
        self._keeper.join(5)
        # a broker that was killed leaves its socket
        shutil.rmtree(self.broker.parent, ignore_errors=True)
        self.http.close()
        self._log.close()
        return left

    def _start(self) -> "subprocess.Popen[bytes]":
        self.starts += 1
        command = [sys.executable, "-m", "app.cli", "up"]
        return subprocess.Popen(command, env=self._env, cwd=ROOT, stdout=self._log, stderr=self._log)

    def _keep(self) -> None:
        while not self._stopping:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.2)
                time.sleep(_RESTART_PAUSE)
                if not self._stopping:
                    self.process = self._start()

    def _is_ready(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return self.http.get("/readyz").status_code == 200
        return False


def _role_of(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        words = process.cmdline()
        line = " ".join(words)
        if "spawn_main" in line:
            return "pool"
        if "valkey" in process.name() or "redis" in process.name():
            return "broker"
        if "app.cli" in words:
            return words[-1]
    return "other"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
