"""The door of the pages: no page is built, and no socket opened, for someone who is not signed in (S8).

Pure ASGI, outside everything else. NiceGUI mints its socket credential while it builds a page, and accepts
any origin on its socket (reliability notes §0.11); both are settled here, before it is asked.
"""

import secrets
from collections.abc import Callable, Collection, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.identity.roles import Identity
from app.identity.sessions import COOKIE

Read = Callable[[str], Identity | None]
OwnerOf = Callable[[str], str | None]
_SOCKET = "_nicegui_ws"
_STATIC = "_nicegui"
_OPEN = frozenset({_STATIC, "favicon.ico", "login", "ui", "f"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# NiceGUI compiles templates and runs its commands by evaluation, so 'unsafe-eval' stays;
# inline scripts need the nonce of their request
_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob: {assets}; font-src 'self' data:; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """Asks for a session, checks origins, and puts security headers on every answer.

    Args:
        app: What is guarded.
        read: Session cookie → identity, or None; may block, so it runs in a thread.
        api: First path segments that the API answers for; it has its own authentication.
        owner_of: NiceGUI client id → the session cookie its page was built for.
        public_url: Base of the addresses people use; its origin may open the socket.
    """

    def __init__(
        self, app: ASGIApp, *, read: Read, api: Collection[str], owner_of: OwnerOf, public_url: str
    ) -> None:
        self._app = app
        self._read = read
        self._api = frozenset(api) - {"", _STATIC, _SOCKET}
        self._owner_of = owner_of
        self._public_origin = origin_of(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        segment = scope["path"].split("/", 2)[1] if "/" in scope["path"] else ""
        if segment in self._api:
            await self._app(scope, receive, _with_headers(send, None))
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce
        guarded = _with_headers(send, _PAGE_POLICY.format(nonce=nonce, assets=self._public_origin or ""))
        refusal = None if segment in _OPEN else await self._refusal(scope, segment)
        if refusal is None:
            await self._app(scope, receive, guarded)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4403, "reason": "refused"})
        else:
            await refusal(scope, receive, guarded)

    async def _refusal(self, scope: Scope, segment: str) -> Response | None:
        headers = Headers(scope=scope)
        token = session_cookie(headers)
        identity = await to_thread.run_sync(self._read, token) if token else None
        if identity is None:
            return _to_login(scope) if segment != _SOCKET else PlainTextResponse("sign in first", 401)
        careful = segment == _SOCKET or scope.get("method", "GET") not in _SAFE
        if careful and not self._same_origin(headers):
            return PlainTextResponse("requests from another origin are refused", 403)
        if segment == _SOCKET and not self._own_client(scope, token):
            return PlainTextResponse("this page belongs to another session", 403)
        scope["state"]["identity"] = identity
        scope["state"]["session"] = token
        return None

    def _same_origin(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:  # a browser leaves it out of same-origin GETs only, and says so
            return headers.get("sec-fetch-site") == "same-origin"
        return origin == self._public_origin or urlsplit(origin).netloc == headers.get("host")

    def _own_client(self, scope: Scope, token: str) -> bool:
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("client_id")
        return asked is None or self._owner_of(asked[0]) in {None, token}


class Nonce:
    """Writes the request's nonce into the script tags of a page; text of people is escaped long before.

    It stands inside the compressing middleware, because it reads the page.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        nonce = scope.get("state", {}).get("csp_nonce") if scope["type"] == "http" else None
        await self._app(scope, receive, _PageWriter(send, nonce) if nonce else send)


class _PageWriter:
    def __init__(self, send: Send, nonce: str) -> None:
        self._send = send
        self._tag = f'<script nonce="{nonce}"'.encode()
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body"):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        body = b"".join(self._parts).replace(b"<script", self._tag)
        MutableHeaders(scope=start)["content-length"] = str(len(body))
        self._start = None
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def session_cookie(headers: Mapping[str, str]) -> str:
    """The session cookie of a request; empty when there is none or the header is broken."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel is not None else ""


def origin_of(url: str) -> str:
    """Scheme, host and port of an address; empty for none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def local_target(raw: str | None) -> str:
    """Where to go after signing in: a path of ours, never another host."""
    if not raw or not raw.startswith("/") or raw.startswith(("//", "/\\", "/login")):
        return "/"
    return "/" if any(mark in raw for mark in "\\\r\n\t") else raw


def _is_page(start: Message) -> bool:
    return any(name.lower() == b"x-nicegui-content" for name, _ in start["headers"])


def _to_login(scope: Scope) -> Response:
    query = scope.get("query_string", b"").decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    target = "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='')}"
    return RedirectResponse(target, 303, headers={"cache-control": "no-store"})


def _with_headers(send: Send, policy: str | None) -> Send:
    async def answer(message: Any) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            headers = MutableHeaders(scope=message)
            for name, value in _ALWAYS.items():
                headers.setdefault(name, value)
            if policy is not None and headers.get("content-type", "").startswith("text/html"):
                headers["content-security-policy"] = policy
        await send(message)

    return answer
