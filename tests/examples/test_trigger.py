"""The example client against a server that answers as contract sections 3 to 6 say."""

import json
import runpy
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "examples"
ACCEPTED = {"job_id": "run_1", "status": "queued", "links": {"self": "/v1/runs/run_1"}}


class Server(BaseHTTPRequestHandler):
    """Accepts one run that ends at the third question; the workflow `wrong` is refused."""

    asked: list

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Authorization"], self.headers["Idempotency-Key"], body))
        if self.path.endswith("/wrong"):
            return self.answer(422, {"title": "Invalid", "detail": "target_style is unknown"})
        return self.answer(202, ACCEPTED)

    def do_GET(self):
        self.asked.append((self.path,))
        if self.path.endswith("/callback"):
            return self.answer(200, {"status": "success", "outputs": [{"asset_url": "http://x"}]})
        state = ("queued", "running", "succeeded")[min(self.asked.count((self.path,)) - 1, 2)]
        return self.answer(200, {"job_id": "run_1", "status": state})

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


@pytest.fixture
def served():
    handler = type("Handler", (Server,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler.asked
    server.shutdown()
    server.server_close()
    thread.join()


def command(base, slug, *options):
    arguments = [sys.executable, FOLDER / "trigger.py", slug, FOLDER / "product-image.payload.json", *options]
    arguments += ["--url", base]
    environment = {"SAKUGA_API_KEY": "secret-key"}
    return subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False, timeout=30)


def test_a_run_is_followed_to_its_result(served):
    """Trigger with key and payload, ask until the run has ended, return the callback body."""
    base, asked = served
    client = runpy.run_path(str(FOLDER / "trigger.py"))
    accepted = client["trigger"](base, "secret-key", "product-image", {"product_name": "Mug"})
    result = client["wait"](base, "secret-key", accepted, every=0)
    assert result["outputs"] == [{"asset_url": "http://x"}]
    path, authorization, idempotency_key, body = asked[0]
    assert (path, authorization, body) == (
        "/v1/hooks/product-image",
        "Bearer secret-key",
        {"product_name": "Mug"},
    )
    assert len(idempotency_key) == 36
    assert [one[0] for one in asked[1:]] == ["/v1/runs/run_1"] * 3 + ["/v1/runs/run_1/callback"]


def test_a_run_that_never_ends_is_given_up(served):
    """Waiting has a deadline."""
    client = runpy.run_path(str(FOLDER / "trigger.py"))
    with pytest.raises(TimeoutError, match="run_1 is still queued"):
        client["wait"](served[0], "", ACCEPTED, seconds=-1, every=0)


def test_the_command_prints_the_accepted_run(served):
    """--no-wait prints the 202; --callback-url joins the payload."""
    done = command(served[0], "product-image", "--no-wait", "--callback-url", "http://127.0.0.1:9000/")
    assert (done.returncode, json.loads(done.stdout)) == (0, ACCEPTED)
    assert served[1][0][3]["callback_url"] == "http://127.0.0.1:9000/"


def test_a_refusal_is_printed_and_fails(served):
    """The problem document goes to stderr, the exit code is 1, the key is in neither."""
    done = command(served[0], "wrong")
    assert done.returncode == 1
    assert "target_style is unknown" in done.stderr
    assert "secret-key" not in done.stdout + done.stderr


def test_a_silent_server_is_named():
    """A server that is not there gives one line, no traceback."""
    done = command("http://127.0.0.1:9", "product-image")
    assert done.returncode == 1
    assert done.stderr.startswith("http://127.0.0.1:9 does not answer")
    assert "Traceback" not in done.stderr
