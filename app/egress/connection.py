"""HTTP/1.1 over one connection, one exchange at a time: h11 knows the protocol, this moves the bytes."""

import re
import time
from collections.abc import AsyncIterator

import h11
import httpx

from app.egress.errors import AnswerTooLargeError, ConnectionLostError, UnsendableError
from app.egress.stream import Stream

_QUOTED = re.compile(r"[ :(]*(?:bytearray\()?b['\"]")
# Below the 5 s after which common servers close an idle connection under our hands.
IDLE_SECONDS = 4.0
MAX_HEAD = 64 * 1024
_BITE = 16 * 1024
_HEAD_TOO_LARGE = 431


class Connection:
    """A connected socket and how far its exchange is."""

    def __init__(self, host: str, wire: Stream) -> None:
        self.wire = wire
        self._host = host
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        self._expires_at = 0.0

    async def send(self, request: httpx.Request, target: bytes) -> h11.Response:
        """Write a request with its body and read the head of the answer.

        Raises UnsendableError before anything was written, ConnectionLostError or AnswerTooLargeError after.
        """
        self.wire.sent = False
        try:
            head = h11.Request(method=request.method, target=target, headers=request.headers.raw)
            parts = [self._http.send(head)]
        except h11.LocalProtocolError as error:
            # it quotes what is wrong: a header, perhaps with a key
            raise UnsendableError(_QUOTED.split(str(error))[0]) from None
        assert isinstance(request.stream, httpx.AsyncByteStream)
        parts += [self._http.send(h11.Data(data=chunk)) async for chunk in request.stream]
        parts.append(self._http.send(h11.EndOfMessage()))
        self.wire.write(b"".join(part for part in parts if part))
        while not isinstance(event := await self._next(), h11.Response):
            pass
        return event

    async def body(self) -> AsyncIterator[bytes]:
        """The bytes of the answer's body as they come."""
        while isinstance(event := await self._next(), h11.Data):
            yield bytes(event.data)

    def rest(self) -> bool:
        """End the exchange; whether the connection can take another one."""
        # bytes after the end of an answer would be taken for the answer to the next request
        done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        if not done or self._http.trailing_data[0]:
            return False
        self._http.start_next_cycle()
        self._expires_at = time.monotonic() + IDLE_SECONDS
        return True

    def has_expired(self) -> bool:
        """Whether it was idle for too long, or its peer closed it or sent what nobody asked for."""
        return self.wire.readable or time.monotonic() > self._expires_at

    async def _next(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                if error.error_status_hint == _HEAD_TOO_LARGE:
                    raise AnswerTooLargeError(self._host, MAX_HEAD) from None
                raise self._lost(str(error)) from None
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]
            data = await self.wire.read(_BITE)
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise self._lost("Server disconnected without sending a response.")
            self._http.receive_data(data)

    def _lost(self, reason: str) -> ConnectionLostError:
        return ConnectionLostError(self._host, reason, sent=self.wire.sent)
