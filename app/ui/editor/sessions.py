"""Open editors of this process: each holds the document of one browser tab."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.ui.editor.model import Document, apply_patch
from graphs.delta import apply_delta, delta
from graphs.merge import Conflict, merge

Json = dict[str, Any]
_DRAWN = ("nodes", "links", "groups", "notes")
Listener = Callable[["EditorSession"], Awaitable[None]]
Store = Callable[[], Awaitable[None]]


class EditorSession:
    """The document of one tab, and the number of the last change to it.

    Both sides change it: the canvas by patches, other people through ``enter``. A patch says which of their
    changes the canvas knew; one that crossed a change on its way is joined with it.

    Args:
        document: What is edited.
        on_change: Called after each change of the canvas.
        on_gap: Called when a patch went missing.
    """

    def __init__(self, document: Document, on_change: Listener, on_gap: Callable[[], None]) -> None:
        self.id = secrets.token_urlsafe(18)
        self.document = document
        self.rev = 0
        # how many changes of others were sent to the canvas
        self.sent = 0
        self.on_remote: Callable[[int, Json], None] = lambda _number, _change: None
        self.on_conflict: Callable[[tuple[Conflict, ...]], None] = lambda _conflicts: None
        self._on_change = on_change
        self._on_gap = on_gap
        # the document as the canvas has it, while changes of others are on their way to it
        self._shadow = document
        self._unseen: list[tuple[int, Json]] = []

    def enter(self, document: Document) -> None:
        """Take over a document that others changed, and show the change on the canvas."""
        change = delta(self.document, document)
        if not self._unseen:
            self._shadow = self.document
        self.document = document
        self._show(change)

    def _show(self, change: Json) -> None:
        if change.keys() - {"head"}:
            self.sent += 1
            self._unseen.append((self.sent, change))
            self.on_remote(self.sent, change)

    async def receive(self, patch: Mapping[str, Any]) -> None:
        """Take in a change from the canvas; asks for everything when one went missing.

        Raises:
            PatchError: The message is no change.
        """
        rev = int(patch.get("rev") or 0)
        self._catch_up(int(patch.get("seen") or 0))
        before = self._shadow if self._unseen else self.document
        if isinstance(patch.get("document"), Mapping):
            # name and description are edited on the page, so the canvas may hold old ones
            whole = {name: patch["document"].get(name, []) for name in _DRAWN}
            after = apply_patch({**before, "nodes": [], "links": []}, whole)
        elif rev != self.rev + 1:
            self._on_gap()
            return
        else:
            after = apply_patch(before, patch)
        self._take(before, after)
        self.rev = rev
        await self._on_change(self)

    def _catch_up(self, seen: int) -> None:
        while self._unseen and self._unseen[0][0] <= seen:
            self._shadow = apply_delta(self._shadow, self._unseen.pop(0)[1])

    def _take(self, before: Document, after: Document) -> None:
        if not self._unseen:
            self.document = after
            return
        self._shadow = after
        merged = merge(before, after, self.document)
        self.document = merged.document
        # what is on its way will overwrite some of it there: the rest of the way is told, too
        expected = after
        for _, change in self._unseen:
            expected = apply_delta(expected, change)
        self._show(delta(expected, merged.document))
        if merged.conflicts:
            self.on_conflict(merged.conflicts)


class EditorSessions:
    """Finds open editors by their unguessable id, for the browser session that opened them."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[EditorSession, str]] = {}
        # how to store at once what an editor still keeps back: by workflow and editor
        self._stores: dict[str, dict[str, Store]] = {}

    def add(self, session: EditorSession, owner: str, workflow_id: str, store: Store) -> None:
        """Remember an editor, the session cookie it belongs to, and how to store its last changes at once."""
        self._open[session.id] = (session, owner)
        self._stores.setdefault(workflow_id, {})[session.id] = store

    async def settle(self, workflow_id: str) -> None:
        """Store what the open editors of a workflow keep back: a page that opens now is to show it."""
        for store in list(self._stores.get(workflow_id, {}).values()):
            await store()

    def find(self, session_id: str, owner: str) -> EditorSession | None:
        """The editor, unless it is another's."""
        session, owned_by = self._open.get(session_id, (None, ""))
        return session if owned_by == owner else None

    def remove(self, session_id: str, workflow_id: str) -> None:
        """Forget an editor whose tab was closed."""
        self._open.pop(session_id, None)
        stores = self._stores.get(workflow_id, {})
        stores.pop(session_id, None)
        if not stores:
            self._stores.pop(workflow_id, None)
