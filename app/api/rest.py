"""What no route answers: a problem, before the interface mounted behind would answer in a form of its own."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from app.api.problems import ProblemError
from app.api.sockets import refuse

_PAGES = frozenset({"GET", "HEAD"})
# the interface's own transport, which posts
_TRANSPORT = "/_nicegui"
# below these the interface has addresses for strangers, but no pages
_NO_PAGES = frozenset({"f", "favicon.ico", "login", "ui"})


class Rest(BaseRoute):
    """Takes what is left below the API's addresses, and every method that an address does not have.

    Made when the API's own routes are there, and no page is.
    """

    def __init__(self, app: Starlette) -> None:
        self._app = app
        self._closed = _NO_PAGES | {_first(getattr(route, "path", "")) for route in app.routes} - {""}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "websocket":
            taken = any(route.matches(scope)[0] is Match.FULL for route in self._others())
            free = not taken and _first(scope["path"]) in self._closed
            return (Match.FULL, {"allowed": []}) if free else (Match.NONE, {})
        found = [(route.matches(scope)[0], route) for route in self._others()]
        if any(match is Match.FULL for match, _ in found):
            return Match.NONE, {}
        known = [route for match, route in found if match is Match.PARTIAL]
        allowed = sorted({method for route in known for method in getattr(route, "methods", None) or ()})
        mine = allowed or _first(scope["path"]) in self._closed or not self._pages(scope)
        return (Match.FULL, {"allowed": allowed}) if mine else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request; a WebSocket gets the same document instead of its handshake.

        Raises:
            ProblemError: http.method_not_allowed with the methods there are, or http.not_found.
        """
        allowed = ", ".join(scope["allowed"])
        nothing = ProblemError("http.not_found", "there is nothing at this address")
        if scope["type"] == "websocket":
            await refuse(WebSocket(scope, receive, send), nothing)
            return
        if not allowed:
            raise nothing
        detail = f"this address takes {allowed}"
        raise ProblemError("http.method_not_allowed", detail, headers={"allow": allowed})

    def _others(self) -> list[BaseRoute]:
        return [route for route in self._app.routes if route is not self and not isinstance(route, Mount)]

    @staticmethod
    def _pages(scope: Scope) -> bool:
        return scope["method"] in _PAGES or scope["path"].startswith(_TRANSPORT)


def _first(path: str) -> str:
    return path.split("/", 2)[1] if path.startswith("/") else ""
