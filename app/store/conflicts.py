"""Edits of a draft that lost against others', kept for the person they are of until they choose."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from app import clock
from app.store.rows import columns, records
from app.store.tables import draft_conflict

# of one person in one draft: who has more has left the draft to the others
MOST = 500


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One lost edit; `mine` and `theirs` are JSON text, None for a setting that was unset."""

    kind: str
    item: str
    field: str
    mine: str | None
    theirs: str | None
    other: str


def lost(connection: Connection, workflow_id: str, owner: str) -> tuple[ConflictRow, ...]:
    """What a person has not decided on, oldest first."""
    query = select(*columns(draft_conflict, ConflictRow)).where(*_of(workflow_id, owner))
    return records(ConflictRow, connection.execute(query.order_by(draft_conflict.c.lost_at)))


def keep(connection: Connection, workflow_id: str, owner: str, rows: Iterable[ConflictRow]) -> None:
    """Remember lost edits; of two to one place the first stays, and no more than `MOST` are kept."""
    mine = _of(workflow_id, owner)
    known = set(connection.scalars(select(draft_conflict.c.place).where(*mine)))
    for row in rows:
        place = place_of(row.kind, row.item, row.field)
        if place in known or len(known) >= MOST:
            continue
        known.add(place)
        values = {name: getattr(row, name) for name in ConflictRow.__slots__}
        ids = {"workflow_id": workflow_id, "owner": owner, "place": place, "lost_at": clock.now()}
        connection.execute(insert(draft_conflict).values({**values, **ids}))


def settle(connection: Connection, workflow_id: str, owner: str, places: Iterable[str]) -> None:
    """Forget edits that somebody decided on, by ``place_of``."""
    gone = draft_conflict.c.place.in_(list(places))
    connection.execute(delete(draft_conflict).where(*_of(workflow_id, owner), gone))


def forget_before(connection: Connection, moment: float) -> int:
    """Forget what nobody decided on since a moment (seconds since the epoch); how many there were."""
    return int(connection.execute(delete(draft_conflict).where(draft_conflict.c.lost_at < moment)).rowcount)


def oldest(connection: Connection) -> float | None:
    """When the oldest of them lost."""
    found: float | None = connection.scalar(select(func.min(draft_conflict.c.lost_at)))
    return found


def place_of(kind: str, item: str, field: str) -> str:
    """The name of a place in a draft; places may be longer than keys."""
    return hashlib.sha256(f"{kind}\0{item}\0{field}".encode()).hexdigest()


def _of(workflow_id: str, owner: str) -> tuple[ColumnElement[bool], ...]:
    return draft_conflict.c.workflow_id == workflow_id, draft_conflict.c.owner == owner
