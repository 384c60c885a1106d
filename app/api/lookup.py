"""One run, looked at closely: its rows, its plan, where it stands in a queue."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.api.problems import not_found
from app.api.progress import progress
from app.engine import so_far, under_way, waits
from app.engine.live import Live
from app.store import generations
from app.store import runs as rows
from app.store.runs import Payloads, RunRow, Scope, StepRow
from graphs.generations import Redoing
from graphs.plan import Plan


@dataclass(frozen=True, slots=True)
class Look:
    """A run and what belongs to it; `progress` only while it is open, `earlier` what was done again."""

    run: RunRow
    payloads: Payloads | None
    steps: tuple[StepRow, ...]
    plan: Plan | None
    progress: dict[str, Any] | None
    earlier: tuple[StepRow, ...] = ()
    redos: tuple[Redoing, ...] = ()


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
    run = so_far.counted(connection, one_run(connection, scope, run_id))
    run = waits.closely(connection, run, broker=live.connected)
    done = generations.history(connection, run_id)
    plan = under_way.plan_of(connection, run)
    usual = rows.usual_durations(connection, run.version_id) if run.is_open and run.version_id else {}
    found = progress(run, plan, done.steps, live.nodes(run_id), usual)
    if found is not None:
        found["generation"] = len(done.redos)
    steps = under_way.with_cancelled(connection, run, done.steps)
    return Look(run, rows.payloads(connection, run_id), steps, plan, found, done.earlier, done.redos)
