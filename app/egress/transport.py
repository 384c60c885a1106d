"""An httpx transport whose every connection goes to an address the policy has checked."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import certifi
import httpx

from app.egress.connection import Connection
from app.egress.errors import DnsFailedError
from app.egress.policy import CheckedUrl, EgressPolicy
from app.egress.resolve import Resolver
from app.egress.stream import connect

MAX_IDLE = 64

Place = tuple[str, str, int]


class Exchange:
    """The progress of one request: its checked URL and, once there is one, its connection."""

    __slots__ = ("connection", "url")

    def __init__(self, url: CheckedUrl) -> None:
        self.url = url
        self.connection: Connection | None = None

    @property
    def sent(self) -> bool:
        return self.connection is not None and self.connection.wire.sent


class CheckedTransport(httpx.AsyncBaseTransport):
    """Sends one httpx request over an idle or a new connection; belongs to one event loop.

    httpx's own looks at every idle connection for every request; this one looks at one.
    """

    def __init__(self, policy: EgressPolicy, resolver: Resolver, tls: ssl.SSLContext | None) -> None:
        self._policy = policy
        self._resolver = resolver
        self._tls = tls
        self._idle: dict[Place, list[Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = request.extensions.get("exchange") or Exchange(self._policy.check_url(str(request.url)))
        url: CheckedUrl = exchange.url
        place = (url.scheme, url.host, url.port)
        connection = self._take(place) or await self._open(url)
        exchange.connection = connection
        try:
            answer = await connection.send(request, url.target.encode())
        except BaseException:
            connection.wire.abort()
            raise
        body = _Body(self, place, connection)
        return httpx.Response(answer.status_code, headers=answer.headers.raw_items(), stream=body)

    async def aclose(self) -> None:
        """Close the idle connections."""
        idle, self._idle = self._idle, {}
        for connections in idle.values():
            for connection in connections:
                connection.wire.abort()

    def give(self, place: Place, connection: Connection) -> None:
        """Take a connection back after its exchange, to keep or to close."""
        kept = sum(map(len, self._idle.values()))
        if connection.rest() and kept < MAX_IDLE:
            self._idle.setdefault(place, []).append(connection)
        else:
            connection.wire.abort()

    def _take(self, place: Place) -> Connection | None:
        connections = self._idle.get(place)
        while connections:
            connection = connections.pop()
            if not connection.has_expired():
                return connection
            connection.wire.abort()
        return None

    async def _open(self, url: CheckedUrl) -> Connection:
        self._sweep()
        addresses = self._policy.check_addresses(url, await self._look_up(url))
        context = await self._context() if url.scheme == "https" else None
        stream = await connect(url.host, addresses, url.port)
        if context is not None:
            await stream.secure(context)
        return Connection(url.host, stream)

    async def _look_up(self, url: CheckedUrl) -> list[str]:
        if url.address is not None:
            return [url.host]
        try:
            answers = list(await self._resolver(url.host))
        except OSError:
            answers = []
        if not answers:
            raise DnsFailedError(url.host)
        return answers

    def _sweep(self) -> None:
        for place, connections in list(self._idle.items()):
            expired = [connection for connection in connections if connection.has_expired()]
            for connection in expired:
                connection.wire.abort()
                connections.remove(connection)
            if not connections:
                del self._idle[place]

    async def _context(self) -> ssl.SSLContext:
        if self._tls is None:  # reading the certificates takes a while, so only where https is used
            self._tls = await asyncio.to_thread(default_tls)
        return self._tls


class _Body(httpx.AsyncByteStream):
    def __init__(self, transport: CheckedTransport, place: Place, connection: Connection) -> None:
        self._transport = transport
        self._place = place
        self._connection = connection

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._connection.body()

    async def aclose(self) -> None:
        self._transport.give(self._place, self._connection)


def default_tls() -> ssl.SSLContext:
    """Verify against the system's certificates (an in-house authority may be among them) and certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
