"""What a trigger runs: a published version, read once and kept ready (the hot path of contract §3)."""

import json
from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import Connection

from app.cache import MomentCache
from app.store import workflows as rows
from app.store.database import Database
from app.store.workflows import VersionRow, WorkflowRow
from app.workflows.errors import ArchivedError, NotPublishedError, WorkflowUnknownError
from graphs.document import parse
from graphs.plan import Plan
from graphs.trigger import TriggerContract

_KEPT = 256


@dataclass(frozen=True, slots=True)
class Published:
    """A version that can be run: its plan and the contract of its trigger."""

    workflow: WorkflowRow
    number: int
    version_id: str
    plan: Plan
    trigger: TriggerContract


class PublishedVersions:
    """Published versions by organisation, slug and number (None: the current one)."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._cache: MomentCache[tuple[str, str, int | None], Published] = MomentCache(size=1024)
        self._compiled: OrderedDict[str, tuple[Plan, TriggerContract]] = OrderedDict()

    def recall(self, org_id: str, slug: str, number: int | None = None) -> Published:
        """The version without reading the database; MISSING when it must be read."""
        return self._cache.peek((org_id, slug, number))

    def get(self, org_id: str, slug: str, number: int | None = None) -> Published:
        """The version, at most a second behind the last publication.

        Raises:
            WorkflowUnknownError, NotPublishedError, ArchivedError
        """
        return self._cache.get((org_id, slug, number), lambda: self._load(org_id, slug, number))

    def draft(self, org_id: str, slug: str, draft_id: str) -> Published:
        """A draft as somebody ran it.

        Raises:
            WorkflowUnknownError, ArchivedError
        """
        with self._db.read() as connection:
            workflow = rows.get(connection, org_id, slug)
            version = rows.version_by_id(connection, draft_id)
        if workflow is None or version is None or version.workflow_id != workflow.id:
            raise WorkflowUnknownError(slug, 0)
        if workflow.archived_at is not None:
            raise ArchivedError(slug)
        plan, trigger = self._ready(version)
        return Published(workflow, version.number, version.id, plan, trigger)

    def forget(self) -> None:
        """Read anew at the next request; for changes made by this process."""
        self._cache.clear()

    def _load(self, org_id: str, slug: str, number: int | None) -> Published:
        with self._db.read() as connection:
            workflow = rows.get(connection, org_id, slug)
            if workflow is None:
                raise WorkflowUnknownError(slug)
            if workflow.archived_at is not None:
                raise ArchivedError(slug, workflow.id)
            wanted = workflow.published if number is None else number
            if wanted is None:
                raise NotPublishedError(slug)
            return self._version(connection, workflow, wanted)

    def _version(self, connection: Connection, workflow: WorkflowRow, number: int) -> Published:
        version = rows.version(connection, workflow.id, number)
        if version is None:
            raise WorkflowUnknownError(workflow.slug, number)
        plan, trigger = self._ready(version)
        return Published(workflow, number, version.id, plan, trigger)

    def _ready(self, version: VersionRow) -> tuple[Plan, TriggerContract]:
        ready = self._compiled.get(version.id)
        if ready is None:
            ready = (Plan.from_json(json.loads(version.plan)), TriggerContract.of(parse(version.graph)))
            self._compiled[version.id] = ready
            if len(self._compiled) > _KEPT:
                self._compiled.popitem(last=False)
        return ready
