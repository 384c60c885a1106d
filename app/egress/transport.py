"""Connections by place, kept while idle; each goes to an address that the policy has checked."""

import asyncio
import ssl

import certifi

from app.egress.connection import Connection
from app.egress.errors import DnsFailedError
from app.egress.policy import CheckedUrl, EgressPolicy
from app.egress.resolve import Resolver
from app.egress.stream import connect
from app.egress.wire import Reply, Request

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


class CheckedTransport:
    """Sends one request over an idle or a new connection; belongs to one event loop."""

    def __init__(self, policy: EgressPolicy, resolver: Resolver, tls: ssl.SSLContext | None) -> None:
        self._policy = policy
        self._resolver = resolver
        self._tls = tls
        self._idle: dict[Place, list[Connection]] = {}

    async def send(self, exchange: Exchange, request: Request, max_bytes: int) -> Reply:
        """The answer to a request, whose body is read until it is longer than `max_bytes`."""
        url = exchange.url
        place = (url.scheme, url.host, url.port)
        connection = self._take(place) or await self._open(url)
        exchange.connection = connection
        try:
            reply = await connection.exchange(request, max_bytes)
        except BaseException:
            connection.wire.abort()
            raise
        if reply.kept:
            self._give(place, connection)
        else:
            connection.wire.abort()
        return reply

    async def aclose(self) -> None:
        """Close the idle connections."""
        idle, self._idle = self._idle, {}
        for connections in idle.values():
            for connection in connections:
                connection.wire.abort()

    def _give(self, place: Place, connection: Connection) -> None:
        if sum(map(len, self._idle.values())) < MAX_IDLE:
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


def default_tls() -> ssl.SSLContext:
    """Verify against the system's certificates (an in-house authority may be among them) and certifi's."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
