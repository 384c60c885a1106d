"""A receiver of callbacks on a loopback port that answers as told."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Reply = int | tuple[int, dict[str, str]] | tuple[int, dict[str, str], bytes] | str


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


@dataclass(frozen=True)
class Got:
    """One request as it arrived."""

    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)


@dataclass
class Receiver:
    """Answers the n-th request with the n-th reply, the last one for ever.

    A reply is a status, a status with headers (and a body), "hang", "garbage" or "close".
    """

    replies: Sequence[Reply] = (204,)
    got: list[Got] = field(default_factory=list)
    _released: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver._answer(self, Got({k.lower(): v for k, v in self.headers.items()}, body))

            def log_message(self, *args: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}/callback"

    def _answer(self, handler: BaseHTTPRequestHandler, got: Got) -> None:
        self.got.append(got)
        reply = self.replies[min(len(self.got), len(self.replies)) - 1]
        if reply == "hang":
            self._released.wait(60)
            return
        if reply == "garbage":
            handler.wfile.write(b"no such protocol\r\n\r\n")
            handler.close_connection = True
            return
        if reply == "close":
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        status, headers, body = (*reply, b"")[:3] if isinstance(reply, tuple) else (reply, {}, b"")
        handler.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
