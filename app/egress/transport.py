"""An httpx transport whose every connection goes to an address the policy has checked."""

import asyncio
import ssl
from collections.abc import AsyncIterable, AsyncIterator
from typing import cast

import certifi
import httpcore
import httpx

from app.egress.errors import DnsFailedError
from app.egress.policy import CheckedUrl, EgressPolicy
from app.egress.resolve import Resolver
from app.egress.stream import Stream, connect

MAX_IDLE = 64
# Below the 5 s after which common servers close an idle connection under our hands.
IDLE_SECONDS = 4.0
MAX_HEAD = 64 * 1024

Place = tuple[str, str, int]


class Connection(httpcore.AsyncHTTP11Connection):
    """httpcore's HTTP/1.1 machine with smaller bites and a view on its socket."""

    READ_NUM_BYTES = 16 * 1024
    MAX_INCOMPLETE_EVENT_SIZE = MAX_HEAD

    def __init__(self, origin: httpcore.Origin, wire: Stream) -> None:
        super().__init__(origin, wire, keepalive_expiry=IDLE_SECONDS)
        self.wire = wire

    def is_reusable(self) -> bool:
        # Bytes after the end of an answer would be taken for the answer to the next request.
        return self.is_idle() and not self._h11_state.trailing_data[0]


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

    httpcore's own pool looks at every idle connection for every request; this one looks at one.
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
        connection.wire.sent = False
        exchange.connection = connection
        try:
            answer = await connection.handle_async_request(_to_core(request, url))
        except BaseException:
            await connection.aclose()
            raise
        body = _Body(self, place, connection, answer)
        return httpx.Response(answer.status, headers=answer.headers, stream=body)

    async def aclose(self) -> None:
        """Close the idle connections."""
        idle, self._idle = self._idle, {}
        for connections in idle.values():
            for connection in connections:
                await connection.aclose()

    async def give(self, place: Place, connection: Connection) -> None:
        """Take a connection back after its exchange, to keep or to close."""
        kept = sum(map(len, self._idle.values()))
        if connection.is_reusable() and kept < MAX_IDLE:
            self._idle.setdefault(place, []).append(connection)
        else:
            await connection.aclose()

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
        return Connection(_core_url(url).origin, stream)

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
    def __init__(
        self, transport: CheckedTransport, place: Place, connection: Connection, answer: httpcore.Response
    ) -> None:
        self._transport = transport
        self._place = place
        self._connection = connection
        self._answer = answer

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(cast("AsyncIterable[bytes]", self._answer.stream))

    async def aclose(self) -> None:
        await self._answer.aclose()
        await self._transport.give(self._place, self._connection)


def default_tls() -> ssl.SSLContext:
    """Verify against the system's certificates (an in-house authority may be among them) and certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def _core_url(url: CheckedUrl) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.scheme.encode(), host=url.host.encode(), port=url.port, target=url.target.encode()
    )


def _to_core(request: httpx.Request, url: CheckedUrl) -> httpcore.Request:
    return httpcore.Request(
        request.method, _core_url(url), headers=request.headers.raw, content=request.stream
    )
