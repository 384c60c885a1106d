"""The one door out: a request under the address policy, a total deadline and a byte cap.

Sources: contract §5 (3xx is never followed), reliability goals S2 and R16.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import httpx

from app.egress.errors import TimedOutError, UnsendableError
from app.egress.policy import CheckedUrl, EgressPolicy
from app.egress.resolve import Resolver, SystemResolver
from app.egress.transport import CheckedTransport, Exchange

USER_AGENT = b"Sakuga"

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names in lower case, `body` cut to the cap, `elapsed` in seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool
    elapsed: float


class Egress:
    """Sends requests to places the policy allows; one per event loop, shared by its tasks.

    No redirects, proxies, cookies or content codings, and nothing is read from the environment.
    """

    def __init__(
        self,
        policy: EgressPolicy,
        *,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        # Judging and parsing a URL costs more than the rest of building a request, and URLs repeat.
        self._target = lru_cache(maxsize=1024)(lambda url: _target(policy, url))
        self._transport = CheckedTransport(policy, resolver or SystemResolver(), tls)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
        deadline: float,
        max_bytes: int,
    ) -> Answer:
        """Send one request and read its answer, in at most `deadline` seconds altogether.

        Any status is an answer, 3xx too. At most `max_bytes` of the body are kept. Everything else
        raises an EgressError, whose `sent` says whether the request may have left.
        """
        checked, target = self._target(url)
        exchange = Exchange(checked)
        request = _build(method, target, exchange, headers, content)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(deadline):
                response = await self._transport.handle_async_request(request)
                body = await _read(response, max_bytes)
        except TimeoutError:
            raise TimedOutError(exchange.url.host, deadline, sent=exchange.sent) from None
        return Answer(
            status=response.status_code,
            headers=dict(response.headers),
            body=bytes(body[:max_bytes]),
            truncated=len(body) > max_bytes,
            elapsed=time.perf_counter() - started,
        )

    async def aclose(self) -> None:
        """Close idle connections; requests under way end by themselves."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()


def _target(policy: EgressPolicy, url: str) -> tuple[CheckedUrl, httpx.URL]:
    checked = policy.check_url(url)
    return checked, httpx.URL(f"{checked.scheme}://{checked.netloc}{checked.target}")


def _build(
    method: str, target: httpx.URL, exchange: Exchange, headers: Mapping[str, str], content: bytes | None
) -> httpx.Request:
    raw = [(b"host", exchange.url.netloc.encode()), (b"accept-encoding", b"identity")]
    names = {name.lower() for name in headers}
    if "user-agent" not in names:
        raw.append((b"user-agent", USER_AGENT))
    if content is not None or method in _WITH_BODY:
        raw.append((b"content-length", b"%d" % len(content or b"")))
    try:
        raw += [
            (name.encode("ascii"), value.encode("ascii"))
            for name, value in headers.items()
            if name.lower() not in _OWN_HEADERS
        ]
    except UnicodeEncodeError:
        raise UnsendableError("header names and values must be ASCII") from None
    return httpx.Request(
        method,
        target,
        headers=raw,
        stream=httpx.ByteStream(content or b""),
        extensions={"exchange": exchange},
    )


async def _read(response: httpx.Response, max_bytes: int) -> bytearray:
    body = bytearray()
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    try:
        async for chunk in stream:
            body += chunk
            if len(body) > max_bytes:
                break
    finally:
        await stream.aclose()
    return body
