"""Secrets by name: values that requests of nodes carry, sealed here and never shown again (S12, feature 59).

Each says to which hosts it may be sent: whoever may edit a workflow can use a secret, but never read it.
"""

import hmac
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app import clock
from app.egress.places import read_place
from app.identity.errors import InvalidError, TakenError, UnknownError, VaultError
from app.identity.vault import Vault
from app.store import audit
from app.store import secrets as rows
from app.store.audit import Actor
from app.store.database import Database
from app.store.ids import new_id
from app.store.secrets import SecretRow

SHORTEST, LONGEST = 8, 4_000
MOST_HOSTS, MOST_SECRETS = 20, 500
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
# the last four of a value this long help nobody to guess the rest
_ENDS, _LONG_ENOUGH = 4, 20


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret as it is shown; times in seconds since the epoch, ``ending`` is empty for a short value."""

    name: str
    hosts: tuple[str, ...]
    ending: str
    created_at: float
    created_by: str
    updated_at: float
    updated_by: str
    rotated_at: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A secret as a worker sends it: only to its hosts."""

    value: str = field(repr=False)
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """Where a secret is named: a published version that triggers start, an older one, or (0) the draft."""

    workflow: str
    title: str
    version: int
    current: bool
    nodes: tuple[str, ...]


class InUseError(Exception):
    """Published workflows send it; ``uses`` says which."""

    def __init__(self, name: str, uses: Sequence[Use]) -> None:
        where = ", ".join(f"{each.workflow} (version {each.version})" for each in uses[:10])
        more = f" and {len(uses) - 10} more" if len(uses) > 10 else ""
        super().__init__(f"secret '{name}' is used by {where}{more}; publish them without it first")
        self.name = name
        self.uses = tuple(uses)


FindUses = Callable[[Connection, str, str], list[Use]]


class Secrets:
    """Keeps the secrets of organisations.

    Args:
        db: Where they are.
        vault: Seals them.
        find_uses: The versions and drafts of an organisation that name a secret.
    """

    def __init__(self, db: Database, vault: Vault, find_uses: FindUses) -> None:
        self._db = db
        self._vault = vault
        self._find_uses = find_uses

    def all(self, org_id: str) -> list[Secret]:
        with self._db.read() as connection:
            return [_shown(row) for row in rows.list_all(connection, org_id)]

    def hosts(self, org_id: str) -> dict[str, tuple[str, ...]]:
        """Name → where it may be sent."""
        with self._db.read() as connection:
            found = rows.hosts(connection, org_id)
        return {name: tuple(json.loads(each)) for name, each in found.items()}

    def find(self, org_id: str, name: str) -> tuple[Secret, list[Use]]:
        """A secret, and where it is used.

        Raises:
            UnknownError: There is none of that name.
        """
        with self._db.read() as connection:
            row = _found(connection, org_id, name)
            return _shown(row), self._find_uses(connection, org_id, name)

    def opened(self, org_id: str, names: Collection[str]) -> Mapping[str, Opened | VaultError]:
        """The values of those that there are, as they are now; an error for one that cannot be opened."""
        with self._db.read() as connection:
            found = rows.named(connection, org_id, names)
        return {row.name: self._open(row) for row in found}

    def create(self, actor: Actor, name: str, value: str, hosts: Sequence[str]) -> Secret:
        """Keep a new secret.

        Raises:
            InvalidError: Names the first field that cannot be used.
            TakenError: The name is in use.
        """
        if not _NAME.fullmatch(name):
            raise InvalidError(
                "name", "must be 1 to 60 of a-z, 0-9, '.', '_', '-', beginning with a-z or 0-9"
            )
        places, identifier, now = _places(hosts), new_id("sec"), clock.now()
        sealed = self._vault.encrypt(_sendable(value), place(identifier))
        row = SecretRow(
            *(identifier, actor.org_id, name, sealed, _ending(value), json.dumps(places)),
            *(now, actor.name, now, actor.name, now),
        )
        try:
            with self._db.write() as connection:
                if rows.find(connection, actor.org_id, name) is not None:
                    raise TakenError("secret", name)
                if rows.count(connection, actor.org_id) >= MOST_SECRETS:
                    raise InvalidError("name", f"is one too many: an organisation has at most {MOST_SECRETS}")
                rows.add(connection, row)
                audit.write(connection, actor, "secret.create", name, {"hosts": places})
        except IntegrityError:  # another request was a moment earlier
            raise TakenError("secret", name) from None
        return _shown(row)

    def change(
        self, actor: Actor, name: str, value: str | None = None, hosts: Sequence[str] | None = None
    ) -> Secret:
        """Rotate the value, or name other hosts; what is None stays. The same again changes nothing.

        Raises:
            UnknownError, InvalidError
        """
        if value is None and hosts is None:
            raise InvalidError("value", "or hosts must be given")
        wanted = _places(hosts) if hosts is not None else None
        fresh = _sendable(value) if value is not None else None
        with self._db.write() as connection:
            before = _found(connection, actor.org_id, name, to_change=True)
            places = json.loads(before.hosts) if wanted is None else wanted
            if fresh is None and not set(places) <= set(json.loads(before.hosts)):
                # else whoever may name hosts could have the value sent to one of theirs
                raise InvalidError("value", "must be entered again when hosts are added")
            row = self._row(before, actor, fresh, places)
            if row != before:
                rows.replace(connection, row)
                told = {"hosts": places, "value": "set" if row.sealed != before.sealed else "unchanged"}
                audit.write(connection, actor, "secret.change", name, told)
        return _shown(row)

    def remove(self, actor: Actor, name: str) -> None:
        """Forget a secret.

        Raises:
            UnknownError: There is none.
            InUseError: Versions that triggers start send it.
        """
        with self._db.write() as connection:
            _found(connection, actor.org_id, name, to_change=True)
            busy = [each for each in self._find_uses(connection, actor.org_id, name) if each.current]
            if busy:
                raise InUseError(name, busy)
            rows.remove(connection, actor.org_id, name)
            audit.write(connection, actor, "secret.delete", name)

    def _row(self, before: SecretRow, actor: Actor, value: str | None, places: list[str]) -> SecretRow:
        now, row = clock.now(), before
        if value is not None and not self._is(before, value):
            sealed = self._vault.encrypt(value, place(before.id))
            row = replace(row, sealed=sealed, ending=_ending(value), rotated_at=now)
        if places != json.loads(before.hosts):
            row = replace(row, hosts=json.dumps(places))
        return row if row == before else replace(row, updated_at=now, updated_by=actor.name)

    def _is(self, row: SecretRow, value: str) -> bool:
        opened = self._open(row)
        return isinstance(opened, Opened) and hmac.compare_digest(opened.value, value)

    def _open(self, row: SecretRow) -> Opened | VaultError:
        try:
            return Opened(self._vault.decrypt(row.sealed, place(row.id)), tuple(json.loads(row.hosts)))
        except VaultError as error:
            return error


def place(identifier: str) -> str:
    """Where a value is stored: the additional data it is sealed with."""
    return f"secret/{identifier}/value"


def _found(connection: Connection, org_id: str, name: str, *, to_change: bool = False) -> SecretRow:
    row = rows.find(connection, org_id, name, to_change=to_change)
    if row is None:
        raise UnknownError("secret", name)
    return row


def _shown(row: SecretRow) -> Secret:
    return Secret(
        *(row.name, tuple(json.loads(row.hosts)), row.ending, row.created_at, row.created_by),
        *(row.updated_at, row.updated_by, row.rotated_at),
    )


def _sendable(value: str) -> str:
    if not SHORTEST <= len(value) <= LONGEST:
        raise InvalidError("value", f"must have {SHORTEST} to {LONGEST} characters")
    if not _VALUE.fullmatch(value):
        raise InvalidError(
            "value", "must be printable ASCII on one line, without a blank at its beginning or end"
        )
    return value


def _places(hosts: Sequence[str]) -> list[str]:
    if not 1 <= len(hosts) <= MOST_HOSTS:
        raise InvalidError("hosts", f"must name 1 to {MOST_HOSTS} hosts that it may be sent to")
    found = []
    for index, each in enumerate(hosts):
        try:
            found.append(read_place(each))
        except ValueError as error:
            raise InvalidError(f"hosts.{index}", str(error)) from None
    return sorted(set(found))


def _ending(value: str) -> str:
    return value[-_ENDS:] if len(value) >= _LONG_ENOUGH else ""
