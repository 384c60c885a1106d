"""Keeps the document of a tab and the stored draft together: up, down, and what could not be joined."""

import asyncio
import json

from app.store.workflows import WorkflowRow
from app.ui.editor.model import Document
from app.ui.editor.sessions import EditorSession
from app.ui.visitor import Visitor
from app.workflows.lost import Place, keep_lost, lost_edits
from graphs.delta import take_mine
from graphs.merge import Conflict, merge
from graphs.parts import same


class Sync:
    """One tab's copy of a draft. `base` is the stored document that the tab's own edits stand on."""

    def __init__(
        self,
        visitor: Visitor,
        row: WorkflowRow,
        session: EditorSession,
        document: Document,
        revision: int,
    ) -> None:
        self._visitor = visitor
        self._slug = row.slug
        self._workflow_id = row.id
        self._session = session
        self._lock = asyncio.Lock()
        self.base = document
        self.revision = revision
        # edits of this tab that lost against others, until somebody chooses
        self.conflicts: dict[Place, Conflict] = {}
        self.other = ""
        # which of them the store does not know yet, and which were decided on
        self._fresh: set[Place] = set()
        self._settled: set[Place] = set()
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
            await self._store()

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
            await self._store()
            return True

    async def recall(self) -> None:
        """Take up what this person did not decide on in earlier tabs."""
        visitor = self._visitor
        found, other = await visitor.call(
            lost_edits, visitor.house.system.db, self._workflow_id, visitor.identity.key_id
        )
        self.keep(found, other)
        self._fresh.clear()

    @property
    def pending(self) -> bool:
        """Whether the tab has edits that are not stored."""
        return not same(self.base, self._session.document)

    def keep(self, conflicts: tuple[Conflict, ...], other: str | None = None) -> None:
        """Remember edits of this tab that lost; of two to one place, the first, which was typed in full."""
        self.other = other or self.other
        for each in conflicts:
            place = (each.kind, each.id, each.field)
            if place not in self.conflicts:
                self.conflicts[place] = each
                self._fresh.add(place)
                self._settled.discard(place)

    async def choose(self, place: Place, *, mine: bool) -> Document | None:
        """Decide on one conflict; gives the document with the tab's own edit when that was chosen."""
        conflict = self.conflicts.pop(place, None)
        if conflict is not None:
            self._fresh.discard(place)
            self._settled.add(place)
            await self._store()
        return take_mine(self._session.document, conflict) if conflict is not None and mine else None

    async def _store(self) -> None:
        """Let the store know what lost and what was decided; a server that ends loses none of it."""
        fresh, settled = tuple(self._fresh), tuple(self._settled)
        if not fresh and not settled:
            return
        lost = [self.conflicts[each] for each in fresh if each in self.conflicts]
        visitor = self._visitor
        db, owner = visitor.house.system.db, visitor.identity.key_id
        await visitor.call(keep_lost, db, self._workflow_id, owner, lost, settled, self.other)
        self._fresh.difference_update(fresh)
        self._settled.difference_update(settled)

    def _rebase(self, base: Document, stored: Document) -> None:
        merged = merge(base, self._session.document, stored)
        self.keep(merged.conflicts)
        self._session.enter(merged.document)
