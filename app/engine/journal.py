"""One line in the log for every run that ends, with the fields that operators search by (S126)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from app.engine.records import DeliveryResult, Finish, NewRun, Settlement
from app.logs import note
from app.store.database import Database
from app.store.tables import run, step
from graphs.generations import Redoing


def run_ended(settlement: Settlement, end: Finish, now: float) -> None:
    """A worker settled the end of a run."""
    found = settlement.claimed.run
    _line(found, end.status, now - found.created_at, _model(settlement), end.credit_cost, end.error_code)


def redo_asked(settlement: Settlement, redo: Redoing) -> None:
    """Quality control has steps of a run done again (S45)."""
    found = settlement.claimed.run
    fields = {
        "request_id": found.request_id,
        "trace_id": found.trace_id,
        "task_id": found.id,
        "user_id": found.caller_id,
        "node_id": redo.by,
        "from_node": redo.start,
        "change": redo.change,
        "reason": redo.reason,
    }
    note("run_redone", fields)


def run_refused(new: NewRun, run_id: str, error_code: str) -> None:
    """A trigger was invalid: a run that began and ended at once."""
    _line(new, "failed", 0.0, None, 0.0, error_code, run_id)


def runs_stopped(database: Database, run_ids: Sequence[str]) -> None:
    """Runs ended by a decision; what the line says is read from their rows."""
    model = select(func.max(step.c.model_id)).where(step.c.run_id == run.c.id).scalar_subquery()
    query = select(run, model.label("model")).where(run.c.id.in_(run_ids))
    with database.read() as connection:
        rows = connection.execute(query).all()
    for row in rows:
        lasted = (row.finished_at or row.created_at) - row.created_at
        _line(row, row.status, lasted, row.model, row.credit_cost, row.error_code)


def delivery_ended(result: DeliveryResult) -> None:
    """A callback was delivered or given up."""
    delivery = result.delivery
    fields = {
        "task_id": delivery.run_id,
        "delivery_id": delivery.id,
        "user_id": delivery.caller_id,
        "callback_status": result.status,
        "attempts": delivery.attempts + 1,
        "duration": round(result.duration, 3),
        "error_code": result.error_code,
    }
    note("callback_ended", fields)


def _line(  # noqa: PLR0917
    found: Any,
    status: str,
    duration: float,
    model: str | None,
    cost: float,
    error_code: str | None,
    run_id: str | None = None,
) -> None:
    fields = {
        "request_id": found.request_id,
        "trace_id": found.trace_id,
        "project_id": found.project_id,
        "task_id": run_id or found.id,
        "user_id": found.caller_id,
        "model": model,
        "prompt_version": f"{found.workflow}@{found.version}",
        "status": status,
        "duration": round(duration, 3),
        "callback_status": "pending" if found.callback_url else "none",
        "credit_cost": cost,
        "error_code": error_code,
    }
    note("run_ended", fields)


def _model(settlement: Settlement) -> str | None:
    for row in (*settlement.steps, *settlement.claimed.steps.values()):
        if row.model_id is not None:
            return row.model_id
    return None
