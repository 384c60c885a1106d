"""Idempotency keys as the engine stored them: the first answer, byte for byte (contract §3)."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.store.rows import columns, record
from app.store.tables import idempotency


@dataclass(frozen=True, slots=True)
class KeyRow:
    payload_hash: str
    run_id: str
    response: str


def find(connection: Connection, scope: str) -> KeyRow | None:
    """What a key was first used for."""
    query = select(*columns(idempotency, KeyRow)).where(idempotency.c.scope == scope)
    return record(KeyRow, connection.execute(query).one_or_none())


def claim(connection: Connection, key: tuple[str, str], subject: str, response: str, now: float) -> KeyRow:
    """What a key was first used for, which is this if nobody came before."""
    scope, payload_hash = key
    upsert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"scope": scope, "payload_hash": payload_hash, "run_id": subject, "response": response}
    mine = upsert(idempotency).values(**values, created_at=now).on_conflict_do_nothing()
    connection.execute(mine)
    found = find(connection, scope)
    assert found is not None
    return found


def answer(connection: Connection, scope: str, response: str) -> None:
    """Keep what was answered in the end."""
    change = update(idempotency).where(idempotency.c.scope == scope)
    connection.execute(change.values(response=response))


def add(connection: Connection, key: tuple[str, str], subject: str, now: float) -> None:
    """Remember a key of something that is no run, under the id of what it made."""
    values = {"scope": key[0], "payload_hash": key[1], "run_id": subject, "response": "", "created_at": now}
    connection.execute(insert(idempotency).values(values))
