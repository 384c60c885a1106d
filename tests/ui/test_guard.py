"""The door: who gets in, from which origin, and with which headers."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.identity.roles import Identity
from app.identity.sessions import COOKIE
from app.ui.guard import Guard, Nonce, local_target, origin_of

OWNER = Identity("org_1", "cal_1", "default", "key_1", "owner", "owner")
BASE = "https://sakuga.example"
SIGNED_IN = {"cookie": f"{COOKIE}=good"}
SOCKET = "/_nicegui_ws/socket.io/"


def _read(token: str) -> Identity | None:
    return OWNER if token in {"good", "other"} else None


def _owner_of(client_id: str) -> str | None:
    return {"mine": "good"}.get(client_id)


async def _page(request: Request) -> Response:
    who = getattr(request.state, "identity", None)
    return HTMLResponse(f"<p>{who.caller if who else ''}</p>")


async def _api(_: Request) -> Response:
    return PlainTextResponse("api")


def _guarded() -> ASGIApp:
    routes = [
        Route("/v1/runs", _api),
        Route("/login", _page),
        Route("/{path:path}", _page, methods=["GET", "POST"]),
    ]
    return Guard(
        Starlette(routes=routes), read=_read, api={"v1", "", "healthz"}, owner_of=_owner_of, public_url=BASE
    )


def ask(method: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=_guarded())
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            return await client.request(method, path, headers=headers or {})

    return asyncio.run(send())


@pytest.mark.parametrize(
    "path", ["/", "/runs?status=failed", "/workflows/x", "/no/such/page", "//evil.example"]
)
def test_strangers_are_led_to_the_door(path: str) -> None:
    """No page is reached without a session, known or not, and the way back is remembered."""
    answer = ask("GET", path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


def test_the_way_back_is_kept() -> None:
    """Path and query come along, encoded."""
    assert ask("GET", "/runs?status=failed").headers["location"] == "/login?next=%2Fruns%3Fstatus%3Dfailed"


def test_a_session_opens_the_pages_and_a_wrong_one_does_not() -> None:
    """The identity travels with the request."""
    assert "default" in ask("GET", "/runs", SIGNED_IN).text
    assert ask("GET", "/runs", {"cookie": f"{COOKIE}=bad"}).status_code == 303


def test_the_api_and_the_door_stay_open() -> None:
    """They have their own authentication."""
    assert ask("GET", "/v1/runs").text == "api"
    assert ask("GET", "/login").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": BASE}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": f"{BASE}.evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({}, 403),
    ],
)
def test_the_socket_opens_for_our_own_origin_only(headers: dict[str, str], status: int) -> None:
    """A handshake from elsewhere, or of unknown origin, is refused although the cookie is good."""
    assert ask("GET", SOCKET, {**SIGNED_IN, **headers}).status_code == status


def test_the_socket_needs_a_session() -> None:
    """Without one it is refused, not redirected."""
    assert ask("GET", SOCKET, {"origin": BASE}).status_code == 401


def test_a_page_belongs_to_the_session_it_was_built_for() -> None:
    """Another session's client id opens no socket, even with a good cookie of its own."""
    path = f"{SOCKET}?client_id=mine"
    assert ask("GET", path, {**SIGNED_IN, "origin": BASE}).status_code == 200
    assert ask("GET", path, {"cookie": f"{COOKIE}=other", "origin": BASE}).status_code == 403


def test_changes_from_another_origin_are_refused() -> None:
    """A form on a foreign page cannot post with the visitor's cookie."""
    assert (
        ask("POST", "/canvas/sessions/x", {**SIGNED_IN, "origin": "https://evil.example"}).status_code == 403
    )
    assert ask("POST", "/canvas/sessions/x", {**SIGNED_IN, "origin": BASE}).status_code == 200


@pytest.mark.parametrize("path", ["/runs", "/login", "/v1/runs"])
def test_security_headers_are_on_every_answer(path: str) -> None:
    """Sniffing, framing and referrers are settled everywhere."""
    headers = ask("GET", path, SIGNED_IN).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"]


def test_pages_have_a_strict_policy_with_a_fresh_nonce() -> None:
    """Inline scripts need the nonce of their own request; nothing may frame a page."""
    policies = [ask("GET", "/runs", SIGNED_IN).headers["content-security-policy"] for _ in range(2)]
    assert policies[0] != policies[1]
    for policy in policies:
        scripts = policy.partition("script-src ")[2].partition(";")[0]
        assert "'unsafe-inline'" not in scripts
        assert "frame-ancestors 'none'" in policy
        assert "object-src 'none'" in policy


def test_a_websocket_from_elsewhere_is_closed() -> None:
    """The handshake ends before anything behind the guard hears of it."""
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"cookie", f"{COOKIE}=good".encode()), (b"origin", b"https://evil.example"), (b"host", b"x")]
    scope = {"type": "websocket", "path": SOCKET, "query_string": b"", "headers": headers}
    asyncio.run(_guarded()(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_the_nonce_is_written_into_pages_only() -> None:
    """Script tags of a page get it; other answers pass untouched."""
    page = b'<script type="module">x</script><script defer src="/a.js"></script>'

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"x-nicegui-content": "page"} if scope["path"] == "/page" else {}
        await Response(page, headers=headers, media_type="text/html")(scope, receive, send)

    async def ask_both() -> list[bytes]:
        async def with_nonce(scope: Scope, receive: Receive, send: Send) -> None:
            scope["state"] = {"csp_nonce": "abc"}
            await Nonce(app)(scope, receive, send)

        transport = httpx.ASGITransport(app=with_nonce)
        async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
            return [(await client.get(path)).content for path in ("/page", "/other")]

    written, untouched = asyncio.run(ask_both())
    assert written.count(b'<script nonce="abc"') == 2
    assert untouched == page


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/runs?status=failed", "/runs?status=failed"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/login?next=/", "/"),
        ("/runs\r\nset-cookie: a=b", "/"),
        (None, "/"),
    ],
)
def test_signing_in_leads_to_our_own_pages_only(wanted: str | None, target: str) -> None:
    """The way back is a path of ours, never another host."""
    assert local_target(wanted) == target


def test_origins_have_no_path() -> None:
    """Scheme, host and port only."""
    assert origin_of("https://sakuga.example:8443/base/") == "https://sakuga.example:8443"
