"""Keeps the document of a tab and the stored draft together: up, down, and what could not be joined."""

import asyncio
import json

from app.ui.editor.model import Document
from app.ui.editor.sessions import EditorSession
from app.ui.visitor import Visitor
from graphs.delta import take_mine
from graphs.merge import Conflict, merge
from graphs.parts import same

Place = tuple[str, str, str]


class Sync:
    """One tab's copy of a draft. `base` is the stored document that the tab's own edits stand on."""

    def __init__(
        self, visitor: Visitor, slug: str, session: EditorSession, document: Document, revision: int
    ) -> None:
        self._visitor = visitor
        self._slug = slug
        self._session = session
        self._lock = asyncio.Lock()
        self.base = document
        self.revision = revision
        # edits of this tab that lost against others, until somebody chooses
        self.conflicts: dict[Place, Conflict] = {}
        self.other = ""
        session.on_conflict = self.keep

    async def push(self) -> None:
        """Store the tab's edits, joined with what others stored meanwhile.

        Raises:
            RefusedError, WorkflowError, MalformedDocumentError
        """
        async with self._lock:
            identity = await self._visitor.require("workflows.write")
            drafts, mine = self._visitor.house.system.workflows.drafts, self._session.document
            joined = await self._visitor.call(
                drafts.join, identity.acting(), self._slug, self.base, self.revision, mine
            )
            stored = joined.document if joined.document is not None else mine
            self.keep(joined.conflicts, joined.other)
            if stored is not mine:
                self._rebase(mine, stored)
            self.base, self.revision = stored, joined.revision

    async def pull(self) -> bool:
        """Take in what others stored; says whether anything changed."""
        async with self._lock:
            service = self._visitor.house.system.workflows
            draft = await self._visitor.call(service.draft, self._visitor.org_id, self._slug)
            if draft.revision <= self.revision:
                return False
            row = await self._visitor.call(service.get, self._visitor.org_id, self._slug)
            self.other = row.draft_by or self.other
            stored = json.loads(draft.document)
            self._rebase(self.base, stored)
            self.base, self.revision = stored, draft.revision
            return True

    @property
    def pending(self) -> bool:
        """Whether the tab has edits that are not stored."""
        return not same(self.base, self._session.document)

    def keep(self, conflicts: tuple[Conflict, ...], other: str | None = None) -> None:
        """Remember edits of this tab that lost; of two to one place, the first, which was typed in full."""
        self.other = other or self.other
        for each in conflicts:
            self.conflicts.setdefault((each.kind, each.id, each.field), each)

    def choose(self, place: Place, *, mine: bool) -> Document | None:
        """Decide on one conflict; gives the document with the tab's own edit when that was chosen."""
        conflict = self.conflicts.pop(place, None)
        return take_mine(self._session.document, conflict) if conflict is not None and mine else None

    def _rebase(self, base: Document, stored: Document) -> None:
        merged = merge(base, self._session.document, stored)
        self.keep(merged.conflicts)
        self._session.enter(merged.document)
