"""API keys, browser sessions and one-time sign-in tokens; only hashes are ever stored."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from app.store.rows import columns, records
from app.store.tables import api_key, caller, session, sign_in_token


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: str
    org_id: str
    caller_id: str
    label: str
    prefix: str
    role: str
    created_at: float
    expires_at: float | None
    revoked_at: float | None
    last_used_at: float | None


@dataclass(frozen=True, slots=True)
class Holder:
    """A key and whose it is."""

    key: KeyRow
    caller: str


def by_hash(connection: Connection, digest: str) -> Holder | None:
    return _holder(connection, _holders().where(api_key.c.hash == digest))


def get(connection: Connection, org_id: str, key_id: str) -> Holder | None:
    return _holder(connection, _holders().where(api_key.c.org_id == org_id, api_key.c.id == key_id))


def by_session(connection: Connection, digest: str, now: float) -> Holder | None:
    """The key behind a session that has not ended."""
    open_session = (session.c.hash == digest, session.c.expires_at > now)
    return _holder(
        connection, _holders().join(session, session.c.key_id == api_key.c.id).where(*open_session)
    )


def list_all(connection: Connection, org_id: str) -> tuple[Holder, ...]:
    rows = connection.execute(_holders().where(api_key.c.org_id == org_id).order_by(api_key.c.id.desc()))
    return tuple(_read(row) for row in rows)


def of_caller(connection: Connection, caller_id: str) -> tuple[KeyRow, ...]:
    query = select(*columns(api_key, KeyRow)).where(api_key.c.caller_id == caller_id)
    return records(KeyRow, connection.execute(query.order_by(api_key.c.id)))


def add(connection: Connection, key: KeyRow, digest: str) -> None:
    connection.execute(
        insert(api_key).values(
            id=key.id,
            org_id=key.org_id,
            caller_id=key.caller_id,
            label=key.label,
            prefix=key.prefix,
            hash=digest,
            role=key.role,
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
    )


def revoke(connection: Connection, key_id: str, now: float) -> None:
    """End a key and every session that stands on it."""
    connection.execute(update(api_key).where(api_key.c.id == key_id).values(revoked_at=now))
    connection.execute(delete(session).where(session.c.key_id == key_id))
    connection.execute(delete(sign_in_token).where(sign_in_token.c.key_id == key_id))


def touch(connection: Connection, key_id: str, now: float) -> None:
    connection.execute(update(api_key).where(api_key.c.id == key_id).values(last_used_at=now))


def open_session(connection: Connection, digest: str, key_id: str, now: float, expires_at: float) -> None:
    connection.execute(delete(session).where(session.c.expires_at <= now))
    connection.execute(
        insert(session).values(hash=digest, key_id=key_id, created_at=now, expires_at=expires_at)
    )


def close_session(connection: Connection, digest: str) -> None:
    connection.execute(delete(session).where(session.c.hash == digest))


def add_token(connection: Connection, digest: str, key_id: str, expires_at: float) -> None:
    connection.execute(insert(sign_in_token).values(hash=digest, key_id=key_id, expires_at=expires_at))


def take_token(connection: Connection, digest: str, now: float) -> str | None:
    """Use a sign-in token up; gives its key's id when it was still good."""
    taken = delete(sign_in_token).where(sign_in_token.c.hash == digest)
    row = connection.execute(
        taken.returning(sign_in_token.c.key_id, sign_in_token.c.expires_at)
    ).one_or_none()
    return row[0] if row is not None and row[1] > now else None


def _holders() -> Select[Any]:
    return select(*columns(api_key, KeyRow), caller.c.name).join(caller, caller.c.id == api_key.c.caller_id)


def _holder(connection: Connection, query: Select[Any]) -> Holder | None:
    row = connection.execute(query).one_or_none()
    return None if row is None else _read(row)


def _read(row: Row[Any]) -> Holder:
    values: tuple[Any, ...] = tuple(row)
    return Holder(KeyRow(*values[:-1]), values[-1])
