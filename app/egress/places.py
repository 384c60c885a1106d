"""Hosts that something is meant for: a key that goes along with a request must not go anywhere else."""

import re
from collections.abc import Collection

from app.egress.errors import UrlRefusedError
from app.egress.hosts import read_host
from app.egress.policy import CheckedUrl

_PLACE = re.compile(r"(\[[^\]]*\]|[^:\[\]]+)(?::([1-9][0-9]{0,4}))?", re.DOTALL)
_HTTPS, _LAST = 443, 65535


def read_place(text: str) -> str:
    """The one spelling of ``host`` or ``host:port``; IPv6 stands in brackets, and port 443 goes unsaid.

    Raises ValueError saying what would be right.
    """
    parts = _PLACE.fullmatch(text.strip())
    found = _spelling(parts[1], int(parts[2] or _HTTPS)) if parts else None
    if found is None:
        raise ValueError("must be host or host:port, such as api.example.com")
    return found


def meant_for(places: Collection[str], url: CheckedUrl) -> bool:
    """Whether a request goes to one of these places; without TLS only where the place names the port."""
    if url.scheme != "https" and url.port == _HTTPS:
        return False
    return _spelled(url.host, url.port) in places


def _spelling(host: str, port: int) -> str | None:
    try:
        return _spelled(read_host(host)[0], port) if port <= _LAST else None
    except UrlRefusedError:
        return None


def _spelled(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port == _HTTPS else f"{shown}:{port}"
