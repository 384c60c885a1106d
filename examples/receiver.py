"""A receiver for callbacks, standard library only: verify, print, answer 204.

    WEBHOOK_SECRET=whsec_… python examples/receiver.py --port 9000

Give http://127.0.0.1:9000/ as callback_url; the server must allow it: SAKUGA_EGRESS_ALLOW=127.0.0.1:9000.
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LARGEST_BODY = 4 * 1024 * 1024
TOLERANCE_SECONDS = 300


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a fresh Standard Webhooks signature fits: HMAC-SHA256 over "id.timestamp.body"."""
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isascii() or not stamp.isdigit() or abs(time.time() - int(stamp[:12])) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    # While a secret rotates there are two signatures; one of them must match.
    offered = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(b"v1," + expected, each.encode()) for each in offered)


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to a callback with a good signature and 401 to any other."""

    timeout = 30
    secret = ""
    seen: set[str]

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            return self._answer(413)
        body = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not is_signed(self.secret, headers, body):
            return self._answer(401)
        # A callback may arrive twice under the same id: act on the first only.
        if self.headers["webhook-id"] not in self.seen:
            self.seen.add(self.headers["webhook-id"])
            # A real receiver would store it here instead.
            print(json.dumps(json.loads(body), indent=2, ensure_ascii=False), flush=True)
        return self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def server(port: int, secret: str) -> ThreadingHTTPServer:
    """A receiver on the loopback address; port 0 takes a free one."""
    bound = type("Bound", (Receiver,), {"secret": secret, "seen": set()})
    return ThreadingHTTPServer(("127.0.0.1", port), bound)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Verify callbacks and print them.")
    parser.add_argument("--port", type=int, default=9000)
    port, secret = parser.parse_args().port, os.environ.get("WEBHOOK_SECRET", "")
    if not secret.startswith("whsec_"):
        sys.exit("WEBHOOK_SECRET is not set; it is the caller's signing secret and begins with whsec_")
    with server(port, secret) as receiver, contextlib.suppress(KeyboardInterrupt):
        receiver.serve_forever()
