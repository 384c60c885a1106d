"""One real server for all the tests here, and clients that were slow from its first moment on."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.support.site import KEY, Mailbox, Site, free_port, plain_graph

_HEAD = (
    "POST /v1/hooks/plain HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    f"Authorization: Bearer {KEY}\r\n"
)
# what a slow client sends at once, and what again and again
SLOW = {
    "silence": (b"", b""),
    "a head that never ends": (b"GET /v1/runs HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n"),
    "a body that never begins": (f"{_HEAD}Content-Length: 5\r\n\r\n".encode(), b""),
    "chunks without end": (f"{_HEAD}Transfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\n \r\n"),
}


@dataclass
class Slow:
    """A client that takes its time; `answer` is all it got until the server hung up."""

    port: int
    first: bytes
    more: bytes
    answer: bytes = b""
    seconds: float = 0.0
    thread: threading.Thread = field(init=False)

    def start(self) -> None:
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.settimeout(1)
            connection.sendall(self.first)
            while time.monotonic() - began < 50:
                try:
                    part = connection.recv(65536)
                except TimeoutError:
                    connection.sendall(self.more)
                    continue
                except OSError:
                    break
                self.answer += part
                if not part:
                    break
        self.seconds = time.monotonic() - began


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`sakuga up` on the embedded defaults, with the workflow that most tests trigger."""
    with Mailbox() as mailbox:
        found = Site(tmp_path_factory.mktemp("site"), mailbox, free_port())
        try:
            found.start()
            found.workflow("plain", plain_graph())
            yield found
        finally:
            found.stop()


@pytest.fixture(scope="session", autouse=True)
def slow(site: Site) -> dict[str, Slow]:
    """Slow clients, begun before everything else so that nobody waits for them in the end."""
    clients = {name: Slow(site.port, *parts) for name, parts in SLOW.items()}
    for each in clients.values():
        each.start()
    return clients


@pytest.fixture(scope="session")
def done(site: Site) -> dict:
    """A run that succeeded and was delivered."""
    path = site.mailbox.path()
    job = site.job(subject="A lamp", external_id="done-1", callback_url=site.mailbox.url(path))
    return site.ended(job)
