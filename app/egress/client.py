"""The one door out: a request under the address policy, a total deadline and a byte cap.

Sources: contract §5 (3xx is never followed), reliability goals S2 and R16.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Self

from app.egress import wire
from app.egress.errors import TimedOutError
from app.egress.policy import CheckedUrl, EgressPolicy
from app.egress.resolve import Resolver, SystemResolver
from app.egress.transport import CheckedTransport, Exchange


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
        self._prepared = lru_cache(maxsize=1024)(partial(_prepared, policy))
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
        checked, begin = self._prepared(method, url)
        exchange = Exchange(checked)
        request = wire.request(method, checked, begin, headers, content)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(deadline):
                reply = await self._transport.send(exchange, request, max_bytes)
        except TimeoutError:
            raise TimedOutError(checked.host, deadline, sent=exchange.sent) from None
        return Answer(
            status=reply.status,
            headers=reply.headers,
            body=reply.body[:max_bytes],
            truncated=len(reply.body) > max_bytes,
            elapsed=time.perf_counter() - started,
        )

    async def aclose(self) -> None:
        """Close idle connections; requests under way end by themselves."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()


def _prepared(policy: EgressPolicy, method: str, url: str) -> tuple[CheckedUrl, str]:
    checked = policy.check_url(url)
    return checked, wire.opening(method, checked)
