"""Approving, rejecting and making again the results of single rows (S47, S120)."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from app.identity.roles import Identity
from app.store import audit, verdicts
from app.store import batches as rows
from app.store.batches import BatchRow, LineRow
from app.store.database import Database
from app.store.runs import OPEN
from app.workflows.errors import BadFieldError, WayUnknownError, WorkflowError
from app.workflows.flat import body_of, fillable
from app.workflows.published import Published, PublishedVersions

Json = dict[str, Any]
MAX_NOTE = 500


class RowBusyError(WorkflowError):
    """The row cannot be judged or made again now; the text says why."""


class Verdicts:
    """What people do with single rows of a file."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._published = PublishedVersions(db)

    def judge(  # noqa: PLR0917
        self,
        who: Identity,
        batch_id: str,
        number: int,
        verdict: str | None,
        note: str = "",
        request_id: str | None = None,
    ) -> LineRow:
        """Approve or reject what a row's run made; None takes a verdict back.

        Raises:
            WayUnknownError: There is no such file or row.
            BadFieldError: There is no such verdict, or the note is too long.
            RowBusyError: The row has no result yet.
        """
        if verdict is not None and verdict not in verdicts.VERDICTS:
            raise BadFieldError("verdict", "must be 'approved', 'rejected' or null")
        if len(note) > MAX_NOTE:
            raise BadFieldError("note", f"must have at most {MAX_NOTE} characters")
        with self._db.write() as connection:
            _, line = _found(connection, who, batch_id, number)
            if line.run_id is None or line.status in OPEN:
                raise RowBusyError(f"row {number} has no result yet")
            verdicts.judge(connection, batch_id, number, line.run_id, verdict, note, who.actor)
            detail = {"row": number, "run": line.run_id, "verdict": verdict, "note": note}
            audit.write(connection, who.acting(request_id), "batch.judge", batch_id, detail)
            return _found(connection, who, batch_id, number)[1]

    def again(
        self,
        who: Identity,
        batch_id: str,
        number: int,
        fields: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> LineRow:
        """Let a row run once more, with other fields if given; its run so far and the verdict on it stay.

        Raises:
            WayUnknownError, WorkflowUnknownError, ArchivedError
            TriggerInvalid: The contract refuses the fields.
            RowBusyError: Its run goes on, or the file was cancelled.
        """
        with self._db.write() as connection:
            batch, line = _found(connection, who, batch_id, number)
            if line.run_id is None or line.status in OPEN:
                raise RowBusyError(f"row {number} is being made; wait for it or cancel its run first")
            if batch.cancelled_at is not None:
                raise RowBusyError("the table was cancelled; run its rows again first")
            payload = json.loads(line.payload) | dict(fields or {})
            payload = {name: value for name, value in payload.items() if value is not None}
            published = self.contract(batch)
            published.trigger.read(body_of(fillable(published.trigger.fields), payload))
            text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
            if not rows.again(connection, batch_id, number, line.run_id, text):
                raise RowBusyError(f"somebody else has row {number} made again already")
            detail = {"row": number, "run": line.run_id, "changed": sorted(fields or ())}
            audit.write(connection, who.acting(request_id), "batch.again", batch_id, detail)
            return _found(connection, who, batch_id, number)[1]

    def contract(self, batch: BatchRow) -> Published:
        """What the rows of a file run.

        Raises:
            WorkflowUnknownError, ArchivedError
        """
        if batch.draft_id:
            return self._published.draft(batch.org_id, batch.workflow, batch.draft_id)
        return self._published.get(batch.org_id, batch.workflow, batch.version)


def _found(connection: Connection, who: Identity, batch_id: str, number: int) -> tuple[BatchRow, LineRow]:
    batch = rows.get(connection, who.scope, batch_id)
    line = rows.line(connection, batch_id, number) if batch else None
    if batch is None or line is None:
        raise WayUnknownError("row" if batch else "batch")
    return batch, line
