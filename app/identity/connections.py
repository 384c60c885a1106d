"""Connected generation services: where they are, what they cost, and their sealed credentials (S12)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app import clock
from app.egress.errors import UrlRefusedError
from app.egress.policy import EgressPolicy
from app.identity.errors import BusyError, InvalidError, TakenError, UnknownError, VaultError
from app.identity.vault import Vault
from app.providers.connection import Connection, ConnectionSettings, OfferedModel
from app.providers.contract import Model
from app.providers.kinds import KINDS
from app.store import audit
from app.store import connections as rows
from app.store.audit import Actor
from app.store.connections import ConnectionRow
from app.store.database import Database
from app.store.ids import new_id

BUILT_IN = "rehearsal"
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_MODELS = TypeAdapter(tuple[OfferedModel, ...])


class Wanted(BaseModel):
    """A service as somebody describes it; an absent credential keeps the one there is."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: str = Field(max_length=40, description="Protocol: openai_images, fal_queue or comfyui.")
    base_url: str = Field(max_length=2000, description="Address that the protocol's paths are appended to.")
    credential: str | None = Field(
        None, max_length=4000, repr=False, description='Key of the service; left out: as before. "": none.'
    )
    models: tuple[OfferedModel, ...] = Field(min_length=1, max_length=200, description="Models and prices.")
    settings: ConnectionSettings = Field(default_factory=ConnectionSettings)
    enabled: bool = Field(True, strict=True, description="Whether steps may use it.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A service as it is shown: whether there is a credential, never which."""

    connection: Connection
    has_credential: bool


class Connections:
    """Keeps the connected services of organisations.

    Args:
        db: Where they are.
        vault: Seals their credentials.
        policy: Where outgoing requests may go at all.
    """

    def __init__(self, db: Database, vault: Vault, policy: EgressPolicy) -> None:
        self._db = db
        self._vault = vault
        self._policy = policy

    def all(self, org_id: str) -> list[Listed]:
        with self._db.read() as connection:
            found = rows.list_all(connection, org_id)
        return [_listed(row) for row in found]

    def find(self, org_id: str, name: str) -> Listed:
        """A service by name.

        Raises:
            UnknownError: There is none in the organisation.
        """
        with self._db.read() as connection:
            return _listed(_found(connection, org_id, name))

    def opened(self, org_id: str) -> Mapping[str, Connection | VaultError]:
        """All services with their credentials; an error for one whose credential cannot be opened."""
        with self._db.read() as connection:
            found = rows.list_all(connection, org_id)
        return {row.name: self._open(row) for row in found}

    def create(self, actor: Actor, name: str, wanted: Wanted) -> Listed:
        """Connect a service.

        Raises:
            InvalidError: Names the first field that cannot be used.
            TakenError: The name is in use.
        """
        if not _NAME.fullmatch(name):
            raise InvalidError(
                "name", "must be 1 to 60 of a-z, 0-9, '.', '_', '-', beginning with a-z or 0-9"
            )
        self._check(wanted)
        identifier, now = new_id("prv"), clock.now()
        row = self._row(
            ConnectionRow(identifier, actor.org_id, name, "", "", None, "", "", True, now, now), wanted
        )
        with self._db.write() as connection:
            if name == BUILT_IN or rows.find(connection, actor.org_id, name) is not None:
                raise TakenError("service", name)
            rows.add(connection, row)
            audit.write(connection, actor, "provider.create", name, _told(wanted))
        return _listed(row)

    def change(self, actor: Actor, name: str, wanted: Wanted) -> Listed:
        """Replace what is known of a service.

        Raises:
            UnknownError, InvalidError
        """
        self._check(wanted)
        with self._db.write() as connection:
            before = _found(connection, actor.org_id, name)
            moved = (before.kind, before.base_url) != (wanted.kind, wanted.base_url)
            if before.credential and wanted.credential is None and moved:
                # else whoever may edit could have the key sent to a place of theirs
                raise InvalidError("credential", "must be entered again when kind or address change")
            row = self._row(before, wanted)
            rows.replace(connection, row)
            audit.write(connection, actor, "provider.change", name, _told(wanted))
        return _listed(row)

    def remove(self, actor: Actor, name: str) -> None:
        """Forget a service.

        Raises:
            UnknownError: There is none.
            BusyError: Calls have not ended; switch it off instead.
        """
        with self._db.write() as connection:
            _found(connection, actor.org_id, name)
            count = rows.under_way(connection, actor.org_id, name)
            if count:
                raise BusyError(
                    "service", name, f"{count} of its calls have not ended; switch it off instead"
                )
            rows.remove(connection, actor.org_id, name)
            audit.write(connection, actor, "provider.delete", name)

    def _check(self, wanted: Wanted) -> None:
        if wanted.kind not in KINDS:
            raise InvalidError("kind", f"must be one of {', '.join(KINDS)}")
        try:
            self._policy.check_url(wanted.base_url)
        except UrlRefusedError as error:
            raise InvalidError(
                "base_url", f"cannot be used: {error}, or an operator opens it in SAKUGA_EGRESS_ALLOW"
            ) from None
        if any(mark in wanted.base_url for mark in "?#"):
            raise InvalidError("base_url", "must not have a query or fragment: paths are appended to it")
        credential = wanted.credential or ""
        if not (credential.isascii() and credential.isprintable()) or " " in credential:
            raise InvalidError("credential", "must be printable ASCII without blanks")
        names = [each.id for each in wanted.models]
        twice = next((each for each in names if names.count(each) > 1), None)
        if twice:
            raise InvalidError("models", f"name '{twice}' twice")

    def _row(self, before: ConnectionRow, wanted: Wanted) -> ConnectionRow:
        sealed = before.credential
        if wanted.credential is not None:
            sealed = self._vault.encrypt(wanted.credential, place(before.id)) if wanted.credential else None
        return replace(
            before,
            kind=wanted.kind,
            base_url=wanted.base_url,
            credential=sealed,
            models=_MODELS.dump_json(wanted.models).decode(),
            settings=wanted.settings.model_dump_json(),
            enabled=wanted.enabled,
            updated_at=clock.now(),
        )

    def _open(self, row: ConnectionRow) -> Connection | VaultError:
        try:
            plain = self._vault.decrypt(row.credential, place(row.id)) if row.credential else ""
        except VaultError as error:
            return error
        return _connection(row, plain)


def read_wanted(given: Mapping[str, Any]) -> Wanted:
    """A description from JSON.

    Raises:
        InvalidError: Names the first field that cannot be used.
    """
    try:
        return Wanted.model_validate(given)
    except ValidationError as error:
        _refuse(error)


def place(identifier: str) -> str:
    """Where a credential is stored: the additional data it is sealed with."""
    return f"provider/{identifier}/credential"


def _refuse(error: ValidationError) -> NoReturn:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(map(str, first["loc"])) or "body"
    raise InvalidError(field, first["msg"][:1].lower() + first["msg"][1:]) from None


def _found(connection: Any, org_id: str, name: str) -> ConnectionRow:
    row = rows.find(connection, org_id, name)
    if row is None:
        raise UnknownError("service", name)
    return row


def _listed(row: ConnectionRow) -> Listed:
    return Listed(_connection(row, ""), row.credential is not None)


def _connection(row: ConnectionRow, credential: str) -> Connection:
    models = tuple(
        Model(each.id, each.title or each.id, each.price, each.description, each.reference)
        for each in _MODELS.validate_json(row.models)
    )
    return Connection(
        id=row.id,
        org_id=row.org_id,
        name=row.name,
        kind=row.kind,
        base_url=row.base_url,
        models=models,
        settings=ConnectionSettings.model_validate_json(row.settings),
        enabled=row.enabled,
        created_at=row.created_at,
        updated_at=row.updated_at,
        credential=credential,
    )


def _told(wanted: Wanted) -> dict[str, Any]:
    """What the audit log says of a change: everything but the credential."""
    shown = json.loads(wanted.model_dump_json(exclude={"credential"}))
    return {**shown, "credential": "unchanged" if wanted.credential is None else "set"}
