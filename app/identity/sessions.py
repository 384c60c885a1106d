"""Browser sessions: a random cookie that stands on an API key and ends with it (S8)."""

import secrets

from app import clock
from app.cache import MomentCache
from app.identity.keys import digest, identity_of
from app.identity.roles import Identity
from app.store import keys as rows
from app.store.database import Database

COOKIE = "sakuga_session"
LIFETIME = 14 * 24 * 3600.0
TOKEN_LIFETIME = 12 * 3600.0
_LONGEST = 100


class Sessions:
    """Opens, reads and ends sessions; only hashes are stored."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._cache: MomentCache[str, Identity | None] = MomentCache()

    def open(self, key_id: str) -> str:
        """A new session for a key; gives the cookie's value. Every sign-in makes a new one."""
        token, now = secrets.token_urlsafe(32), clock.wall()
        with self._db.write() as connection:
            rows.open_session(connection, digest(token), key_id, now, now + LIFETIME)
        return token

    def recall(self, token: str) -> Identity | None:
        """What is known without reading the database; MISSING when it must be read."""
        return self._cache.peek(digest(token))

    def read(self, token: str) -> Identity | None:
        """Who a cookie belongs to; None when the session or its key has ended."""
        if not token or len(token) > _LONGEST:
            return None
        hashed = digest(token)
        return self._cache.get(hashed, lambda: self._load(hashed))

    def close(self, token: str) -> None:
        hashed = digest(token)
        with self._db.write() as connection:
            rows.close_session(connection, hashed)
        self._cache.drop(hashed)

    def offer(self, key_id: str) -> str:
        """A one-time sign-in token for a key, good for half a day."""
        token = secrets.token_urlsafe(24)
        with self._db.write() as connection:
            rows.add_token(connection, digest(token), key_id, clock.wall() + TOKEN_LIFETIME)
        return token

    def redeem(self, token: str) -> str | None:
        """Use a sign-in token up; gives the cookie of a new session, or None when it is no good."""
        if not token or len(token) > _LONGEST:
            return None
        with self._db.write() as connection:
            key_id = rows.take_token(connection, digest(token), clock.wall())
        return None if key_id is None else self.open(key_id)

    def _load(self, hashed: str) -> Identity | None:
        now = clock.wall()
        with self._db.read() as connection:
            return identity_of(rows.by_session(connection, hashed, now), now)
