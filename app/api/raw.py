"""Answers sent without a framework."""

from starlette.types import Send

from app.api.context import Call


async def reply(send: Send, call: Call, status: int, body: bytes, headers: dict[str, str]) -> None:
    """Send a whole answer with the headers that every answer has."""
    raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    raw += [
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", call.request_id.encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
