"""Lost edits of a draft as `Conflict`s: stored for the person whose edits they are, on whatever server."""

import json
from collections.abc import Iterable
from typing import Any, cast

from app.store import conflicts as rows
from app.store.conflicts import ConflictRow
from app.store.database import Database
from graphs.merge import Conflict, Kind
from graphs.parts import ABSENT

Place = tuple[str, str, str]


def lost_edits(db: Database, workflow_id: str, owner: str) -> tuple[tuple[Conflict, ...], str]:
    """What a person has not decided on, and who was the last to overtake them (empty: nobody)."""
    with db.read() as connection:
        found = rows.lost(connection, workflow_id, owner)
    return tuple(_conflict(each) for each in found), found[-1].other if found else ""


def keep_lost(  # noqa: PLR0917 - called in another thread
    db: Database, workflow_id: str, owner: str, lost: Iterable[Conflict], settled: Iterable[Place], other: str
) -> None:
    """Store edits that lost, and forget those that were decided on."""
    fresh, places = [_row(each, other) for each in lost], [rows.place_of(*each) for each in settled]
    with db.write() as connection:
        if fresh:
            rows.keep(connection, workflow_id, owner, fresh)
        if places:
            rows.settle(connection, workflow_id, owner, places)


def _row(conflict: Conflict, other: str) -> ConflictRow:
    mine, theirs = _text(conflict.mine), _text(conflict.theirs)
    return ConflictRow(conflict.kind, conflict.id, conflict.field, mine, theirs, other[:200])


def _conflict(row: ConflictRow) -> Conflict:
    return Conflict(cast("Kind", row.kind), row.item, row.field, _value(row.mine), _value(row.theirs))


def _text(value: Any) -> str | None:
    return None if value is ABSENT else json.dumps(value, ensure_ascii=False)


def _value(text: str | None) -> Any:
    return ABSENT if text is None else json.loads(text)
