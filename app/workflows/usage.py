"""Who uses a workflow's fields: counted beside the runs, never in their way, and asked when publishing (S14).

A worker reads the runs since the last count, once they are old enough that none can still slip in before
them. What is younger is counted when somebody asks.
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app import clock
from app.store import usage as rows
from app.store import workflows as workflow_rows
from app.store.database import Database
from app.store.ids import floor_id
from app.store.usage import DAY, KEPT_DAYS, Key, TriggerRow, Use
from graphs.document import parse
from graphs.errors import GraphError
from graphs.source import Source, SourceError
from graphs.trigger import TriggerContract

# a run's id is made a moment before its commit; after this long it is there or never
_SETTLED_SECONDS = 60.0
_EVERY_SECONDS = 30.0
_AT_ONCE = 5_000
_TAIL = 2_000
_REMEMBERED = 500
Finder = tuple[str, Source]


@dataclass(frozen=True, slots=True)
class CallerUse:
    """One caller that used a field (empty: the workflow) in the last 30 days."""

    field: str
    caller: str
    runs: int
    last_at: float


@dataclass(frozen=True, slots=True)
class Pin:
    """Somebody who still starts a version that is not the one that runs."""

    who: str
    runs: int
    last_at: float


class Fields:
    """Which fields a trigger brought, by the contract of the version it ran."""

    def __init__(self) -> None:
        self._finders: dict[str, tuple[Finder, ...]] = {}

    def brought(self, connection: Connection, row: TriggerRow) -> list[str]:
        try:
            body = json.loads(row.trigger)
        except ValueError:
            return []
        return [name for name, source in self._of(connection, row) if _found(source, body)]

    def _of(self, connection: Connection, row: TriggerRow) -> tuple[Finder, ...]:
        key = row.version_id or ""
        if key not in self._finders:
            if len(self._finders) >= _REMEMBERED:
                self._finders.clear()
            version = workflow_rows.version_by_id(connection, key) if key else None
            self._finders[key] = _finders(version.graph) if version is not None else ()
        return self._finders[key]


class Counting:
    """The chore of a worker: counts what came since the last time, a few thousand runs at once."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._fields = Fields()
        self._next = 0.0

    def __call__(self) -> None:
        if time.monotonic() < self._next:
            return
        if not self.count():
            self._next = time.monotonic() + _EVERY_SECONDS

    def count(self) -> bool:
        """Count the next runs; says whether there are more to count at once."""
        now = clock.now()
        end = floor_id("run", now - _SETTLED_SECONDS)
        with self._db.read() as connection:
            before = rows.mark(connection)
            start = before or floor_id("run", now - KEPT_DAYS * DAY)
            last = rows.last_before(connection, start, end, _AT_ONCE)
            if last is None:
                return False
            more = rows.last_before(connection, last, end, 1) is not None
            # the mark moves over runs that do not count, too
            found = rows.after(connection, start, last + "~", _AT_ONCE)
            counts = tally(connection, self._fields, found)
        with self._db.write() as connection:
            if rows.add(connection, counts, before, last):
                rows.forget_before(connection, int(now // DAY) - KEPT_DAYS - 1)
        return more


def tally(
    connection: Connection, fields: Fields, found: Iterable[TriggerRow]
) -> dict[Key, tuple[int, float]]:
    """Runs counted by workflow, day, version, caller and field."""
    counts: dict[Key, tuple[int, float]] = {}
    for row in found:
        day = int(row.created_at // DAY)
        for name in ("", *fields.brought(connection, row)):
            key = (row.workflow_id, day, row.version, row.caller_id, name[:100])
            runs, last = counts.get(key, (0, 0.0))
            counts[key] = (runs + 1, max(last, row.created_at))
    return counts


def uses(connection: Connection, workflow_id: str) -> list[Use]:
    """Everything known of a workflow's last 30 days, the last minute included as far as it is small."""
    now = clock.now()
    since = int(now // DAY) - KEPT_DAYS
    start = rows.mark(connection) or floor_id("run", now - KEPT_DAYS * DAY)
    fresh = rows.after(connection, start, floor_id("run", now + DAY), _TAIL, workflow_id)
    counts = tally(connection, Fields(), fresh)
    known = rows.names(connection, {key[3] for key in counts})
    found = rows.uses(connection, workflow_id, since)
    found += [
        Use(key[4], key[2], known.get(key[3], key[3]), runs, last) for key, (runs, last) in counts.items()
    ]
    return found


def callers_of(connection: Connection, workflow_id: str) -> dict[str, list[CallerUse]]:
    """By field, the callers that used it, most first; under the empty name, all callers."""
    merged: dict[tuple[str, str], tuple[int, float]] = {}
    for use in uses(connection, workflow_id):
        runs, last = merged.get((use.field, use.caller), (0, 0.0))
        merged[use.field, use.caller] = (runs + use.runs, max(last, use.last_at))
    found: dict[str, list[CallerUse]] = {}
    for (field, caller), (runs, last) in sorted(merged.items(), key=lambda each: (-each[1][0], each[0])):
        found.setdefault(field, []).append(CallerUse(field, caller, runs, last))
    return found


def pins(connection: Connection, workflow_id: str, published: int | None) -> dict[int, list[Pin]]:
    """By version, who started it after another one was published: they name it in their address."""
    infos = {info.number: info for info in workflow_rows.versions(connection, workflow_id)}
    moved = max((info.created_at for info in infos.values()), default=0.0)
    found: dict[int, dict[str, tuple[int, float]]] = {}
    for use in uses(connection, workflow_id):
        if use.field == "" and use.version < (published or 0) and use.last_at > moved:
            runs, last = found.setdefault(use.version, {}).get(use.caller, (0, 0.0))
            found[use.version][use.caller] = (runs + use.runs, max(last, use.last_at))
    return {
        version: [
            Pin(who, *counted) for who, counted in sorted(callers.items(), key=lambda each: -each[1][0])
        ]
        for version, callers in found.items()
    }


def _finders(graph: str) -> tuple[Finder, ...]:
    try:
        fields = TriggerContract.of(parse(graph)).fields
    except (GraphError, ValueError):
        return ()
    return tuple((field.name, Source(field.source or field.name)) for field in fields)


def _found(source: Source, body: Mapping[str, Any]) -> bool:
    try:
        return source.find(body) is not None
    except (SourceError, AttributeError):
        return False
