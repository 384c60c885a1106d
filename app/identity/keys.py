"""API keys: shown once, stored as a hash, revoked within a second everywhere (S13)."""

import base64
import hashlib
import secrets
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.cache import MomentCache
from app.identity.errors import InvalidError, UnknownError
from app.identity.roles import ROLES, Identity
from app.store import audit
from app.store import keys as rows
from app.store.audit import Actor
from app.store.database import Database
from app.store.ids import new_id
from app.store.keys import Holder, KeyRow

PREFIX = "sk_"
MIN_LENGTH, MAX_LENGTH = 24, 255
_TOUCH_EVERY = 300.0
_SHOWN = 8


class NewKey(NamedTuple):
    """A key at the only moment its plain text is known."""

    id: str
    plain: str

    def __repr__(self) -> str:
        return f"NewKey({self.id!r})"


class Keys:
    """Makes, finds and ends keys."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._cache: MomentCache[str, Identity | None] = MomentCache()

    def create(
        self,
        org_id: str,
        caller_id: str,
        role: str,
        label: str,
        plain: str | None = None,
        *,
        expires_at: float | None = None,
        actor: str = "system",
        request_id: str | None = None,
    ) -> NewKey:
        """Store a key; `plain` is generated unless given.

        Raises:
            InvalidError: The role or the given key cannot be used.
        """
        _check(role, plain)
        with self._db.write() as connection:
            key = add_key(connection, org_id, caller_id, role, label, plain, expires_at)
            by = Actor(org_id, actor, request_id)
            audit.write(connection, by, "key.create", key.id, {"role": role, "label": label})
        self._cache.clear()
        return key

    def recall(self, plain: str) -> Identity | None:
        """What is known of a key without reading the database; MISSING when it must be read."""
        return self._cache.peek(digest(plain))

    def authenticate(self, plain: str) -> Identity | None:
        """Who holds this key; None for unknown, revoked and expired alike."""
        if not plain.isascii() or not MIN_LENGTH <= len(plain) <= MAX_LENGTH:
            return None
        hashed = digest(plain)
        return self._cache.get(hashed, lambda: self._load(hashed))

    def revoke(
        self, org_id: str, key_id: str, *, actor: str = "system", request_id: str | None = None
    ) -> None:
        """End a key and its sessions.

        Raises:
            UnknownError: There is no such key in the organisation.
        """
        with self._db.write() as connection:
            if rows.get(connection, org_id, key_id) is None:
                raise UnknownError("key", key_id)
            rows.revoke(connection, key_id, clock.wall())
            audit.write(connection, Actor(org_id, actor, request_id), "key.revoke", key_id)
        self._cache.clear()

    def _load(self, hashed: str) -> Identity | None:
        now = clock.wall()
        with self._db.read() as connection:
            holder = rows.by_hash(connection, hashed)
        identity = identity_of(holder, now)
        if holder is not None and identity is not None:
            self._touch(holder.key, now)
        return identity

    def _touch(self, key: KeyRow, now: float) -> None:
        if now - (key.last_used_at or 0) < _TOUCH_EVERY:
            return
        # when the key was last used is worth knowing, but never worth refusing a request
        with suppress(SQLAlchemyError, OSError), self._db.write() as connection:
            rows.touch(connection, key.id, now)


def add_key(  # noqa: PLR0917 - one call that says everything about a key
    connection: Connection,
    org_id: str,
    caller_id: str,
    role: str,
    label: str,
    plain: str | None = None,
    expires_at: float | None = None,
) -> NewKey:
    """Store a key in a transaction of the caller's."""
    plain = plain or generate()
    row = KeyRow(
        id=new_id("key"),
        org_id=org_id,
        caller_id=caller_id,
        label=label,
        prefix=plain[:_SHOWN],
        role=role,
        created_at=clock.wall(),
        expires_at=expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    rows.add(connection, row, digest(plain))
    return NewKey(row.id, plain)


def identity_of(holder: Holder | None, now: float) -> Identity | None:
    """The identity a stored key gives at a moment; None when it has ended."""
    if holder is None:
        return None
    key = holder.key
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.role not in ROLES:
        return None
    return Identity(
        key.org_id, key.caller_id, holder.caller, key.id, key.role, key.label, expires_at=key.expires_at
    )


def generate() -> str:
    """A new key: prefix, 160 random bits, and a checksum by which scanners know it is one of ours."""
    body = base64.b32encode(secrets.token_bytes(20)).decode().lower()
    check = base64.b32encode(hashlib.sha256(body.encode()).digest()).decode().lower()[:6]
    return f"{PREFIX}{body}{check}"


def digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()


def _check(role: str, plain: str | None) -> None:
    if role not in ROLES:
        raise InvalidError("role", f"must be one of {', '.join(ROLES)}")
    if plain is not None and not (
        MIN_LENGTH <= len(plain) <= MAX_LENGTH and all("!" <= character <= "~" for character in plain)
    ):
        raise InvalidError("key", "must be 24 to 255 printable ASCII characters without spaces")
