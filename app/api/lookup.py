"""One run, looked at closely: its rows, its plan, where it stands in a queue."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from app import clock
from app.api.problems import not_found
from app.api.progress import progress
from app.api.times import iso
from app.engine.live import Live
from app.store import gates
from app.store import runs as rows
from app.store import workflows as workflow_rows
from app.store.rows import Page
from app.store.runs import Payloads, RunFilter, RunRow, Scope, StepRow
from graphs.plan import Plan


@dataclass(frozen=True, slots=True)
class Look:
    """A run and what belongs to it; `progress` only while it is open."""

    run: RunRow
    payloads: Payloads | None
    steps: tuple[StepRow, ...]
    plan: Plan | None
    progress: dict[str, Any] | None


def one_run(connection: Connection, scope: Scope, run_id: str) -> RunRow:
    """The run.

    Raises:
        ProblemError: auth.not_found, for unknown and for foreign ones alike.
    """
    run = rows.get(connection, scope, run_id)
    if run is None:
        raise not_found("run")
    return run


def look_up(connection: Connection, scope: Scope, run_id: str, live: Live) -> Look:
    """The run with its steps and progress; raises as `one_run` does."""
    (run,) = _placed(connection, [one_run(connection, scope, run_id)])
    steps = rows.steps(connection, run_id)
    plan = _plan(connection, run)
    usual = rows.usual_durations(connection, run.version_id) if run.is_open and run.version_id else {}
    found = progress(run, plan, steps, live.nodes(run_id), usual)
    return Look(run, rows.payloads(connection, run_id), steps, plan, found)


def _plan(connection: Connection, run: RunRow) -> Plan | None:
    version = workflow_rows.version_by_id(connection, run.version_id) if run.version_id else None
    return Plan.from_json(json.loads(version.plan)) if version else None


def list_page(
    connection: Connection, scope: Scope, wanted: RunFilter, cursor: str | None, limit: int
) -> Page[RunRow]:
    """As `runs.list_page`, with present places in queues."""
    page = rows.list_page(connection, scope, wanted, cursor, limit)
    return replace(page, items=_placed(connection, page.items))


def _placed(connection: Connection, runs: Sequence[RunRow]) -> tuple[RunRow, ...]:
    """With their present places in the limiters' queues: those they were accepted with grow old."""
    waits = {run.id: json.loads(run.wait) for run in runs if run.is_open and run.wait}
    limited = [run_id for run_id, wait in waits.items() if wait.get("reason") == "rate_limited"]
    if not limited:
        return tuple(runs)
    moment = clock.now()
    places = gates.places(connection, limited, moment)

    def now(run: RunRow) -> RunRow:
        if run.id not in limited:
            return run
        place, wait = places.get(run.id), waits[run.id]
        if place is not None:
            wait = {**wait, "position": place.position, "expected_start": iso(place.slot)}
        elif wait.get("expected_start", "") <= (iso(moment) or ""):
            # its turn has come: whatever it waits for now, it is no longer the limiter
            wait = None
        return replace(run, wait=json.dumps(wait) if wait else None)

    return tuple(now(run) for run in runs)
