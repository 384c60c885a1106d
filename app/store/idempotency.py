"""Idempotency keys as the engine stored them: the first answer, byte for byte (contract §3)."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

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


def add(connection: Connection, key: tuple[str, str], subject: str, now: float) -> None:
    """Remember a key of something that is no run, under the id of what it made."""
    values = {"scope": key[0], "payload_hash": key[1], "run_id": subject, "response": "", "created_at": now}
    connection.execute(insert(idempotency).values(values))
