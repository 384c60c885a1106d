"""The connection below the API: what is not HTTP, too long or too slow is refused with a problem as well."""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.api.context import call_of
from app.api.problems import ProblemError, render

MOST_HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 30.0


class Connection(HttpToolsProtocol):
    """One connection; a request's head must come whole, within size and time (contract §6)."""

    public_url: ClassVar[str] = ""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_head = True
        self._head_bytes = 0
        self._heads = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head and self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._too_slow)
        heads = self._heads
        super().data_received(data)
        if self._in_head and heads == self._heads:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse("http.head_too_large", f"the head is larger than {MOST_HEAD_BYTES} bytes")

    def on_headers_complete(self) -> None:
        self._in_head, self._head_bytes = False, 0
        self._heads += 1
        self._disarm()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the words are ours
        self._refuse("http.malformed_request", "this is not a request that HTTP/1.1 knows")

    def _too_slow(self) -> None:
        self._deadline = None
        self._refuse("http.request_timeout", f"the head did not arrive within {HEAD_SECONDS:g} seconds")

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, code: str, detail: str) -> None:
        """Answer with a problem and close; what is still owed to earlier requests is answered first."""
        cycle = self.cycle
        owed = cycle is not None and not cycle.response_complete
        if owed and not cycle.more_body:
            cycle.keep_alive = False
        elif not self.transport.is_closing():
            if not (owed and cycle.response_started):
                self.transport.write(self._problem(code, detail))
            self.transport.close()

    def _problem(self, code: str, detail: str) -> bytes:
        call = call_of((), self.public_url)
        status, body, headers = render(ProblemError(code, detail), call)
        fields = headers | {
            "content-length": str(len(body)),
            "connection": "close",
            "x-request-id": call.request_id,
        }
        lines = [f"{name}: {value}\r\n" for name, value in fields.items()]
        return STATUS_LINE[status] + "".join(lines).encode("latin-1") + b"\r\n" + body


def connections_of(public_url: str) -> type[Connection]:
    """The protocol of a server whose problem pages stand at this address."""
    return type("Connection", (Connection,), {"public_url": public_url})
