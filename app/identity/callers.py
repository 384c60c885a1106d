"""Callers: requesting services with their signing secrets and settings (contract §2, §5)."""

import base64
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from app import clock
from app.cache import MomentCache
from app.identity.errors import InvalidError, TakenError, UnknownError
from app.identity.vault import Vault
from app.settings_rules import webhook_secret
from app.store import audit
from app.store import callers as rows
from app.store.audit import Actor
from app.store.callers import CallerRow
from app.store.database import Database
from app.store.ids import new_id

ROTATION = 24 * 3600.0
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")


class CallerSettings(BaseModel):
    """What an operator can set for one caller."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    require_signature: bool = Field(False, strict=True, description="Refuse triggers that are not signed.")


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller with its secrets opened, newest first; `rotating_until` while two of them sign."""

    id: str
    org_id: str
    name: str
    settings: CallerSettings
    secrets: tuple[str, ...] = field(repr=False)
    rotating_until: float | None
    created_at: float
    paused_at: float | None = None
    paused_by: str | None = None


class Callers:
    """Makes callers and keeps their secrets."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db = db
        self._vault = vault
        self._cache: MomentCache[str, Caller | None] = MomentCache()

    def all(self, org_id: str) -> list[Caller]:
        with self._db.read() as connection:
            return [self._open(row) for row in rows.list_all(connection, org_id)]

    def find(self, org_id: str, reference: str) -> Caller:
        """A caller by name or id.

        Raises:
            UnknownError: There is none in the organisation.
        """
        with self._db.read() as connection:
            return self._open(_found(connection, org_id, reference))

    def recall(self, caller_id: str) -> Caller | None:
        """What is known without reading the database; MISSING when it must be read."""
        return self._cache.peek(caller_id)

    def get(self, caller_id: str) -> Caller | None:
        """A caller by id, at most a second old."""
        return self._cache.get(caller_id, lambda: self._load(caller_id))

    def secrets(self, caller_id: str) -> tuple[str, ...]:
        """What a caller's callbacks are signed with now: two secrets while one rotates."""
        caller = self.get(caller_id)
        return caller.secrets if caller else ()

    def create(self, actor: Actor, name: str, secret: str | None = None) -> Caller:
        """A new caller with its own signing secret.

        Raises:
            InvalidError: The name or the secret cannot be used.
            TakenError: The name is in use.
        """
        if not _NAME.fullmatch(name):
            raise InvalidError(
                "name", "must be 1 to 80 of a-z, 0-9, '.', '_', '-', beginning with a-z or 0-9"
            )
        identifier = new_id("cal")
        sealed = self._seal(identifier, [_checked(secret) if secret else new_secret()])
        with self._db.write() as connection:
            if rows.find(connection, actor.org_id, name) is not None:
                raise TakenError("caller", name)
            rows.add(connection, identifier=identifier, org_id=actor.org_id, name=name, secrets=sealed)
            audit.write(connection, actor, "caller.create", name)
        return self.find(actor.org_id, identifier)

    def configure(self, actor: Actor, reference: str, settings: dict[str, Any]) -> Caller:
        """Replace a caller's settings.

        Raises:
            UnknownError, InvalidError
        """
        read = read_settings(settings)
        with self._db.write() as connection:
            row = _found(connection, actor.org_id, reference)
            stored = {**_stored(row), **read.model_dump()}
            rows.set_settings(connection, row.id, json.dumps(stored))
            audit.write(connection, actor, "caller.configure", row.name, read.model_dump())
        self._cache.drop(row.id)
        return self.find(actor.org_id, row.id)

    def rotate(self, actor: Actor, reference: str, secret: str | None = None) -> Caller:
        """A new signing secret; the one before keeps signing beside it for a day.

        Raises:
            UnknownError, InvalidError
        """
        fresh = _checked(secret) if secret else new_secret()
        with self._db.write() as connection:
            row = _found(connection, actor.org_id, reference)
            newest = self._secrets(row)[:1]
            rows.set_secrets(connection, row.id, self._seal(row.id, [fresh, *newest]))
            stored = {**_stored(row), "rotating_until": clock.now() + ROTATION}
            rows.set_settings(connection, row.id, json.dumps(stored))
            audit.write(connection, actor, "caller.rotate_secret", row.name)
        self._cache.drop(row.id)
        return self.find(actor.org_id, row.id)

    def forget(self, caller_id: str) -> None:
        """Read a caller anew at the next request; for changes made elsewhere in this process."""
        self._cache.drop(caller_id)

    def _load(self, caller_id: str) -> Caller | None:
        with self._db.read() as connection:
            row = rows.by_id(connection, caller_id)
        return None if row is None else self._open(row)

    def _open(self, row: CallerRow) -> Caller:
        stored = _stored(row)
        until = stored.pop("rotating_until", None)
        rotating = until if until is not None and until > clock.now() else None
        opened = self._secrets(row)
        return Caller(
            id=row.id,
            org_id=row.org_id,
            name=row.name,
            settings=CallerSettings.model_validate(stored),
            secrets=tuple(opened if rotating else opened[:1]),
            rotating_until=rotating,
            created_at=row.created_at,
            paused_at=row.paused_at,
            paused_by=row.paused_by,
        )

    def _secrets(self, row: CallerRow) -> list[str]:
        found: list[str] = json.loads(self._vault.decrypt(row.signing_secrets, place(row.id)))
        return found

    def _seal(self, caller_id: str, opened: list[str]) -> str:
        return self._vault.encrypt(json.dumps(opened), place(caller_id))


def read_settings(given: dict[str, Any]) -> CallerSettings:
    """Settings from JSON.

    Raises:
        InvalidError: Names the first key that cannot be used.
    """
    try:
        return CallerSettings.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(["settings", *map(str, first["loc"])])
        raise InvalidError(field, first["msg"].lower()) from None


def _found(connection: Connection, org_id: str, reference: str) -> CallerRow:
    row = rows.find(connection, org_id, reference)
    if row is None:
        raise UnknownError("caller", reference)
    return row


def new_secret() -> str:
    """A signing secret: ``whsec_`` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _checked(secret: str) -> str:
    try:
        return webhook_secret(secret)
    except ValueError as error:
        raise InvalidError("secret", str(error)) from None


def _stored(row: CallerRow) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.settings)
    return found


def place(caller_id: str) -> str:
    """Where a caller's secrets are stored: the additional data they are sealed with."""
    return f"caller/{caller_id}/signing_secrets"
