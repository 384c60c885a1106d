"""Drafts: read, replaced, joined with somebody else's edit, set back to a version (S26, S27)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app import clock
from app.store import audit
from app.store import workflows as rows
from app.store.audit import Actor
from app.store.database import Database
from app.workflows.errors import DraftChangedError, WorkflowUnknownError
from app.workflows.rules import found, opened, tag_matches
from graphs.document import dump, parse
from graphs.merge import Conflict, merge

Json = dict[str, Any]
Graph = str | bytes | Mapping[str, Any]
# told of the organisation, the workflow's slug and the draft's new revision, after the commit
Listener = Callable[[str, str, int], None]
# one entry in the audit log for what one person keeps changing, at most so many seconds long
SESSION_SECONDS = 600.0
_TRIES = 8


@dataclass(frozen=True, slots=True)
class Draft:
    """The document being worked on, as JSON text, and the tag that guards it against lost updates."""

    document: str
    revision: int

    @property
    def etag(self) -> str:
        return f'"{self.revision}"'


@dataclass(frozen=True, slots=True)
class Joined:
    """The draft after an edit was joined to it: None as document means that it is the edit itself."""

    revision: int
    document: Json | None = None
    conflicts: tuple[Conflict, ...] = ()
    # who stored what the edit was joined with
    other: str | None = None


class Drafts:
    """The drafts of a database; every replacement is told to the listeners of this process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Be told of every draft stored by this process, in whatever thread stores it."""
        self._listeners.append(listener)

    def get(self, org_id: str, slug: str) -> Draft:
        with self._db.read() as connection:
            return Draft(*rows.draft(connection, found(connection, org_id, slug).id))

    def save(self, actor: Actor, slug: str, document: Graph, if_match: str | None) -> Draft:
        """Replace the draft; with `if_match` only when it still has that tag."""
        read = parse(document)
        text = dump(read)
        with self._db.write() as connection:
            workflow = opened(connection, actor.org_id, slug)
            current = Draft(*rows.draft(connection, workflow.id))
            if not tag_matches(if_match, current.etag):
                raise DraftChangedError(slug, current.etag, workflow.draft_by)
            if text == current.document:
                return current
            name = read.name or workflow.name
            revision = rows.save_draft(
                connection, workflow.id, None, document=text, name=name, actor=actor.name
            )
            audit.write(connection, actor, "workflow.save_draft", slug, {"revision": revision})
        return self._told(actor.org_id, slug, Draft(text, revision or current.revision + 1))

    def join(self, actor: Actor, slug: str, base: Json, revision: int, mine: Json) -> Joined:
        """Store an edit of the draft as it was at `revision`, joined with what was stored since.

        An editing session leaves one entry in the audit log.

        Raises:
            WorkflowUnknownError, ArchivedError, MalformedDocumentError
            DraftChangedError: It changed faster than it could be joined; ask again.
        """
        for _ in range(_TRIES):
            with self._db.read() as connection:
                workflow = opened(connection, actor.org_id, slug)
                current = Draft(*rows.draft(connection, workflow.id))
            joined = Joined(revision)
            wanted = mine
            if current.revision != revision:
                merged = merge(base, mine, json.loads(current.document))
                wanted = merged.document
                joined = Joined(current.revision, wanted, merged.conflicts, workflow.draft_by)
            read = parse(wanted)
            text = dump(read)
            if text == current.document:
                return joined
            stored = self._swap(actor, slug, current.revision, text, read.name)
            if stored is not None:
                self._told(actor.org_id, slug, Draft(text, stored))
                return Joined(stored, joined.document, joined.conflicts, joined.other)
        raise DraftChangedError(slug, current.etag, workflow.draft_by)

    def restore(self, actor: Actor, slug: str, number: int) -> Draft:
        """Make the draft what a version was."""
        with self._db.write() as connection:
            workflow = opened(connection, actor.org_id, slug)
            version = rows.version(connection, workflow.id, number)
            if version is None:
                raise WorkflowUnknownError(slug, number)
            name = parse(version.graph).name or workflow.name
            revision = rows.save_draft(
                connection, workflow.id, None, document=version.graph, name=name, actor=actor.name
            )
            _note_restored(connection, actor, slug, number)
        return self._told(actor.org_id, slug, Draft(version.graph, revision or 1))

    def note_restored(self, actor: Actor, slug: str, number: int) -> None:
        """Remember who set a draft back, where the editor itself stores it."""
        with self._db.write() as connection:
            opened(connection, actor.org_id, slug)
            _note_restored(connection, actor, slug, number)

    def _swap(self, actor: Actor, slug: str, expected: int, text: str, name: str) -> int | None:
        with self._db.write() as connection:
            workflow = opened(connection, actor.org_id, slug)
            revision = rows.save_draft(
                connection,
                workflow.id,
                expected,
                document=text,
                name=name or workflow.name,
                actor=actor.name,
            )
            if revision is not None and not audit.recently(
                connection, actor, "workflow.edit", slug, clock.now() - SESSION_SECONDS
            ):
                audit.write(connection, actor, "workflow.edit", slug, {"from_revision": revision})
        return revision

    def _told(self, org_id: str, slug: str, draft: Draft) -> Draft:
        for listener in self._listeners:
            listener(org_id, slug, draft.revision)
        return draft


def _note_restored(connection: Connection, actor: Actor, slug: str, number: int) -> None:
    audit.write(connection, actor, "workflow.restore", slug, {"version": number})
