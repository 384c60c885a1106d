"""Making a draft the version that runs, and taking that back."""

import json

from app.points import Point, reached
from app.store import audit
from app.store import workflows as rows
from app.store.audit import Actor
from app.store.database import Database
from app.store.workflows import VersionInfo
from app.workflows.draft import Drafts
from app.workflows.errors import (
    BreakingChangeError,
    DraftChangedError,
    UnpublishableError,
    WorkflowUnknownError,
)
from app.workflows.guard import Affected, affected, dump
from app.workflows.judging import Judge
from app.workflows.rules import breaking_changes, one_before, opened
from graphs.document import Document, document_hash, parse
from graphs.plan import compile_plan
from graphs.problem import errors_in


class Publisher:
    """Writes versions; whoever keeps versions in memory must forget them afterwards."""

    def __init__(self, db: Database, judge: Judge, drafts: Drafts) -> None:
        self._db = db
        self._judge = judge
        self._drafts = drafts

    def publish(self, actor: Actor, slug: str, note: str, *, allow_breaking: bool) -> VersionInfo:
        """Check and compile the draft, and store it as the next version."""
        draft = self._drafts.get(actor.org_id, slug)
        document = parse(draft.document)
        problems = errors_in(self._judge.problems(document, actor.org_id, slug))
        if problems:
            raise UnpublishableError(problems)
        plan = json.dumps(compile_plan(document, self._judge.catalogue).to_json(), ensure_ascii=False)
        met = self._met(actor.org_id, slug, document)
        if met and not allow_breaking:
            raise BreakingChangeError([each.change for each in met], met)
        with self._db.write() as connection:
            workflow = opened(connection, actor.org_id, slug)
            if workflow.draft_revision != draft.revision:
                raise DraftChangedError(slug, f'"{workflow.draft_revision}"', workflow.draft_by)
            broken = breaking_changes(connection, workflow, document)
            if broken and not allow_breaking:
                raise BreakingChangeError(broken)
            known = {each.change: each for each in met}
            info = rows.add_version(
                connection,
                workflow.id,
                graph=draft.document,
                plan=plan,
                digest=document_hash(document),
                note=note,
                actor=actor.name,
                breaking=dump([known.get(each, Affected(each)) for each in broken]),
            )
            detail = {"version": info.number, "note": note, "breaking": bool(broken)}
            audit.write(connection, actor, "workflow.publish", slug, detail)
            reached(Point.PUBLISH_WRITTEN)
        reached(Point.PUBLISH_COMMITTED)
        return info

    def _met(self, org_id: str, slug: str, document: Document) -> list[Affected]:
        """What it would break and for whom, looked up before anything is locked."""
        with self._db.read() as connection:
            workflow = opened(connection, org_id, slug)
            return affected(connection, workflow.id, breaking_changes(connection, workflow, document))

    def rollback(self, actor: Actor, slug: str, number: int | None) -> VersionInfo:
        """Let an earlier version run again (None: the one before the published one)."""
        with self._db.write() as connection:
            workflow = opened(connection, actor.org_id, slug)
            infos = {info.number: info for info in rows.versions(connection, workflow.id)}
            wanted = number if number is not None else one_before(workflow.published, sorted(infos))
            if wanted not in infos:
                raise WorkflowUnknownError(slug, wanted)
            rows.point_to(connection, workflow.id, wanted)
            detail = {"version": wanted, "from": workflow.published}
            audit.write(connection, actor, "workflow.rollback", slug, detail)
        return infos[wanted]
