"""What Python asks of a canvas that is shown: each method is one of the view in the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui
from nicegui.awaitable_response import AwaitableResponse

from app.ui.canvas.protocol import Json, Mark, Problem, Sockets


class CanvasMethods(ui.element):
    """The element's methods that need nothing but the page."""

    def load(self, url: str | None = None, *, keep_view: bool = False) -> None:
        """Fetch the graph again, from another address if given; undo starts anew."""
        self.run_method("load", url, keep_view)

    def saved(self, rev: int) -> None:
        """Everything up to this change is stored: the tab need not keep it any longer."""
        self.run_method("saved", rev)

    def send_document(self) -> None:
        """Ask for the whole document; it comes to ``on_change`` as ``{"rev", "document"}`` (or by POST)."""
        self.run_method("sendDocument")

    def adopt(self, url: str) -> AwaitableResponse:
        """Show another document as one step of undo, sent up like any gesture; await it: False is failure."""
        return self.run_method("adopt", url)

    def apply(self, change: Mapping[str, Any]) -> None:
        """Apply a change as ``graphs.delta`` makes it, as an own gesture: one step of undo."""
        self.run_method("apply", change)

    def take_remote(self, number: int, change: Mapping[str, Any]) -> None:
        """Show what somebody else changed: not sent up again, not taken back by undo.

        Numbers rise by one; patches carry the number of the last change they know as ``seen``.
        """
        self.run_method("takeRemote", number, change)

    def set_peers(self, peers: Sequence[Mapping[str, Any]]) -> None:
        """Outline what others have selected: each with ``id``, ``name``, ``color`` and ``nodes``."""
        self.run_method("setPeers", list(peers))

    def flush(self) -> None:
        """Send pending changes now instead of within 50 ms."""
        self.run_method("flush")

    def set_marks(self, marks: Mapping[str, Mark]) -> None:
        """Replace what nodes say beside their run state: that a result is out of date, or pinned."""
        self.run_method("setMarks", dict(marks))

    def set_sockets(self, sockets: Sockets) -> None:
        """Sockets of dynamic nodes after their settings changed; links to sockets that went stay, marked."""
        self.run_method("setSockets", sockets)

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Replace all problem badges."""
        self.run_method("setProblems", list(problems))

    def set_settings(self, node_id: str, settings: Json | None, title: str | None = None) -> None:
        """Change a node from outside (the inspector): None keeps what is there.

        It is an ordinary edit: undo covers it and it comes back as a patch; edits of one node in quick
        succession are one undo step.
        """
        self.run_method("setSettings", node_id, settings, title)

    def set_cache(self, node_id: str, cache: Json | None) -> None:
        """Let a node reuse earlier results, ``{"seconds": n}``, or not; an ordinary edit like settings."""
        self.run_method("setSettings", node_id, None, None, cache)

    def add_node(
        self,
        kind: str,
        x: float | None = None,
        y: float | None = None,
        settings: Json | None = None,
        *,
        link_from: Sequence[str] | None = None,
        link_to: Sequence[str] | None = None,
    ) -> AwaitableResponse:
        """Add a node at a point of the graph, or in the middle of the view; await it for the new id.

        ``link_from`` (``[node_id, output]``) and ``link_to`` (``[node_id, input]``) link it at once when a
        socket fits. The answer is None when the canvas is read-only or does not know the type.
        """
        return self.run_method("addNode", kind, x, y, settings, link_from, link_to)

    def add_note(self, x: float | None = None, y: float | None = None, text: str = "") -> AwaitableResponse:
        """Add a sticky note; await it for the new id."""
        return self.run_method("addNote", x, y, text)

    def group_selection(self, title: str = "Group") -> AwaitableResponse:
        """Draw a group around the selected nodes; await it for the new id."""
        return self.run_method("groupSelection", title)

    def act(self, name: str) -> AwaitableResponse:
        """Do what a context menu does, by its name (``static/src/acts-*.ts``), for example ``group``.

        Await it to learn whether there was something to do.
        """
        return self.run_method("act", name)

    def focus(self, node_id: str) -> None:
        """Select a node, centre it and give the canvas the keyboard."""
        self.run_method("focusNode", node_id)

    def select(self, node_ids: Sequence[str]) -> None:
        """Select exactly these nodes."""
        self.run_method("select", list(node_ids))

    def fit(self) -> None:
        """Show the whole graph."""
        self.run_method("fit")

    def zoom(self, factor: float) -> None:
        """Zoom around the middle, for example by 1.25 or 0.8."""
        self.run_method("zoom", factor)

    def zoom_to_selection(self) -> None:
        """Show what is selected."""
        self.run_method("zoomToSelection")

    def undo(self) -> None:
        """Take back the last gesture."""
        self.run_method("undo")

    def redo(self) -> None:
        """Do again what was taken back."""
        self.run_method("redo")

    def duplicate_selection(self) -> None:
        """Copy the selection beside itself."""
        self.run_method("duplicate")

    def delete_selection(self) -> None:
        """Delete the selected nodes, notes and groups, or the clicked link."""
        self.run_method("deleteSelection")
