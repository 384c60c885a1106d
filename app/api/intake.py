"""Reading a request body: JSON in UTF-8 only, and never more than the limit (contract §3)."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.api.problems import ProblemError

Receive = Callable[[], Awaitable[Any]]
Head = Mapping[bytes, bytes]

MAX_BYTES = 1024 * 1024
BODY_SECONDS = 30.0
_JSON = re.compile(rb"application/(?:[a-z0-9.+-]+\+)?json", re.IGNORECASE)
_UTF8 = {b"utf-8", b"utf8", b"us-ascii"}


class ClientGoneError(Exception):
    """The client went away before its request was whole; nobody is left to answer."""


def check_media(head: Head, area: str = "trigger") -> None:
    """Refuse what is not plain JSON in UTF-8.

    Raises:
        ProblemError: `<area>.unsupported_media_type` or `trigger.unsupported_encoding`.
    """
    kind, *parameters = head.get(b"content-type", b"").split(b";")
    if not _JSON.fullmatch(kind.strip()):
        given = kind.strip()[:80].decode("ascii", "replace") or "none"
        detail = f"the Content-Type must be application/json; this request says {given}"
        raise ProblemError(f"{area}.unsupported_media_type", detail)
    for parameter in parameters:
        name, _, value = parameter.strip().partition(b"=")
        if name.lower() == b"charset" and value.strip(b'" ').lower() not in _UTF8:
            raise ProblemError("trigger.unsupported_encoding", "the charset must be utf-8")
    if head.get(b"content-encoding", b"identity").strip().lower() not in {b"", b"identity"}:
        raise ProblemError("trigger.unsupported_encoding", "the body must be sent without Content-Encoding")


async def read_body(head: Head, receive: Receive, limit: int, area: str = "trigger") -> bytes:
    """The whole body.

    Raises:
        ProblemError: `<area>.body_too_large`, or `http.request_timeout`.
        ClientGoneError
    """
    length = head.get(b"content-length", b"")
    if length.isdigit() and (len(length) > 12 or int(length) > limit):
        raise _too_large(limit, area)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(receive, limit, area)
    except TimeoutError:
        detail = f"the body did not arrive within {BODY_SECONDS:g} seconds"
        raise ProblemError("http.request_timeout", detail, headers={"connection": "close"}) from None


async def _read(receive: Receive, limit: int, area: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit, area)
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _too_large(limit: int, area: str) -> ProblemError:
    detail = f"the body is larger than {limit} bytes"
    return ProblemError(f"{area}.body_too_large", detail, extra={"max_bytes": limit})
