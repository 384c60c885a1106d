"""A receiver that keeps a ledger of every callback and fails as often as told."""

import contextlib
import hashlib
import json
import random
import socket
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

FAILURES = (500, 503, 404, "close")
# by path, and for a run's first callback only: refuse it, or answer it after so many seconds
_REFUSED_ONCE = "once-500"
_SLOW = {"slow": 1.5, "very-slow": 7.0}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One callback as it came in; `answered` is the status it got, 0 when the line was cut."""

    at: float
    message_id: str
    job_id: str
    outcome: str
    digest: str
    verified: bool
    answered: int


class Ledger:
    """Listens on a loopback port of its own.

    Args:
        secret: The caller's signing secret; verdicts come from the reference library.
        failing: Share of callbacks that are refused or cut off.
        seed: Of the choice which.
        host: The address it listens on.
    """

    def __init__(self, secret: str, failing: float, seed: int, host: str = "127.0.0.1") -> None:
        self.receipts: list[Receipt] = []
        self._webhook = Webhook(secret)
        self._failing = failing
        self._random = random.Random(seed)
        ledger = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                ledger._answer(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    @property
    def address(self) -> str:
        return f"{self._server.server_address[0]!s}:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        failing = self._random.random() < self._failing
        answer = self._random.choice(FAILURES) if failing else 204
        status, pause = self._by_path(handler.path, body, answer if isinstance(answer, int) else 0)
        # on the books before the answer: whoever hears 204 may look it up at once
        self.receipts.append(self._receipt(headers, body, status))
        if not status:
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        time.sleep(pause)
        with contextlib.suppress(OSError):
            handler.send_response(status)
            handler.send_header("content-length", "0")
            handler.end_headers()

    def _by_path(self, path: str, body: bytes, status: int) -> tuple[int, float]:
        how, job_id = path[1:], json.loads(body)["job_id"]
        if any(receipt.job_id == job_id for receipt in list(self.receipts)):
            return status, 0
        return 500 if how == _REFUSED_ONCE else status, _SLOW.get(how, 0)

    def _receipt(self, headers: dict[str, str], body: bytes, status: int) -> Receipt:
        told = json.loads(body)
        return Receipt(
            time.time(),
            headers.get("webhook-id", ""),
            told["job_id"],
            told["status"],
            hashlib.sha256(body).hexdigest(),
            self._is_signed(headers, body),
            status,
        )

    def _is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        try:
            self._webhook.verify(body, headers)
        except Exception:  # noqa: BLE001 - the reference raises many kinds
            return False
        return True
