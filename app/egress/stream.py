"""One connected socket, straight on an asyncio transport.

Writes are held back until the first read, so that head and body leave in one packet; unread input
is bounded by pausing the transport.
"""

import asyncio
import errno
import os
import select
import socket
import ssl
from collections.abc import Sequence
from typing import cast

from app.egress.addresses import IPAddress
from app.egress.errors import ConnectFailedError, ConnectionLostError, EgressError, TlsFailedError

MAX_UNREAD = 64 * 1024
MAX_ADDRESSES = 4
ADDRESS_PATIENCE = 5.0


class Stream(asyncio.Protocol):
    """A connected socket; `sent` turns true once request bytes were handed to the system."""

    def __init__(self, host: str) -> None:
        self.sent = False
        self._host = host
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._unread = bytearray()
        self._paused = False
        self._ended = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if len(self._unread) > MAX_UNREAD and not self._paused and self._transport:
            self._transport.pause_reading()
            self._paused = True
        self._wake()

    def eof_received(self) -> None:
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = exc
        self._wake()

    async def read(self, max_bytes: int) -> bytes:
        """What has come, at least one byte unless the peer has ended; sends what was written before."""
        self._flush()
        if self._unread:
            await asyncio.sleep(0)  # a peer that always has more must not hold the event loop
        while not self._unread and not self._ended:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        data = bytes(self._unread[:max_bytes])
        del self._unread[:max_bytes]
        if not data and self._error is not None:
            raise self._failure(self._error)
        if self._paused and self._transport and not self._ended:
            self._transport.resume_reading()
            self._paused = False
        return data

    def write(self, buffer: bytes) -> None:
        """Keep bytes for the next read."""
        self._unsent.append(buffer)

    def abort(self) -> None:
        """Drop the connection at once: a peer that reads nothing must not keep the socket alive."""
        if self._transport is not None:
            self._transport.abort()

    async def secure(self, context: ssl.SSLContext) -> None:
        """Start TLS and verify the peer against the name, never the address."""
        loop = asyncio.get_running_loop()
        transport = self._transport
        if transport is None or self._ended or transport.is_closing():  # start_tls would wait for ever
            self.abort()
            raise TlsFailedError(self._host, "the peer closed the connection")
        try:
            self._transport = await loop.start_tls(transport, self, context, server_hostname=self._host)
        except OSError as error:
            transport.abort()
            raise TlsFailedError(self._host, tls_reason(error)) from None
        except BaseException:
            transport.abort()
            raise

    @property
    def readable(self) -> bool:
        """Whether there is anything to read, the end included: such an idle connection is of no more use."""
        return self._ended or bool(self._unread) or self._arrived()

    def _arrived(self) -> bool:
        # what the system has and the event loop has not looked at yet, such as the peer's goodbye
        transport = self._transport
        if transport is None or transport.is_closing():
            return True
        poll = select.poll()
        poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def _flush(self) -> None:
        if self._unsent and self._transport:
            self.sent = True
            self._transport.write(b"".join(self._unsent))
            self._unsent.clear()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def _failure(self, error: Exception) -> EgressError:
        if isinstance(error, ssl.SSLError):
            return TlsFailedError(self._host, tls_reason(error), sent=self.sent)
        return ConnectionLostError(self._host, os_reason(error), sent=self.sent)


async def connect(host: str, addresses: Sequence[IPAddress], port: int) -> Stream:
    """Connect to the first of the checked addresses that answers; no name is looked up here.

    Raises ConnectFailedError with the last address's reason.
    """
    reason = "no address"
    for address in addresses[:MAX_ADDRESSES]:
        try:
            async with asyncio.timeout(ADDRESS_PATIENCE):
                return await _open(host, address, port)
        except OSError as error:
            reason = os_reason(error)
    raise ConnectFailedError(host, reason)


async def _open(host: str, address: IPAddress, port: int) -> Stream:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    _, stream = await loop.create_connection(lambda: Stream(host), str(address), port, family=family)
    return stream


def os_reason(error: Exception) -> str:
    """The system's words for a failed call, without the address that asyncio puts into its own."""
    if isinstance(error, TimeoutError):
        return os.strerror(errno.ETIMEDOUT)
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if number else "connection failed"


def tls_reason(error: Exception) -> str:
    """OpenSSL's words for a failed handshake."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    return "the handshake broke off"
