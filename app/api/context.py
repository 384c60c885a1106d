"""What every request carries through: its id and its trace."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.store.ids import new_id

_REQUEST_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TRACE_PARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_NO_TRACE = b"0" * 32

RawHeaders = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its id (the caller's X-Request-Id if usable) and trace (W3C traceparent's, S123)."""

    request_id: str
    trace_id: str
    public_url: str


def call_of(headers: RawHeaders, public_url: str) -> Call:
    request_id = trace_id = None
    for name, value in headers:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            request_id = value.decode()
        elif name == b"traceparent":
            match = _TRACE_PARENT.fullmatch(value)
            if match and match[1] != _NO_TRACE:
                trace_id = match[1].decode()
    return Call(request_id or new_id("req"), trace_id or os.urandom(16).hex(), public_url)


def call_in(scope: Any) -> Call:
    """The call that the front door put into an ASGI scope."""
    call: Call = scope["state"]["call"]
    return call
