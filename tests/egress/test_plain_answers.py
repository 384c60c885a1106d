"""Plain answers are read at once; what they say, and what is refused, is as h11 has it."""

from typing import Any

import pytest

from app.egress.connection import Connection
from app.egress.errors import ConnectionLostError
from app.egress.policy import EgressPolicy
from app.egress.wire import Reply, opening, request

pytestmark = pytest.mark.anyio
URL = EgressPolicy.of(["127.0.0.1"]).check_url("http://127.0.0.1/hook")
OK = b"HTTP/1.1 200 OK\r\n"

ANSWERS = [
    OK + b"content-length: 0\r\n\r\n",
    OK + b"Content-Length: 5\r\nX-A:  1 \r\nx-a: 2\r\n\r\nhello",
    OK + b"content-length: 5\r\nconnection: Keep-Alive\r\n\r\nhello",
    OK + b"content-length: 5\r\nconnection: close\r\n\r\nhello",
    OK + b"content-length: 5\r\n\r\nhello and more",
    OK + b"content-length: 5, 5\r\n\r\nhello",
    OK + b"content-length: 5\r\ncontent-length: 5\r\n\r\nhello",
    OK + b"content-length: 5\r\ncontent-length: 6\r\n\r\nhello!",
    OK + b"content-length: +5\r\n\r\nhello",
    OK + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    OK + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    OK + b"content-length: 9\r\n\r\nhello",
    OK + b"\r\nhello",
    OK + b"x-a: 1\r\n folded\r\ncontent-length: 0\r\n\r\n",
    OK + b"x-a : 1\r\ncontent-length: 0\r\n\r\n",
    OK + b": 1\r\ncontent-length: 0\r\n\r\n",
    OK + b"x-a: a\x0cb\r\ncontent-length: 0\r\n\r\n",
    OK + b"x-a: a\x00b\r\ncontent-length: 0\r\n\r\n",
    OK + b"x-a: a\nb: c\r\ncontent-length: 0\r\n\r\n",
    OK + b"x-a: \xc3\xa9\r\ncontent-length: 0\r\n\r\n",
    OK + b"x-a: \xe9\r\ncontent-length: 0\r\n\r\n",
    OK + b"x-a:\r\ncontent-length:0\r\n\r\n",
    b"HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n",
    b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\ncontent-length: 2\r\n\r\nok",
    b"HTTP/1.1 103 Early\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
]


class Pieces:
    """A socket whose peer sends these pieces and ends."""

    def __init__(self, *pieces: bytes) -> None:
        self._left = list(pieces)
        self.sent = False
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    async def read(self, max_bytes: int) -> bytes:
        self.sent = True
        return self._left.pop(0) if self._left else b""


async def heard(method: str, *pieces: bytes) -> tuple[Reply | None, bytes]:
    """What an exchange comes to, None for a broken one, and what was sent."""
    wire: Any = Pieces(*pieces)
    asked = request(method, URL, opening(method, URL), {"x-own": "1"}, b"{}")
    try:
        return await Connection("127.0.0.1", wire).exchange(asked, 64), wire.written
    except ConnectionLostError:
        return None, wire.written


@pytest.mark.parametrize("method", ["POST", "HEAD"])
@pytest.mark.parametrize("answer", ANSWERS)
async def test_one_piece_says_what_two_say(answer: bytes, method: str) -> None:
    """Status, headers, body and whether the connection is kept do not depend on how the bytes come."""
    whole, sent = await heard(method, answer)
    assert (whole, sent) == await heard(method, answer[:1], answer[1:])


async def test_headers_of_one_name_in_two_spellings_are_both_sent() -> None:
    """Names are sent as they were given, none in place of another."""
    asked = request("GET", URL, opening("GET", URL), {"X-A": "1", "x-a": "2"}, None)
    assert asked.head.endswith(b"user-agent: Sakuga\r\nX-A: 1\r\nx-a: 2\r\n\r\n")
