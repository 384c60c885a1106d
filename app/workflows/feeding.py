"""What the leading worker does about files: turn their rows into runs, never many in one transaction."""

import json
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from app.engine.feed import Rung, Submit
from app.engine.rows import Portion, Rows
from app.engine.writer import QueueFullError, StoreUnavailableError
from app.points import Point, reached
from app.store import batches as rows
from app.store.batches import BatchRow
from app.store.database import Database
from app.workflows.errors import WorkflowError
from app.workflows.flat import body_of, fillable
from app.workflows.published import PublishedVersions
from app.workflows.ways import Party, new_run
from graphs.trigger import TriggerInvalid

# small enough that a trigger never waits long behind one, on a database that has one writer
PORTION = 100
_PORTIONS = 5
_FILES = 5


class Feeding:
    """Serves files with rows that have no run yet, in turns."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._published = PublishedVersions(db)
        self._take = Rows(db.dialect).take

    def __call__(self, submit: Submit) -> Rung:
        """Store a few portions through a writer's `submit`."""
        rung = Rung([], [])
        for _ in range(_PORTIONS):
            with self._db.read() as connection:
                found = rows.pending(connection, _FILES)
            runs = [run_id for each in found for run_id in self._serve(each, submit)]
            rung.stages.extend((run_id, 0) for run_id in runs)
            if not runs:
                break
        return rung

    def _serve(self, row: BatchRow, submit: Submit) -> list[str]:
        with self._db.read() as connection:
            lines = rows.waiting_lines(connection, row.id, PORTION)
        runs = _outcome(submit(self._take, self._portion(row, lines)))
        reached(Point.ROWS_TAKEN)
        return runs

    def _portion(self, row: BatchRow, lines: tuple[rows.PlainLine, ...]) -> Portion:
        party = Party(row.org_id, row.caller_id, row.caller)
        try:
            published = (
                self._published.draft(row.org_id, row.workflow, row.draft_id)
                if row.draft_id
                else self._published.get(row.org_id, row.workflow, row.version)
            )
            fields = fillable(published.trigger.fields)
            news = tuple(
                replace(
                    new_run(published, party, body_of(fields, json.loads(line.payload)), "csv"),
                    external_id=line.external_id,
                    callback_url=row.callback_url,
                    batch_id=row.id,
                )
                for line in lines
            )
        except (WorkflowError, TriggerInvalid) as error:
            return Portion(row.id, row.pending, (), (), str(error))
        if not lines:
            return Portion(row.id, row.pending, (), (), "the rows that were left cannot be found")
        return Portion(row.id, row.pending, tuple(line.number for line in lines), news)


def _outcome(future: "Future[Any]") -> list[str]:
    try:
        runs: list[str] = future.result()
    except (StoreUnavailableError, QueueFullError):
        return []
    return runs
