"""Open editors of this process: each holds the document of one browser tab."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from app.ui.editor.model import Document, apply_patch

_DRAWN = ("nodes", "links", "groups", "notes")
Listener = Callable[["EditorSession"], Awaitable[None]]


class EditorSession:
    """The document of one tab, and the number of the last change to it.

    Args:
        document: What is edited.
        on_change: Called after each change; wherever it came from.
    """

    def __init__(self, document: Document, on_change: Listener, on_gap: Callable[[], None]) -> None:
        self.id = secrets.token_urlsafe(18)
        self.document = document
        self.rev = 0
        self._on_change = on_change
        self._on_gap = on_gap

    async def receive(self, patch: Mapping[str, Any]) -> None:
        """Take in a change from the canvas; asks for everything when one went missing.

        Raises:
            PatchError: The message is no change.
        """
        rev = int(patch.get("rev") or 0)
        if isinstance(patch.get("document"), Mapping):
            # name and description are edited on the page, so the canvas may hold old ones
            whole = {name: patch["document"].get(name, []) for name in _DRAWN}
            self.document = apply_patch({**self.document, "nodes": [], "links": []}, whole)
        elif rev != self.rev + 1:
            self._on_gap()
            return
        else:
            self.document = apply_patch(self.document, patch)
        self.rev = rev
        await self._on_change(self)


class EditorSessions:
    """Finds open editors by their unguessable id, for the browser session that opened them."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[EditorSession, str]] = {}

    def add(self, session: EditorSession, owner: str) -> None:
        """Remember an editor and the session cookie it belongs to."""
        self._open[session.id] = (session, owner)

    def find(self, session_id: str, owner: str) -> EditorSession | None:
        """The editor, unless it is another's."""
        session, owned_by = self._open.get(session_id, (None, ""))
        return session if owned_by == owner else None

    def remove(self, session_id: str) -> None:
        """Forget an editor whose tab was closed."""
        self._open.pop(session_id, None)
