"""Claims: the row, not the message, decides who works (design §4.2)."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, TextClause, select, text

from app import clock
from app.engine import inherited, starts
from app.engine.paused import Pauses
from app.engine.records import Claimed, Outgoing, RunRow, StepRow
from app.points import Point, reached
from app.store import bulk
from app.store.bulk import StageKey
from app.store.database import Dialect
from app.store.tables import step
from graphs.generations import load, split


class Claims:
    """The claiming operations of one worker.

    Args:
        dialect: Which SQL is spoken.
        worker: Name of this worker, written on what it claims.
        lease: Seconds a claim holds without a heartbeat.
    """

    def __init__(self, dialect: Dialect, worker: str, lease: float) -> None:
        self._dialect: Dialect = dialect
        self._worker = worker
        self._lease = lease
        self.pauses = Pauses()

    def stages(self, connection: Connection, batches: Sequence[Sequence[StageKey]]) -> list[list[Claimed]]:
        """Claim ready stages: ``ready → running``, fence + 1, lease. What others hold is left out."""
        now = clock.now()
        keys = sorted({key for batch in batches for key in batch})
        rows = connection.execute(
            _claim_stages(self._dialect),
            {"lease": now + self._lease, "worker": self._worker, **bulk.pair_params(self._dialect, keys)},
        ).all()
        free = self.pauses.part(connection, rows, now)
        passed = starts.through(connection, self._dialect, free, now, run_row)
        claimed = {(row.run_id, row.number): row for row in passed}
        if not claimed:
            return [[] for _ in batches]
        ids = sorted({run_id for run_id, _ in claimed})
        runs = self.start_runs(connection, ids, now)
        steps = self._steps(connection, [key for key, row in claimed.items() if needs_steps(row)])
        reached(Point.CLAIM_WRITTEN)
        # popped: a key that came twice, in one message or in two, is worked on once
        return [
            [
                _claimed(row, runs[key[0]], steps.get(key[0], []))
                for key in batch
                if key[0] in runs and (row := claimed.pop(key, None)) is not None
            ]
            for batch in batches
        ]

    def start_runs(self, connection: Connection, ids: Sequence[str], now: float) -> dict[str, RunRow]:
        """Mark runs as running and read what their workers need."""
        rows = connection.execute(
            _start_runs(self._dialect), {"now": now, **bulk.id_params(self._dialect, ids)}
        )
        return {row.id: run_row(row) for row in rows}

    def deliveries(self, connection: Connection, batches: Sequence[Sequence[str]]) -> list[list[Outgoing]]:
        """Claim deliveries that are due: ``pending | retrying → sending``."""
        ids = sorted({key for batch in batches for key in batch})
        rows = connection.execute(
            _claim_deliveries(self._dialect),
            {
                "now": clock.now(),
                "lease": clock.now() + self._lease,
                "worker": self._worker,
                **bulk.id_params(self._dialect, ids),
            },
        )
        found = {row.id: outgoing(row) for row in rows}
        return [[found.pop(key) for key in batch if key in found] for batch in batches]

    def _steps(self, connection: Connection, keys: Sequence[StageKey]) -> dict[str, list[StepRow]]:
        ids = sorted({run_id for run_id, _ in keys})
        if not ids:
            return {}
        found: dict[str, list[StepRow]] = {}
        query = select(step).where(step.c.run_id.in_(ids))
        for row in connection.execute(query):
            found.setdefault(row.run_id, []).append(step_row(row))
        return found


def needs_steps(row: Any) -> bool:
    """A first try of the first stage has no earlier results, unless it is a rerun that keeps some."""
    return bool(row.number > 0 or row.attempt > 1 or row.crashes > 0 or row.kept)


def _claimed(row: Any, run_: RunRow, rows: list[StepRow]) -> Claimed:
    detail = json.loads(row.detail) if row.detail else None
    steps, earlier = split(rows, run_.redos)
    return Claimed(run_, row.number, row.fence, row.attempt, detail, steps, earlier)


def run_row(row: Any) -> RunRow:
    return RunRow(
        row.id,
        row.org_id,
        row.project_id,
        row.workflow,
        row.version,
        row.version_id,
        row.caller_id,
        row.caller,
        json.loads(row.trigger),
        json.loads(row.inputs),
        row.callback_url,
        row.external_id,
        row.trace_id,
        row.request_id,
        row.created_at,
        row.started_at,
        row.parent_id,
        row.depth,
        tuple(json.loads(row.targets)) if row.targets else (),
        load(row.redos),
        row.workflow_id,
        row.fresh,
        inherited.load(row.budget),
    )


def step_row(row: Any) -> StepRow:
    return StepRow(
        row.node_id,
        row.position,
        row.status,
        row.attempts,
        row.started_at,
        row.duration,
        json.loads(row.outputs) if row.outputs else None,
        row.error_code,
        row.reason,
        row.credits,
        row.model_id,
        row.executor,
        generation=row.generation,
    )


def outgoing(row: Any) -> Outgoing:
    return Outgoing(
        row.id,
        row.org_id,
        row.run_id,
        row.caller_id,
        row.message_id,
        row.url,
        row.body,
        row.attempts,
        row.attempt_base,
        row.fence,
    )


@lru_cache
def _claim_stages(dialect: Dialect) -> TextClause:
    return text(
        "UPDATE stage SET state = 'running', fence = fence + 1, rings = 0, wake_at = :lease, worker = :worker"  # noqa: S608
        f" WHERE (run_id, number) IN {bulk.pairs(dialect)} AND state = 'ready'"
        " RETURNING run_id, number, fence, attempt, crashes, gate, detail,"
        " (number = 0 AND EXISTS (SELECT 1 FROM step WHERE step.run_id = stage.run_id)) AS kept"
    )


@lru_cache
def _start_runs(dialect: Dialect) -> TextClause:
    return text(
        "UPDATE run SET status = 'running', wait = NULL, started_at = COALESCE(started_at, :now)"  # noqa: S608
        f" WHERE id IN {bulk.ids(dialect)} AND finished_at IS NULL"
        " RETURNING id, org_id, project_id, workflow, version, version_id, caller_id, caller,"
        ' "trigger", inputs, callback_url, external_id, trace_id, request_id, created_at, started_at,'
        " parent_id, depth, targets, redos, workflow_id, fresh, budget"
    )


@lru_cache
def _claim_deliveries(dialect: Dialect) -> TextClause:
    return text(
        "UPDATE delivery SET status = 'sending', fence = fence + 1, rings = 0,"  # noqa: S608
        f" wake_at = :lease, worker = :worker WHERE id IN {bulk.ids(dialect)}"
        " AND (status = 'pending' OR (status = 'retrying' AND wake_at <= :now))"
        " RETURNING id, org_id, run_id, caller_id, message_id, url, body, attempts, attempt_base, fence"
    )
