"""Workflows as people work on them: draft, check, publish, compare, take back (contract §7)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from app.store import audit
from app.store import callers as caller_rows
from app.store import workflows as rows
from app.store.audit import Actor
from app.store.database import Database
from app.store.workflows import VersionInfo, VersionRow, WorkflowRow
from app.workflows.draft import Draft, Drafts, Graph
from app.workflows.errors import BadFieldError, SlugTakenError, WorkflowUnknownError
from app.workflows.guard import Affected, affected
from app.workflows.judging import Judge, Offers, SecretsOf
from app.workflows.published import Published, PublishedVersions
from app.workflows.publishing import Publisher
from app.workflows.rules import SLUG, found, starter
from graphs.catalogue import Catalogue
from graphs.check import Facts
from graphs.compare import Difference, differences
from graphs.diff import GraphDiff, contract_changes, graph_diff
from graphs.document import Document, dump, parse
from graphs.problem import Problem
from graphs.repair import Repair, repair_all, repairs
from graphs.trigger import TriggerContract

DEFAULT_PROJECT = "default"


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions: the graphs as before and after, every change by itself, and what callers meet."""

    graph: GraphDiff
    differences: tuple[Difference, ...]
    contract: tuple[Affected, ...]


class WorkflowService:
    """Everything the API and the interface do with workflows; `actor` is a name for the audit log."""

    def __init__(
        self,
        db: Database,
        catalogue: Catalogue,
        facts: Facts | None = None,
        services: Offers | None = None,
        secrets: SecretsOf | None = None,
    ) -> None:
        self._db = db
        self._judge = Judge(db, catalogue, facts, services, secrets)
        self.drafts = Drafts(db)
        self._publisher = Publisher(db, self._judge, self.drafts)
        self._published = PublishedVersions(db)

    def get(self, org_id: str, slug: str) -> WorkflowRow:
        """A workflow, archived ones too.

        Raises:
            WorkflowUnknownError
        """
        with self._db.read() as connection:
            return found(connection, org_id, slug)

    def create(
        self,
        org_id: str,
        slug: str,
        name: str | None = None,
        graph: Graph | None = None,
        project_id: str | None = None,
        *,
        actor: str = "system",
        request_id: str | None = None,
    ) -> WorkflowRow:
        """A new workflow with its first draft.

        Raises:
            BadFieldError, SlugTakenError, MalformedDocumentError
        """
        if not SLUG.fullmatch(slug):
            raise BadFieldError(
                "slug", "must be 1 to 80 of a-z, 0-9 and '-', not beginning or ending with '-'"
            )
        document = parse(graph) if graph is not None else starter(name or slug)
        shown = name or document.name or slug
        with self._db.write() as connection:
            project = caller_rows.find_project(connection, org_id, project_id or DEFAULT_PROJECT)
            if project is None:
                raise BadFieldError("project_id", f"names no project: '{project_id}'")
            if rows.get(connection, org_id, slug) is not None:
                raise SlugTakenError(slug)
            rows.create(
                connection,
                org_id=org_id,
                project_id=project.id,
                slug=slug,
                name=shown,
                document=dump(document),
                actor=actor,
            )
            audit.write(connection, Actor(org_id, actor, request_id), "workflow.create", slug)
        return self.get(org_id, slug)

    def draft(self, org_id: str, slug: str) -> Draft:
        """The draft of a workflow.

        Raises:
            WorkflowUnknownError
        """
        return self.drafts.get(org_id, slug)

    def save_draft(
        self,
        org_id: str,
        slug: str,
        document: Graph,
        if_match: str | None = None,
        *,
        actor: str = "system",
        request_id: str | None = None,
    ) -> Draft:
        """Replace the draft; with `if_match` only when it still has that tag.

        Raises:
            WorkflowUnknownError, ArchivedError, MalformedDocumentError, DraftChangedError
        """
        return self.drafts.save(Actor(org_id, actor, request_id), slug, document, if_match)

    def validate(
        self, document: Graph, org_id: str | None = None, slug: str = "", *, secrets: bool = True
    ) -> tuple[Problem, ...]:
        """Every problem of a document at once, warnings included; calls and services for an organisation.

        Whoever may not know of its secrets is told nothing about them (``secrets``).

        Raises:
            MalformedDocumentError: It cannot be read at all.
        """
        return tuple(self._judge.problems(parse(document), org_id, slug, secrets=secrets))

    def mend(self, document: Graph, org_id: str, slug: str) -> tuple[Document, int]:
        """A document with every repair applied that helps, and how many did.

        Raises:
            MalformedDocumentError
        """

        def check(tried: Document) -> list[Problem]:
            return self._judge.problems(tried, org_id, slug)

        return repair_all(parse(document), self._judge.catalogue, check)

    def repairs(self, document: Graph, problems: Sequence[Problem]) -> list[Repair | None]:
        """For each problem what would mend it, None where only a person knows."""
        return repairs(parse(document), self._judge.catalogue, problems)

    def publish(
        self,
        org_id: str,
        slug: str,
        note: str = "",
        allow_breaking: bool = False,
        *,
        actor: str = "system",
        request_id: str | None = None,
    ) -> VersionInfo:
        """Make the draft the next version, and that the one that runs.

        Raises:
            WorkflowUnknownError, ArchivedError, UnpublishableError, BreakingChangeError, DraftChangedError
        """
        acting = Actor(org_id, actor, request_id)
        info = self._publisher.publish(acting, slug, note, allow_breaking=allow_breaking)
        self._published.forget()
        return info

    def rollback(
        self,
        org_id: str,
        slug: str,
        number: int | None = None,
        *,
        actor: str = "system",
        request_id: str | None = None,
    ) -> VersionInfo:
        """Let an earlier version run again (default: the one before the published one); drafts stay.

        Raises:
            WorkflowUnknownError: No such workflow or version.
            ArchivedError
        """
        info = self._publisher.rollback(Actor(org_id, actor, request_id), slug, number)
        self._published.forget()
        return info

    def versions(self, org_id: str, slug: str) -> tuple[VersionInfo, ...]:
        """Newest first."""
        with self._db.read() as connection:
            return rows.versions(connection, found(connection, org_id, slug).id)

    def version(self, org_id: str, slug: str, number: int) -> VersionRow:
        """One version with its graph and plan.

        Raises:
            WorkflowUnknownError: No such workflow or version.
        """
        with self._db.read() as connection:
            row = rows.version(connection, found(connection, org_id, slug).id, number)
        if row is None:
            raise WorkflowUnknownError(slug, number)
        return row

    def diff(self, org_id: str, slug: str, old: int, new: int | None) -> Compared:
        """What changed from one version to another (None: the draft), for editors and for callers."""
        before = json.loads(self.version(org_id, slug, old).graph)
        after = json.loads(
            self.draft(org_id, slug).document if new is None else self.version(org_id, slug, new).graph
        )
        one, other = parse(before), parse(after)
        changes = contract_changes(TriggerContract.of(one), TriggerContract.of(other))
        with self._db.read() as connection:
            met = affected(connection, found(connection, org_id, slug).id, changes)
        return Compared(graph_diff(one, other), tuple(differences(before, after)), tuple(met))

    def archive(
        self, org_id: str, slug: str, *, actor: str = "system", request_id: str | None = None
    ) -> None:
        """Take a workflow out of use; its runs and versions stay readable.

        Raises:
            WorkflowUnknownError
        """
        self._use(slug, Actor(org_id, actor, request_id), in_use=False)

    def bring_back(
        self, org_id: str, slug: str, *, actor: str = "system", request_id: str | None = None
    ) -> None:
        """Take an archived workflow into use again, with the version that ran last.

        Raises:
            WorkflowUnknownError
        """
        self._use(slug, Actor(org_id, actor, request_id), in_use=True)

    def _use(self, slug: str, actor: Actor, *, in_use: bool) -> None:
        with self._db.write() as connection:
            workflow = found(connection, actor.org_id, slug)
            if (workflow.archived_at is None) == in_use:
                return
            rows.archive(connection, workflow.id, out_of_use=not in_use)
            action = "workflow.bring_back" if in_use else "workflow.archive"
            audit.write(connection, actor, action, slug)
        self._published.forget()

    def published(self, org_id: str, slug: str, version: int | None = None) -> Published:
        """What a trigger runs, at most a second behind the last publication.

        Raises:
            WorkflowUnknownError, NotPublishedError, ArchivedError
        """
        return self._published.get(org_id, slug, version)

    def forget(self) -> None:
        """Read workflows anew at the next trigger; for changes made elsewhere in this process."""
        self._published.forget()

    def recall(self, org_id: str, slug: str, version: int | None = None) -> Published:
        """As `published`, but without reading the database: MISSING when it must be read."""
        return self._published.recall(org_id, slug, version)

    def list(self, org_id: str, *, archived: bool = False) -> tuple[WorkflowRow, ...]:
        """Workflows by slug; archived ones only when asked for."""
        with self._db.read() as connection:
            return rows.list_all(connection, org_id, archived=archived)
