"""Pausing and resuming by people: a pause is a mark, what it catches is laid aside, nothing is lost (S86)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, text, update

from app import clock
from app.engine import reseat
from app.store import bulk
from app.store.audit import Actor, write
from app.store.bulk import StageKey
from app.store.pauses import What
from app.store.tables import caller, run, workflow

_TABLES: dict[What, Table] = {"run": run, "workflow": workflow, "caller": caller}
_SCOPES: dict[What, str] = {
    "run": "run.id = :id",
    "workflow": "run.workflow_id = :id",
    "caller": "run.caller_id = :id",
}
# what hangs below a run: sub-workflows and the items of maps, with what hangs below those
_FAMILY = (
    "WITH RECURSIVE family(id) AS (SELECT id FROM run WHERE id = :id UNION ALL"
    " SELECT run.id FROM run JOIN family ON run.parent_id = family.id)"
)
_FREE = text(
    "UPDATE stage SET state = 'ready', wake_at = :new_wake_at"
    " WHERE run_id = :key_run AND number = :key_number AND state = 'paused'"
)
_UNWAIT = text("UPDATE run SET wait = NULL WHERE id = :key AND finished_at IS NULL")
_TICK = 1e-6


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold a run, or all runs of a workflow or caller, by id; `name` is for the audit log."""

    what: What
    id: str
    name: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Resume:
    """End a pause."""

    what: What
    id: str
    name: str
    actor: Actor


class Pausing:
    """The operations behind pausing and resuming."""

    def pause(self, connection: Connection, items: Sequence[Pause]) -> list[bool]:
        """Mark as paused; False for what is paused already, has ended, or is another organisation's."""
        return [_pause(connection, item) for item in items]

    def resume(self, connection: Connection, items: Sequence[Resume]) -> list[list[StageKey] | None]:
        """End pauses; per item the stages to ring for, in the order their runs came. None: not paused."""
        return [_resume(connection, item) for item in items]


def _pause(connection: Connection, item: Pause) -> bool:
    values = {"paused_at": clock.now(), "paused_by": item.actor.name}
    if not _mark(connection, item, values, paused=False):
        return False
    write(connection, item.actor, f"{item.what}.pause", item.name)
    return True


def _resume(connection: Connection, item: Resume) -> list[StageKey] | None:
    if not _mark(connection, item, {"paused_at": None, "paused_by": None}, paused=True):
        return None
    now = clock.now()
    keys = _free(connection, item, now)
    if item.what != "run":
        reseat.queues(connection, item.what, item.id, now)
    write(connection, item.actor, f"{item.what}.resume", item.name, {"stages": len(keys)})
    return keys


def _mark(connection: Connection, item: Pause | Resume, values: dict[str, Any], *, paused: bool) -> bool:
    table = _TABLES[item.what]
    mine = (table.c.id == item.id) & (table.c.org_id == item.actor.org_id)
    change = update(table).where(mine, table.c.paused_at.is_not(None) == paused)
    if item.what != "run":
        return connection.execute(change.values(values)).rowcount > 0
    if not connection.execute(change.where(run.c.finished_at.is_(None)).values(values)).rowcount:
        return False
    family = text(
        f"{_FAMILY} UPDATE run SET paused_at = :paused_at, paused_by = :paused_by"  # noqa: S608
        " WHERE id IN (SELECT id FROM family) AND finished_at IS NULL"
    )
    connection.execute(family, {"id": item.id, **values})
    return True


def _free(connection: Connection, item: Resume, now: float) -> list[StageKey]:
    """Make what was laid aside ready again, unless another pause still holds it."""
    scope = "run.id IN (SELECT id FROM family)" if item.what == "run" else _SCOPES[item.what]
    query = text(
        f"{_FAMILY if item.what == 'run' else ''} SELECT stage.run_id, stage.number FROM stage"  # noqa: S608
        " JOIN run ON run.id = stage.run_id JOIN workflow ON workflow.id = run.workflow_id"
        f" JOIN caller ON caller.id = run.caller_id WHERE stage.state = 'paused' AND {scope}"
        " AND run.paused_at IS NULL AND workflow.paused_at IS NULL AND caller.paused_at IS NULL"
        " ORDER BY stage.run_id, stage.number"
    )
    keys = [(row.run_id, row.number) for row in connection.execute(query, {"id": item.id})]
    if keys:
        # the sweeper goes by wake_at: moments of their own keep the order in which the runs came
        first = now - len(keys) * _TICK
        rows = [
            {"key_run": run_id, "key_number": number, "new_wake_at": first + place * _TICK}
            for place, (run_id, number) in enumerate(keys)
        ]
        bulk.many(connection, _FREE, rows)
        bulk.many(connection, _UNWAIT, [{"key": run_id} for run_id in sorted({key[0] for key in keys})])
    return keys
