"""HTTP/1.1 as bytes: requests as they are sent, and the answers that are plain enough to be read at once.

Most answers come whole in one piece, with a length and nothing special. Those are read here; everything else,
and everything odd, is left to h11 (see ``connection``), which knows the whole protocol.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.egress.errors import UnsendableError
from app.egress.policy import CheckedUrl

_USER_AGENT = "Sakuga"

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

# Framing is the machine's business; a caller's value would let a body be read as a second request.
_OWN_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_VALUE = re.compile(r"(?:[!-~]+(?:[ \t]+[!-~]+)*)?")
_PLAIN = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9][0-9])(?: [^\r\n\f\v\0]*)?\r\n"
    rb"((?:[-!#$%&'*+.^_`|~0-9a-zA-Z]+:[^\r\n\f\v\0]*\r\n)*)\r\n"
)
_LENGTH = re.compile(r"[0-9]{1,9}")
_NO_CONTENT, _NOT_MODIFIED = 204, 304


class Request(NamedTuple):
    """A request as it is sent; ``framing`` is what its end is known by, for whoever reads the answer."""

    method: str
    target: str
    head: bytes
    content: bytes
    framing: tuple[tuple[str, str], ...]


class Reply(NamedTuple):
    """An answer: header names in lower case, and whether the connection can take another request."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    kept: bool


def opening(method: str, url: CheckedUrl) -> str:
    """The lines that every request of this method to this URL begins with."""
    if not _TOKEN.fullmatch(method):
        raise UnsendableError("the method is not a word of HTTP")
    return f"{method} {url.target} HTTP/1.1\r\nhost: {url.netloc}\r\naccept-encoding: identity\r\n"


def request(
    method: str, url: CheckedUrl, begin: str, headers: Mapping[str, str], content: bytes | None
) -> Request:
    """A request with its framing; ``begin`` is its ``opening``.

    Raises UnsendableError for a header that would break it apart.
    """
    lines = [begin]
    theirs = [(name.lower(), name, value) for name, value in headers.items()]
    if all(lower != "user-agent" for lower, _, _ in theirs):
        lines.append(f"user-agent: {_USER_AGENT}\r\n")
    framing: tuple[tuple[str, str], ...] = (("host", url.netloc),)
    if content is not None or method in _WITH_BODY:
        length = str(len(content or b""))
        framing = (*framing, ("content-length", length))
        lines.append(f"content-length: {length}\r\n")
    for lower, name, value in theirs:
        if lower in _OWN_HEADERS:
            continue
        if not _TOKEN.fullmatch(name):
            raise UnsendableError(f"{name!r} is no name of a header")
        if not _VALUE.fullmatch(value):
            raise UnsendableError(f"the value of the header {name} must be ASCII, on one line")
        lines.append(f"{name}: {value}\r\n")
    lines.append("\r\n")
    return Request(method, url.target, "".join(lines).encode("ascii"), content or b"", framing)


def plain(method: str, data: bytes) -> Reply | None:
    """The answer, when these bytes are a whole and plain one; None leaves the judgement to h11."""
    head = _PLAIN.match(data)
    if head is None or method == "HEAD":
        return None
    status = int(head[1])
    headers = joined(line.split(b":", 1) for line in head[2].split(b"\r\n")[:-1])
    ends = headers.get("connection", "keep-alive").lower() != "keep-alive"
    if ends or "transfer-encoding" in headers or status == _NOT_MODIFIED:
        return None
    length = headers.get("content-length")
    if length is None:
        size = 0 if status == _NO_CONTENT else -1
    else:
        size = int(length) if status != _NO_CONTENT and _LENGTH.fullmatch(length) else -1
    end = head.end() + size
    if size < 0 or end > len(data):
        return None
    # bytes after the end of an answer would be taken for the answer to the next request
    return Reply(status, headers, data[head.end() : end], kept=end == len(data))


def joined(headers: Iterable[Iterable[bytes]]) -> dict[str, str]:
    """Headers by lower-case name; those that come twice are one, with commas."""
    pairs = [tuple(part.strip(b" \t") for part in pair) for pair in headers]
    decode = _decoder(b"".join(part for pair in pairs for part in pair))
    found: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode(decode).lower(), value.decode(decode)
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _decoder(data: bytes) -> str:
    if data.isascii():
        return "ascii"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"
