"""`sakuga trigger` and `sakuga load` over real HTTP, against a server that answers as contract §3 says."""

import http.server
import json
import threading

import pytest

from app.serve.client import (
    BadAddressError,
    BadFieldError,
    KeyMissingError,
    KeyUnusableError,
    RefusedError,
    UnreachableError,
    trigger,
)
from app.serve.load import load

KEY = "sk-test-key-of-good-length"


class Contract(http.server.BaseHTTPRequestHandler):
    """Accepts triggers of `shop`, whose run succeeds at the second look; refuses everything else."""

    def do_POST(self):
        self.server.seen.append((self.path, self.headers["Authorization"], self._body()))
        if self.path != "/v1/hooks/shop":
            field = {"field": "product_name", "detail": "is required"}
            problem = {"detail": "Bad body", "error_code": "trigger.missing_field", "errors": [field]}
            return self._answer(422, problem)
        run = {"job_id": "run_1", "links": {"self": "/v1/runs/run_1"}}
        return self._answer(202, run)

    def do_GET(self):
        if self.path.startswith("/v1/workflows/"):
            fields = [{"name": "product_name", "type": "string"}, {"name": "count", "type": "integer"}]
            self._answer(200, {"fields": fields})
            return
        self.server.looks += 1
        done = self.server.looks > 1
        outputs = [{"asset_url": "http://assets/1.webp"}] if done else []
        state = self.server.final if done else "running"
        self._answer(200, {"status": state, "outputs": outputs, "progress": {"label": "Prompt"}})

    def _body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Contract) as made:
        made.seen, made.looks, made.final = [], 0, "succeeded"
        made.url = f"http://127.0.0.1:{made.server_port}"
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_trigger_sends_the_fields_and_prints_the_job(server, capsys):
    """`--set name=value` makes the body; numbers and true are JSON unless the workflow wants text there, and
    what JSON does not know is text."""
    given = ["product_name=Copper kettle", "count=2", "new=true", "odd=NaN", "deep=" + "[" * 9000]
    assert trigger("shop", given, wait=False, key=f" {KEY}\n", url=server.url) == 0
    assert capsys.readouterr().out == "run_1\n"
    body = {"product_name": "Copper kettle", "count": 2, "new": True, "odd": "NaN", "deep": "[" * 9000}
    assert server.seen == [("/v1/hooks/shop", f"Bearer {KEY}", body)]
    assert trigger("shop", ["product_name=7", "external_id=1001"], wait=False, key=KEY, url=server.url) == 0
    assert server.seen[-1][2] == {"product_name": "7", "external_id": "1001"}


def test_a_slug_is_one_part_of_the_address(server):
    """What was typed never leads to another address of the API."""
    with pytest.raises(RefusedError):
        trigger("../workflows", [], wait=False, key=KEY, url=server.url)
    assert server.seen[-1][0] == "/v1/hooks/..%2Fworkflows"


@pytest.mark.parametrize(("final", "code"), [("succeeded", 0), ("failed", 1), ("cancelled", 1)])
def test_wait_follows_the_run_to_its_end(server, capsys, final, code):
    """With `--wait` the exit code tells how the run ended."""
    server.final = final
    assert trigger("shop", [], wait=True, key=KEY, url=server.url) == code
    printed = capsys.readouterr()
    assert printed.out == "run_1\nhttp://assets/1.webp\n"
    assert printed.err.splitlines()[0] == "running · Prompt"


def test_a_refusal_shows_every_wrong_field(server):
    """What the server says about the body reaches the person who typed it."""
    with pytest.raises(RefusedError, match="product_name: is required") as caught:
        trigger("other", [], wait=False, key=KEY, url=server.url)
    assert caught.value.status == 422
    assert caught.value.exit_code == 1


def test_bad_arguments_and_a_missing_server_are_one_line_each(unused_port):
    """Each says what to do about it."""
    with pytest.raises(BadFieldError, match="write name=value"):
        trigger("shop", ["product_name"], wait=False, key=KEY, url="")
    with pytest.raises(KeyUnusableError, match="SAKUGA_API_KEY"):
        trigger("shop", [], wait=False, key="ein Schlüssel", url="")
    with pytest.raises(BadAddressError, match="http://"):
        trigger("shop", [], wait=False, key=KEY, url="nonsense")
    with pytest.raises(KeyMissingError, match="SAKUGA_API_KEY"):
        trigger("shop", [], wait=False, key="", url="")
    with pytest.raises(UnreachableError, match="sakuga up"):
        trigger("shop", [], wait=False, key=KEY, url=f"http://127.0.0.1:{unused_port}")


def test_load_sends_exactly_the_count_and_tells_how_it_went(server, capsys):
    """Every trigger is counted once, by its answer; anything but 202 makes the exit code 1."""
    assert load("shop", ["a=1"], count=20, rate=500, key=KEY, url=server.url) == 0
    assert len(server.seen) == 20
    text = capsys.readouterr().out
    assert "answered 202    20" in text
    assert "p99" in text
    assert load("other", [], count=2, rate=500, key=KEY, url=server.url) == 1
