"""Drafts as they are run: kept as they were, so that a run shows its own graph for ever.

A run of a draft has version 0 and the snapshot's id as its version_id. No caller's trigger comes here.
"""

import json

from app.store import drafts as rows
from app.store.database import Database
from app.store.workflows import WorkflowRow
from app.workflows.errors import ArchivedError, UnpublishableError
from app.workflows.published import Published, PublishedVersions
from app.workflows.service import WorkflowService
from graphs.catalogue import Catalogue
from graphs.document import dump, parse
from graphs.plan import compile_plan
from graphs.problem import errors_in
from graphs.trigger import TriggerContract


class Drafts:
    """Makes what the engine needs of drafts."""

    def __init__(self, db: Database, catalogue: Catalogue, workflows: WorkflowService) -> None:
        self._db = db
        self._catalogue = catalogue
        self._workflows = workflows

    def snapshot(self, org_id: str, slug: str, actor: str) -> Published:
        """The draft as it is now, kept and ready to run.

        Raises:
            WorkflowUnknownError, ArchivedError
            UnpublishableError: The draft has errors; every one is listed.
        """
        row = opened(self._workflows, org_id, slug)
        text = self._workflows.draft(org_id, slug).document
        problems = errors_in(list(self._workflows.validate(text, org_id, slug)))
        if problems:
            raise UnpublishableError(problems)
        document = parse(text)
        plan = compile_plan(document, self._catalogue)
        with self._db.write() as connection:
            stored = json.dumps(plan.to_json(), ensure_ascii=False)
            kept = rows.keep_snapshot(connection, row.id, graph=dump(document), plan=stored, actor=actor)
        return Published(row, 0, kept, plan, TriggerContract.of(document))


def tried(db: Database, workflows: WorkflowService, org_id: str, slug: str, version_id: str) -> Published:
    """A draft that was run before, as it was then.

    Raises:
        WorkflowUnknownError, ArchivedError
    """
    opened(workflows, org_id, slug)
    return PublishedVersions(db).draft(org_id, slug, version_id)


def opened(workflows: WorkflowService, org_id: str, slug: str) -> WorkflowRow:
    """A workflow that still takes runs.

    Raises:
        WorkflowUnknownError, ArchivedError
    """
    row = workflows.get(org_id, slug)
    if row.archived_at is not None:
        raise ArchivedError(slug)
    return row
