"""HTTP/1.1 over one connection, one exchange at a time: this moves the bytes, h11 reads what is not plain."""

import time

import h11

from app.egress.errors import AnswerTooLargeError, ConnectionLostError
from app.egress.stream import Stream
from app.egress.wire import Reply, Request, joined, plain

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
        self._expires_at = 0.0

    async def exchange(self, request: Request, max_bytes: int) -> Reply:
        """Send a request and read its answer; reading stops beyond `max_bytes` of the body.

        Raises ConnectionLostError or AnswerTooLargeError.
        """
        self.wire.sent = False
        self.wire.write(request.head + request.content)
        data = await self.wire.read(_BITE)
        reply = plain(request.method, data) or await self._read(_told(request), data, max_bytes)
        self._expires_at = time.monotonic() + IDLE_SECONDS
        return reply

    def has_expired(self) -> bool:
        """Whether it was idle for too long, or its peer closed it or sent what nobody asked for."""
        return self.wire.readable or time.monotonic() > self._expires_at

    async def _read(self, http: h11.Connection, data: bytes, max_bytes: int) -> Reply:
        self._feed(http, data)
        while not isinstance(answer := await self._next(http), h11.Response):
            pass
        body = bytearray()
        while len(body) <= max_bytes and isinstance(part := await self._next(http), h11.Data):
            body += part.data
        ended = http.our_state is h11.DONE and http.their_state is h11.DONE
        # bytes after the end of an answer would be taken for the answer to the next request
        kept = ended and not http.trailing_data[0]
        return Reply(answer.status_code, joined(answer.headers), bytes(body), kept)

    async def _next(self, http: h11.Connection) -> h11.Event | type[h11.PAUSED]:
        while True:
            try:
                event = http.next_event()
            except h11.RemoteProtocolError as error:
                if error.error_status_hint == _HEAD_TOO_LARGE:
                    raise AnswerTooLargeError(self._host, MAX_HEAD) from None
                raise self._lost(str(error)) from None
            if event is not h11.NEED_DATA:
                return event  # type: ignore[return-value]
            self._feed(http, await self.wire.read(_BITE))

    def _feed(self, http: h11.Connection, data: bytes) -> None:
        if not data and http.their_state is h11.SEND_RESPONSE:
            raise self._lost("Server disconnected without sending a response.")
        http.receive_data(data)

    def _lost(self, reason: str) -> ConnectionLostError:
        return ConnectionLostError(self._host, reason, sent=self.wire.sent)


def _told(request: Request) -> h11.Connection:
    """The protocol's machine after this request; the bytes it would send have been sent."""
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
    http.send(h11.Request(method=request.method, target=request.target, headers=list(request.framing)))
    if request.content:
        http.send(h11.Data(data=request.content))
    http.send(h11.EndOfMessage())
    return http
