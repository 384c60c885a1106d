"""First start: an organisation, its project, its caller and the owner's key (contract §1)."""

import json
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from app.identity.callers import new_secret, place
from app.identity.errors import UnknownError
from app.identity.keys import add_key
from app.identity.sessions import Sessions
from app.identity.vault import Vault
from app.points import Point, reached
from app.settings import Settings
from app.store import callers as rows
from app.store import keys as key_rows
from app.store.database import Database
from app.store.ids import new_id

ORGANISATION, PROJECT, CALLER = "Sakuga", "default", "default"
_ADVISORY_LOCK = 0x53414B56


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What a start has to tell people: the key only the first time, a sign-in token every time.

    Attributes:
        created: Whether this start made the organisation.
    """

    org_id: str
    api_key: str | None = field(repr=False)
    token: str = field(repr=False)
    created: bool


def ensure(db: Database, settings: Settings, vault: Vault) -> Bootstrap:
    """Make what the first start needs, once; many processes may try at the same time."""
    with db.write() as connection:
        if db.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        org_id = rows.first_organisation(connection)
        created = org_id is None
        if org_id is None:
            org_id = _organisation(connection, settings, vault)
        key_id, plain = _owner_key(connection, org_id, settings.bootstrap_key if created else "")
        reached(Point.BOOTSTRAP_WRITTEN)
    reached(Point.BOOTSTRAP_COMMITTED)
    return Bootstrap(org_id, plain, Sessions(db).offer(key_id), created)


def _organisation(connection: Connection, settings: Settings, vault: Vault) -> str:
    org_id = rows.add_organisation(connection, ORGANISATION)
    rows.add_project(connection, org_id, PROJECT, "Default")
    caller_id = new_id("cal")
    secret = settings.bootstrap_webhook_secret or new_secret()
    sealed = vault.encrypt(json.dumps([secret]), place(caller_id))
    rows.add(connection, identifier=caller_id, org_id=org_id, name=CALLER, secrets=sealed)
    return org_id


def _owner_key(connection: Connection, org_id: str, given: str) -> tuple[str, str | None]:
    """The oldest living owner key; a new one when all were revoked, or none was made yet."""
    for holder in reversed(key_rows.list_all(connection, org_id)):
        key = holder.key
        if key.role == "owner" and key.revoked_at is None and key.expires_at is None:
            return key.id, None
    caller = rows.find(connection, org_id, CALLER)
    if caller is None:
        raise UnknownError("caller", CALLER)
    return add_key(connection, org_id, caller.id, "owner", "owner", given or None)
