"""Files of rows as people and services send them: check, accept, follow, cancel, run again (S1)."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app import clock
from app.delivery.callbacks import CallbackRule
from app.engine.engine import Engine
from app.engine.records import IdempotencyMismatchError
from app.identity.roles import Identity
from app.store import audit, idempotency
from app.store import batches as rows
from app.store.batches import BatchRow
from app.store.database import Database
from app.store.runs import Scope
from app.workflows.errors import InvalidFieldsError, WayUnknownError
from app.workflows.published import Published
from app.workflows.rowcheck import Judged, judge
from app.workflows.service import WorkflowService
from app.workflows.sheet import read
from app.workflows.ways import wrong_callback

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Upload:
    """A file and what is wanted of it.

    Attributes:
        mapping: Column → field; None or empty text leaves a column out.
        skip_invalid: Run the good rows although others are wrong.
        key: Idempotency key of the whole file.
    """

    raw: bytes
    name: str = ""
    mapping: Mapping[str, str | None] = field(default_factory=dict)
    callback_url: str | None = None
    skip_invalid: bool = False
    key: str | None = None


class Batches:
    """Keeps files of rows; their runs are started by the workers."""

    def __init__(
        self, db: Database, workflows: WorkflowService, engine: Engine, callback: CallbackRule
    ) -> None:
        self._db = db
        self._workflows = workflows
        self._engine = engine
        self._callback = callback

    def check(self, org_id: str, slug: str, upload: Upload) -> tuple[Published, Judged]:
        """What a file would become, and every problem of it.

        Raises:
            SheetError, WorkflowUnknownError, NotPublishedError, ArchivedError
            InvalidFieldsError: The callback URL is refused.
        """
        published = self._workflows.published(org_id, slug)
        errors = wrong_callback(self._callback, upload.callback_url)
        if errors:
            raise InvalidFieldsError(errors)
        return published, judge(published.trigger, read(upload.raw), upload.mapping)

    def earlier(self, who: Identity, slug: str, upload: Upload) -> BatchRow | None:
        """What the same key and file became before.

        Raises:
            IdempotencyMismatchError: The key was used for another file.
        """
        if upload.key is None:
            return None
        with self._db.read() as connection:
            return _earlier(connection, who, _key(who, slug, upload))

    def accept(
        self,
        who: Identity,
        slug: str,
        upload: Upload,
        checked: tuple[Published, Judged],
        request_id: str | None = None,
    ) -> BatchRow:
        """Store the good rows of a checked file; their runs follow by themselves.

        Raises:
            IdempotencyMismatchError
        """
        published, judged = checked
        try:
            return self._store(who, slug, upload, published, judged, request_id)
        except IntegrityError:
            # the same key came through another process at the same moment
            earlier = self.earlier(who, slug, upload)
            if earlier is None:
                raise
            return earlier

    def _store(  # noqa: PLR0917 - one file from its parts
        self,
        who: Identity,
        slug: str,
        upload: Upload,
        published: Published,
        judged: Judged,
        request_id: str | None,
    ) -> BatchRow:
        count = len(judged.rows)
        values = {
            "org_id": who.org_id,
            "workflow_id": published.workflow.id,
            "caller_id": who.caller_id,
            "name": upload.name[:200] or "rows.csv",
            "version": published.number,
            "draft_id": None if published.number else published.version_id,
            "rows": count,
            "skipped": len(judged.sheet.rows) - count,
            "pending": count,
            "mapping": json.dumps(judged.mapping, ensure_ascii=False),
            "callback_url": upload.callback_url,
            "created_by": who.actor,
        }
        lines = (
            {"number": row.number, "payload": row.payload, "external_id": row.external_id, "run_id": None}
            for row in judged.rows
        )
        key = _key(who, slug, upload)
        detail = {"workflow": slug, "rows": count, "skipped": values["skipped"]}
        with self._db.write() as connection:
            earlier = _earlier(connection, who, key) if upload.key else None
            if earlier is not None:
                return earlier
            identifier = rows.add(connection, values, lines)
            if upload.key is not None:
                idempotency.add(connection, key, identifier, clock.now())
            audit.write(connection, who.acting(request_id), "batch.create", identifier, detail)
            return _found(connection, who.scope, identifier)

    def get(self, scope: Scope, batch_id: str) -> BatchRow:
        """Raises WayUnknownError."""
        with self._db.read() as connection:
            return _found(connection, scope, batch_id)

    async def cancel(self, who: Identity, batch_id: str, request_id: str | None = None) -> int:
        """Start no further row and end the open runs; how many runs were ended.

        Raises:
            WayUnknownError
        """
        await asyncio.to_thread(self._stop, who, batch_id, request_id)
        open_runs = await asyncio.to_thread(self._open, batch_id)
        count = 0
        for start in range(0, len(open_runs), _AT_ONCE):
            some = open_runs[start : start + _AT_ONCE]
            asked = [self._engine.cancel(who.org_id, run_id, who.actor, request_id) for run_id in some]
            count += sum(await asyncio.gather(*asked))
        return count

    def retry(self, who: Identity, batch_id: str, request_id: str | None = None) -> int:
        """Run the failed and cancelled rows again, and those that never ran; how many.

        Raises:
            WayUnknownError
        """
        with self._db.write() as connection:
            _found(connection, who.scope, batch_id)
            count = rows.release(connection, batch_id, ("failed", "cancelled"))
            audit.write(connection, who.acting(request_id), "batch.retry", batch_id, {"rows": count})
        return count

    def _stop(self, who: Identity, batch_id: str, request_id: str | None) -> None:
        with self._db.write() as connection:
            row = _found(connection, who.scope, batch_id)
            if row.cancelled_at is None:
                rows.stop(connection, batch_id)
            audit.write(
                connection, who.acting(request_id), "batch.cancel", batch_id, {"pending": row.pending}
            )

    def _open(self, batch_id: str) -> list[str]:
        with self._db.read() as connection:
            return rows.open_runs(connection, batch_id)


def _key(who: Identity, slug: str, upload: Upload) -> tuple[str, str]:
    """Where a file's key is remembered, and what must be the same when it comes again."""
    scope = f"rows\0{who.caller_id}\0{slug}\0{upload.key}"
    options = json.dumps([sorted(upload.mapping.items()), upload.callback_url, upload.skip_invalid])
    payload = hashlib.sha256(upload.raw + b"\0" + options.encode()).hexdigest()
    return hashlib.sha256(scope.encode()).hexdigest(), payload


def _earlier(connection: Connection, who: Identity, key: tuple[str, str]) -> BatchRow | None:
    known = idempotency.find(connection, key[0])
    if known is None:
        return None
    if known.payload_hash != key[1]:
        raise IdempotencyMismatchError
    return _found(connection, who.scope, known.run_id)


def _found(connection: Connection, scope: Scope, batch_id: str) -> BatchRow:
    row = rows.get(connection, scope, batch_id)
    if row is None:
        raise WayUnknownError("batch")
    return row
