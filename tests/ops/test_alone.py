"""Roles started one by one on the embedded defaults, without `sakuga up`."""

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager

import httpx

from app.serve import embedded
from tests.support.site import KEY, until


@contextmanager
def role(name, environ, log):
    with log.open("a") as file:
        process = subprocess.Popen([sys.executable, "-m", "app.cli", name], env=environ, stderr=file)
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(20) == 0


def test_a_worker_and_a_web_role_find_each_other_in_a_fresh_folder(tmp_path, unused_port):
    """In any order: the worker waits for the schema, both share one secret and one broker, a run succeeds.

    Told to stop they put their things in order: no broker is left behind.
    """
    folder, url = tmp_path / "data", f"http://127.0.0.1:{unused_port}"
    environ = {
        **os.environ,
        "SAKUGA_DATA_DIR": str(folder),
        "SAKUGA_PORT": str(unused_port),
        "SAKUGA_BOOTSTRAP_KEY": KEY,
    }
    http = httpx.Client(base_url=url, headers={"authorization": f"Bearer {KEY}"}, timeout=30, trust_env=False)
    with ExitStack() as stack:
        stack.enter_context(role("worker", environ, tmp_path / "worker.log"))
        until(lambda: (tmp_path / "worker.log").stat().st_size, 60)
        assert "waiting_for_database" in (tmp_path / "worker.log").read_text()
        stack.enter_context(role("web", environ, tmp_path / "web.log"))
        until(lambda: _ready(http), 60)
        job = http.post("/v1/hooks/product-image", json={"product_name": "Lamp"}).json()["job_id"]
        until(lambda: http.get(f"/v1/runs/{job}").json()["status"] == "succeeded", 60)
    assert "Traceback" not in (tmp_path / "worker.log").read_text()
    assert not embedded.socket_path(folder).exists()


def _ready(http):
    try:
        return http.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
