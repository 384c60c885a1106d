"""The whole loop over real HTTP: server process, trigger, picture, signed callback, receiver process."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

FOLDER = Path(__file__).parents[2] / "examples"
PAYLOAD = json.loads((FOLDER / "product-image.payload.json").read_text("utf-8"))
KEY = "sk_loop_test_key_0123456789"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PATIENCE = 60


class Relay(BaseHTTPRequestHandler):
    """Hands a request on to the receiver unchanged and keeps it with the receiver's answer."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = httpx.post(self.server.target, content=body, headers=dict(self.headers), trust_env=False)
        self.server.passed.append((dict(self.headers), body, answer.status_code))
        self.send_response(answer.status_code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, process=None):
    """What a condition gives as soon as it gives something; a process that ends meanwhile is an error."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        assert process is None or process.poll() is None, "the process ended"
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def ended(process):
    process.terminate()
    try:
        return process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    """examples/receiver.py as a process, behind a relay that remembers; gives the relay and its log file."""
    port, log = unused_port(), tmp_path_factory.mktemp("receiver") / "out.txt"
    argv = [sys.executable, FOLDER / "receiver.py", "--port", str(port)]
    relay = ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    relay.passed, relay.target = [], f"http://127.0.0.1:{port}/"
    thread = threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.02})
    with log.open("wb") as out, subprocess.Popen(argv, env={"WEBHOOK_SECRET": SECRET}, stdout=out) as process:
        thread.start()
        until(lambda: _answers(relay.target), process)
        yield relay, log
        process.kill()
    relay.shutdown()
    relay.server_close()
    thread.join()


@pytest.fixture(scope="module")
def server(receiver, tmp_path_factory):
    """`sakuga up` as a process on an empty data folder; gives a client with the owner's key."""
    relay, _ = receiver
    folder, port = tmp_path_factory.mktemp("loop"), unused_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAKUGA_")}
    environ = kept | {
        "SAKUGA_DATA_DIR": str(folder / "data"),
        "SAKUGA_PORT": str(port),
        "SAKUGA_BOOTSTRAP_KEY": KEY,
        "SAKUGA_BOOTSTRAP_WEBHOOK_SECRET": SECRET,
        "SAKUGA_EGRESS_ALLOW": f"127.0.0.1:{relay.server_port}",
    }
    for name in ("DATABASE_URL", "REDIS_URL"):
        environ.pop(name, None)
    base = f"http://127.0.0.1:{port}"
    argv = [Path(sys.executable).with_name("sakuga"), "up"]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(argv, env=environ, stdout=log, stderr=log)
        try:
            until(lambda: _answers(f"{base}/readyz") == 200, process)
            with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {KEY}"}, timeout=30) as http:
                yield http
        finally:
            code = ended(process)
    assert code == 0, (folder / "log.txt").read_text()


def _answers(url):
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code
    except httpx.HTTPError:
        return None


def trigger(http, relay, **fields):
    address = f"http://127.0.0.1:{relay.server_port}/hook"
    return http.post("/v1/hooks/product-image", json=PAYLOAD | {"callback_url": address} | fields)


def callback_of(relay, job_id):
    """What the receiver got for a job: headers, raw body and its answer."""
    return until(
        lambda: next((each for each in relay.passed if json.loads(each[1])["job_id"] == job_id), None)
    )


def test_a_trigger_ends_in_a_verified_callback_with_a_picture(server, receiver):
    """202, run, signed callback that the receiver accepts, a picture that opens, the same body by polling."""
    relay, log = receiver
    accepted = trigger(server, relay, external_id="SKU-1001")
    assert accepted.status_code == 202
    job_id = accepted.json()["job_id"]
    headers, raw, answer = callback_of(relay, job_id)
    assert answer == 204
    body = json.loads(raw)
    assert (body["event"], body["status"], body["external_id"]) == ("job.completed", "success", "SKU-1001")
    assert body["trigger"] == PAYLOAD
    assert json.dumps(body, indent=2, ensure_ascii=False) in log.read_text("utf-8")

    output = body["outputs"][0]
    picture = httpx.get(output["asset_url"], trust_env=False)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert len(picture.content) == output["bytes"]
    assert (output["width"], output["height"], output["platform_code"]) == (1080, 1350, "instagram_feed")
    assert output["qc"]["passed"] is True

    path = accepted.json()["links"]["self"]
    run = until(lambda: _settled(server.get(path).json()))
    assert (run["status"], run["callback_status"]) == ("succeeded", "delivered")
    assert server.get(f"{path}/callback").content == raw
    delivery = server.get(f"{path}/deliveries").json()["items"][0]
    assert delivery["webhook_id"] == headers["webhook-id"]


def test_a_refused_trigger_is_told_to_the_receiver_as_well(server, receiver):
    """422 names every wrong field at once, and the same comes as a signed job.failed."""
    relay, _ = receiver
    refused = trigger(server, relay, product_name=7, target_style="animee")
    assert refused.status_code == 422
    problem = refused.json()
    assert [each["field"] for each in problem["errors"]] == ["product_name", "target_style"]
    _, raw, answer = callback_of(relay, problem["job_id"])
    body = json.loads(raw)
    assert (answer, body["event"], body["status"]) == (204, "job.failed", "failed")
    assert body["error"]["error_code"] == problem["error_code"]
    assert body["error"]["invalid_field"] == "product_name"


def test_the_example_client_gets_the_callback_body_by_polling(server):
    """examples/trigger.py against the real server: it waits, and prints what a callback would have said."""
    argv = [sys.executable, FOLDER / "trigger.py", "product-image", FOLDER / "product-image.payload.json"]
    environ = {"SAKUGA_API_KEY": KEY}
    done = subprocess.run(
        [*argv, "--url", str(server.base_url)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert body["status"] == "success"
    assert server.get(f"/v1/runs/{body['job_id']}/callback").json() == body


def _settled(run):
    return run if run["callback_status"] not in {"pending", "retrying"} else None
