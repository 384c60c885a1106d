"""The outermost layer of the API: names every request, lets triggers take the short way, adds headers."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.context import call_of
from app.api.problems import ProblemError, render
from app.api.raw import reply
from app.api.trigger import PREFIX, TriggerDoor
from app.wiring import System

_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_STOPPED = (
    "the server was stopped before it could answer: see whether this was done, or send it again; with the "
    "same idempotency key nothing happens twice"
)
_NOSNIFF = (b"x-content-type-options", b"nosniff")


class Front:
    """Pure ASGI: costs a trigger nothing but one comparison."""

    def __init__(self, app: ASGIApp, system: System) -> None:
        self._app = app
        self._trigger = TriggerDoor(system)
        self._public_url = system.public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a trigger, or pass the request on with its id."""
        try:
            await self._answer(scope, receive, send)
        except asyncio.CancelledError:
            # nobody but a server that stops ends a request so
            if scope["type"] != "http" or not await self._stopped(scope, send):
                raise

    async def _stopped(self, scope: Scope, send: Send) -> bool:
        """Say that the server stops, where no answer has begun; whether that was so."""
        call = call_of(scope["headers"], self._public_url)
        problem = ProblemError("http.unavailable", _STOPPED, headers={"retry-after": "5"})
        try:
            await reply(send, call, *render(problem, call))
        except RuntimeError:
            return False
        return True

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._trigger(scope, receive, send)
            return
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        call = call_of(scope["headers"], self._public_url)
        scope.setdefault("state", {})["call"] = call
        if scope["type"] == "http" and _holds_nul(scope):
            problem = ProblemError("http.invalid_request", "the address holds a NUL character")
            await reply(send, call, *render(problem, call))
            return
        in_api = scope["path"].startswith("/v1/")

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with(message["headers"], call.request_id, in_api=in_api)
            await send(message)

        await self._app(scope, receive, named)


def _holds_nul(scope: Scope) -> bool:
    """No database takes it, and no honest address has it."""
    return "\0" in scope["path"] or b"%00" in scope["query_string"]


def _with(headers: Any, request_id: str, *, in_api: bool) -> list[tuple[bytes, bytes]]:
    found = list(headers)
    names = {name.lower() for name, _ in found}
    added = [(b"x-request-id", request_id.encode()), _NOSNIFF]
    if in_api:
        added.append(_POLICY)
    return found + [each for each in added if each[0] not in names]
