"""Sample payloads of a workflow: named, shared by everybody who works on it."""

import json
from typing import Any

from app import clock
from app.identity.roles import Identity
from app.store import audit, drafts
from app.store.database import Database
from app.store.drafts import SampleRow
from app.workflows.drafts import opened
from app.workflows.errors import BadFieldError
from app.workflows.service import WorkflowService
from graphs.trigger import RESERVED

Json = dict[str, Any]
MAX_NAME, MAX_BYTES, MOST = 80, 1024 * 1024, 200


class Samples:
    """Keeps named payloads; what they mean is judged when they are run."""

    def __init__(self, db: Database, workflows: WorkflowService) -> None:
        self._db = db
        self._workflows = workflows

    def list(self, org_id: str, slug: str) -> tuple[SampleRow, ...]:
        """Samples by name.

        Raises:
            WorkflowUnknownError
        """
        row = self._workflows.get(org_id, slug)
        with self._db.read() as connection:
            return drafts.samples(connection, row.id)

    def put(
        self, who: Identity, slug: str, name: str, payload: Json, request_id: str | None = None
    ) -> SampleRow:
        """Save a payload under a name, in place of an earlier one.

        Raises:
            WorkflowUnknownError, ArchivedError, BadFieldError
        """
        row = opened(self._workflows, who.org_id, slug)
        name = name.strip()
        if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
            raise BadFieldError("name", f"must have 1 to {MAX_NAME} printable characters")
        reserved = next((each for each in payload if each in RESERVED), None)
        if reserved is not None:
            raise BadFieldError(f"payload.{reserved}", "is a reserved name and cannot be part of a sample")
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) > MAX_BYTES:
            raise BadFieldError("payload", f"is larger than {MAX_BYTES} bytes")
        found = SampleRow(row.id, name, text, who.actor, clock.now())
        with self._db.write() as connection:
            known = {each.name for each in drafts.samples(connection, row.id)}
            if name not in known and len(known) >= MOST:
                raise BadFieldError("name", f"is one too many: a workflow keeps {MOST} samples")
            drafts.save_sample(connection, found)
            audit.write(connection, who.acting(request_id), "sample.save", slug, {"name": name})
        return found

    def remove(self, who: Identity, slug: str, name: str, request_id: str | None = None) -> bool:
        """Forget a sample; False when there is none of that name.

        Raises:
            WorkflowUnknownError
        """
        row = self._workflows.get(who.org_id, slug)
        with self._db.write() as connection:
            gone = drafts.drop_sample(connection, row.id, name)
            if gone:
                audit.write(connection, who.acting(request_id), "sample.delete", slug, {"name": name})
        return gone
