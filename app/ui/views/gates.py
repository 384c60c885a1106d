"""What the gates of an organisation hold and let through; one read for the limits page."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from app import clock
from app.store import callers as caller_rows
from app.store import gates as gate_rows
from app.store import workflows as workflow_rows
from app.store.gates import BreakerRow
from app.store.tables import run, stage, start_log
from app.store.workflows import WorkflowRow
from graphs.plan import Gates, Plan

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run in the queue of a gate."""

    run_id: str
    position: int
    expected_start: float | None
    since: float
    wait: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One workflow and caller: how much of the window is used, who waits, whether the breaker is open."""

    key: str
    workflow: str
    caller: str
    limit: int | None
    window: float
    factor: float | None
    used: int
    waiting: int
    queue: tuple[Waiting, ...]
    breaker: BreakerRow | None

    @property
    def is_open(self) -> bool:
        return self.breaker is not None and self.breaker.is_open


def gates(connection: Connection, org_id: str) -> tuple[Gate, ...]:
    """Every gate that is configured or still holds something, open breakers first."""
    callers = {row.id: row.name for row in caller_rows.list_all(connection, org_id)}
    breakers = {row.gate: row for row in gate_rows.breakers(connection, org_id)}
    held = {each.gate: each for each in gate_rows.held(connection, org_id)}
    found = []
    for row in workflow_rows.list_all(connection, org_id, archived=True):
        configured = _configured(connection, row)
        window = configured.limiter.window_seconds if configured and configured.limiter else 3600.0
        used = _used(connection, row.id, clock.now() - window)
        keys = {key for key in (*held, *breakers, *used) if key.startswith(f"{row.id}:")}
        if configured is None and not keys & {*held, *breakers}:
            continue
        for key in sorted(keys):
            caller = callers.get(key.partition(":")[2], "")
            found.append(_gate(connection, key, row, caller, configured, window, used, held, breakers))
    return tuple(
        sorted(found, key=lambda gate: (not gate.is_open, -gate.waiting, gate.workflow, gate.caller))
    )


def _gate(  # noqa: PLR0917 - one record from its parts
    connection: Connection,
    key: str,
    row: WorkflowRow,
    caller: str,
    configured: Gates | None,
    window: float,
    used: dict[str, int],
    held: dict[str, Any],
    breakers: dict[str, BreakerRow],
) -> Gate:
    limiter = configured.limiter if configured else None
    breaker = configured.breaker if configured else None
    return Gate(
        key,
        row.slug,
        caller,
        limiter.limit if limiter else None,
        window,
        breaker.factor if breaker else None,
        used.get(key, 0),
        held[key].waiting if key in held else 0,
        _queue(connection, key) if key in held else (),
        breakers.get(key),
    )


def _configured(connection: Connection, row: WorkflowRow) -> Gates | None:
    if row.published is None:
        return None
    version = workflow_rows.version(connection, row.id, row.published)
    if version is None:
        return None
    found = Plan.from_json(json.loads(version.plan)).gates
    return found if found.limiter or found.breaker else None


def _used(connection: Connection, workflow_id: str, since: float) -> dict[str, int]:
    """Starts within the window by gate; started ones only."""
    query = (
        select(start_log.c.gate, func.count())
        .where(
            start_log.c.gate.startswith(f"{workflow_id}:", autoescape=True),
            start_log.c.slot > since,
            start_log.c.slot <= clock.now(),
        )
        .group_by(start_log.c.gate)
    )
    return {gate: count for gate, count in connection.execute(query)}  # noqa: C416 - typed rows


def _queue(connection: Connection, key: str) -> tuple[Waiting, ...]:
    joined = and_(start_log.c.run_id == run.c.id, start_log.c.gate == key)
    query = (
        select(run.c.id, start_log.c.slot, run.c.created_at, run.c.wait)
        .join(stage, stage.c.run_id == run.c.id)
        .outerjoin(start_log, joined)
        .where(stage.c.gate == key, stage.c.state == "waiting")
        .order_by(run.c.id)
        .limit(SHOWN)
    )
    rows = connection.execute(query).all()
    return tuple(
        Waiting(row.id, place, row.slot, row.created_at, row.wait or "") for place, row in enumerate(rows, 1)
    )
