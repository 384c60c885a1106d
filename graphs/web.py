"""What a node may ask of the web, and what it gets back; the address policy lies behind it (S2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

WebFault = Literal["refused", "unsendable", "unreachable", "timeout", "broken", "too_large"]


@dataclass(frozen=True, slots=True)
class SecretHeader:
    """A header whose value ends in a secret of the organisation; ``field`` is the setting that names it."""

    header: str
    before: str
    name: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class WebRequest:
    """One request; ``deadline`` in seconds for all of it, ``max_bytes`` of the answer are kept.

    ``secrets`` are looked up where it is sent, and nowhere before.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)
    deadline: float
    max_bytes: int
    secrets: tuple[SecretHeader, ...] = ()


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What came back: header names in lower case; ``retry_after`` in seconds, None when it is not said."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool
    retry_after: float | None = None


class WebError(Exception):
    """A request that ended without an answer; the text is free of secrets and resolved addresses.

    Args:
        fault: ``refused`` by the address policy, ``unsendable`` as HTTP, or lost on the way.
        sent: Whether it may have left this machine: then its outcome is unknown.
    """

    def __init__(self, fault: WebFault, words: str, *, sent: bool) -> None:
        super().__init__(words)
        self.fault: WebFault = fault
        self.words = words
        self.sent = sent


class Web(Protocol):
    """The only way out for a node; redirects are never followed."""

    async def request(self, request: WebRequest) -> WebAnswer:
        """Send a request; any status is an answer. Raises WebError when none came."""
        ...
