"""The product as a newcomer starts it, in a folder of its own, with the workflow that is measured."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parents[2]
KEY = "sk_benchmark_0123456789abcdefghij"


class Server:
    """A running installation: its address, and what its processes cost."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], environ: dict[str, str]) -> None:
        self.port = port
        self.environ = environ
        self._process = process
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"authorization": f"Bearer {KEY}"}, timeout=30
        )

    def processes(self) -> list[psutil.Process]:
        parent = psutil.Process(self._process.pid)
        return [parent, *parent.children(recursive=True)]

    def cpu(self) -> dict[int, float]:
        """CPU seconds by process id."""
        seconds = {}
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                seconds[process.pid] = times.user + times.system
        return seconds

    def memory(self) -> float:
        """Megabytes of all processes together, shared pages counted once (PSS)."""
        total = 0
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().pss
        return total / 2**20

    def roles(self) -> dict[int, str]:
        names = {}
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                line = " ".join(process.cmdline())
                role = ("web", "worker", "valkey", "supervisor")
                names[process.pid] = next((name for name in role if name in line), "pool")
        return names

    def publish(self, slug: str, **generator: object) -> None:
        """The shipped eight-node example with other generator settings."""
        graph = json.loads((ROOT / "examples/product-image.json").read_text())
        for node in graph["nodes"]:
            if node["type"] == "generator":
                node["settings"].update(generator)
        self.http.post("/v1/workflows", json={"slug": slug, "graph": graph}).raise_for_status()
        self.http.post(f"/v1/workflows/{slug}/publish", json={"note": "bench"}).raise_for_status()


@contextlib.contextmanager
def running(egress: str, **settings: str) -> Iterator[Server]:
    """``sakuga up`` on a free port, with further variables; stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            "SAKUGA_DATA_DIR": folder,
            "SAKUGA_PORT": str(port),
            "SAKUGA_EGRESS_ALLOW": egress,
            "SAKUGA_BOOTSTRAP_KEY": KEY,
            "SAKUGA_LOG_LEVEL": "warning",
            **settings,
        }
        command = [sys.executable, "-m", "app.cli", "up"]
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
        server = Server(port, process, env)
        try:
            _wait_ready(server)
            yield server
        finally:
            process.terminate()
            process.wait(20)


def _wait_ready(server: Server) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if server.http.get("/readyz").status_code == 200:
                return
        time.sleep(0.05)
    raise SystemExit("the server did not become ready in 60 s")
