"""Who asks, and may they: the same answer for keys that are unknown, revoked or expired (S13)."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from app.api.problems import ProblemError
from app.cache import MISSING
from app.identity.errors import ScopeError
from app.identity.roles import Identity, require
from app.identity.sessions import COOKIE
from app.wiring import System

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CHALLENGE = {"www-authenticate": 'Bearer realm="sakuga"'}
_LONGEST = 512


async def by_key(system: System, head: Mapping[bytes, bytes]) -> Identity:
    """The holder of the Bearer key in the headers; cookies are not looked at.

    Raises:
        ProblemError: auth.missing or auth.invalid.
    """
    value = head.get(b"authorization")
    if value is None:
        detail = "this request needs an API key in the header Authorization: Bearer <key>"
        raise ProblemError("auth.missing", detail, headers=_CHALLENGE)
    scheme, _, plain = value[:_LONGEST].decode("latin-1").partition(" ")
    plain = plain.strip()
    identity = system.keys.recall(plain)
    if identity is MISSING:
        identity = await asyncio.to_thread(system.keys.authenticate, plain)
    if identity is None or scheme.lower() != "bearer":
        raise ProblemError("auth.invalid", "the API key is not valid", headers=_CHALLENGE)
    return identity


async def by_key_or_session(system: System, connection: HTTPConnection) -> Identity:
    """The holder of a key, or of a session cookie sent from our own pages.

    Raises:
        ProblemError: auth.missing, auth.invalid or auth.origin.
    """
    head = dict(connection.scope["headers"])
    cookie = connection.cookies.get(COOKIE)
    if b"authorization" in head or not cookie:
        return await by_key(system, head)
    identity = system.sessions.recall(cookie)
    if identity is MISSING:
        identity = await asyncio.to_thread(system.sessions.read, cookie)
    if identity is None:
        raise ProblemError("auth.invalid", "the session has ended; sign in again", headers=_CHALLENGE)
    if connection.scope.get("method", "POST") not in SAFE_METHODS:
        check_origin(system, connection)
    return identity


def check_origin(system: System, connection: HTTPConnection) -> None:
    """Refuse what another site sends with our cookie (S15); a WebSocket counts as a change.

    Raises:
        ProblemError: auth.origin.
    """
    origin = urlsplit(connection.headers.get("origin", ""))
    own = {urlsplit(system.public_url).netloc, connection.headers.get("host", "")}
    if not origin.netloc or origin.netloc not in own:
        detail = "a request with a session cookie must come from this server's own pages"
        raise ProblemError("auth.origin", detail)


def check(identity: Identity, action: str) -> None:
    """Raises ProblemError auth.scope, naming action and role."""
    try:
        require(identity, action)
    except ScopeError as error:
        raise ProblemError("auth.scope", str(error), extra={"action": action}) from None
