"""Triggers that failed validation: kept in the history as failed runs, and told to the caller (S40, S41)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert

from app import clock
from app.delivery.body import Facts, Failure, error, failed
from app.engine.accept import run_values
from app.engine.finish import delivery_values, finish_runs
from app.engine.records import Finish, NewRun, RunRow
from app.store.database import Dialect
from app.store.ids import new_id
from app.store.tables import delivery, run


@dataclass(frozen=True, slots=True)
class Refused:
    """A trigger and what is wrong with it; ``run.callback_url`` is set only when it may be called."""

    run: NewRun
    failure: Failure


@dataclass(frozen=True, slots=True)
class Rejected:
    """The failed run, and the delivery that tells the caller, if one is owed."""

    run_id: str
    delivery_id: str | None


class Rejections:
    """The operation that stores refused triggers."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect: Dialect = dialect

    def reject(self, connection: Connection, items: Sequence[Refused]) -> list[Rejected]:
        """Store each as a run that failed at once: one attempt, never retried."""
        return [self._reject(connection, item) for item in items]

    def _reject(self, connection: Connection, item: Refused) -> Rejected:
        now, run_id = clock.now(), new_id("run")
        connection.execute(insert(run).values(run_values(item.run, run_id, now, None)))
        row = _row(item.run, run_id, now)
        finish = Finish(
            "failed",
            "job.failed",
            failed(_facts(item.run, run_id, now), item.failure),
            0.0,
            error_code=item.failure.error_code,
            error=error(item.failure),
        )
        finish_runs(connection, self._dialect, [(row, finish)], now)
        if not item.run.callback_url:
            return Rejected(run_id, None)
        values = delivery_values(row, finish, now)
        connection.execute(insert(delivery), values)
        return Rejected(run_id, str(values["id"]))


def _row(new: NewRun, run_id: str, now: float) -> RunRow:
    return RunRow(
        run_id,
        new.org_id,
        new.project_id,
        new.workflow,
        new.version,
        new.version_id or "",
        new.caller_id,
        new.caller,
        new.trigger,
        new.inputs,
        new.callback_url,
        new.external_id,
        new.trace_id,
        new.request_id,
        now,
        now,
    )


def _facts(new: NewRun, run_id: str, now: float) -> Facts:
    return Facts(
        run_id,
        new.project_id,
        new.workflow,
        new.version,
        new.external_id,
        new.trigger,
        new.trace_id,
        now,
        now,
        0.0,
        1,
    )
