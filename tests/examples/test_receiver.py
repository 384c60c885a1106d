"""The example receiver, asked over real HTTP and with signatures of an independent implementation."""

import http.client
import json
import runpy
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

PATH = Path(__file__).parents[2] / "examples" / "receiver.py"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "A" * 32
BODY = '{"event": "job.completed", "caption": "Crème"}'


@pytest.fixture
def port():
    server = runpy.run_path(str(PATH))["server"](0, SECRET)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def signature(body=BODY, name="msg_1", secret=SECRET, age=timedelta()):
    stamp = datetime.now(UTC) - age
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(stamp.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, stamp, body),
    }


def post(port, headers, body=BODY):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/", body.encode(), headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_good_signature_is_answered_204_and_printed(port, capsys):
    """A signed callback is accepted and its body shown."""
    assert post(port, signature()) == 204
    assert json.loads(capsys.readouterr().out) == json.loads(BODY)


def test_a_repeated_callback_counts_once(port, capsys):
    """The same webhook-id again is answered 204, yet acted on once."""
    assert [post(port, signature()), post(port, signature())] == [204, 204]
    assert capsys.readouterr().out.count("job.completed") == 1


def test_one_of_two_signatures_is_enough(port):
    """While a secret rotates, the old signature may stand beside the new one."""
    both = signature()
    both["webhook-signature"] = f"{signature(secret=OTHER)['webhook-signature']} {both['webhook-signature']}"
    assert post(port, both) == 204


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signature(secret=OTHER),
        signature(body=BODY + " "),
        signature(age=timedelta(hours=2)),
        signature(age=-timedelta(hours=2)),
        signature() | {"webhook-id": "msg_2"},
        signature() | {"webhook-timestamp": "soon"},
        signature() | {"webhook-timestamp": "9" * 400},
        signature() | {"webhook-signature": "v1,"},
        signature() | {"webhook-signature": "v1,\xe9"},
    ],
)
def test_anything_else_is_answered_401(port, capsys, headers):
    """A missing, foreign, stale or altered signature is refused, and nothing is shown."""
    assert post(port, headers) == 401
    assert capsys.readouterr().out == ""


def test_a_huge_body_is_refused_unread(port):
    """A claimed length beyond the bound is answered at once."""
    started = time.monotonic()
    assert post(port, {"Content-Length": str(10**12)}, "") == 413
    assert time.monotonic() - started < 5
