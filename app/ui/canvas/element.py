"""The canvas as a NiceGUI element. The graph itself goes over HTTP, changes and status over the socket."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar, cast

from nicegui.events import GenericEventArguments

from app.ui.canvas.bundle import bundle_dir, dist_dir
from app.ui.canvas.methods import CanvasMethods
from app.ui.canvas.protocol import (
    Ask,
    Json,
    MenuRequest,
    NodeDrop,
    Patch,
    RunStatus,
    Selection,
    Undoable,
)
from app.ui.lang.catalogue import area
from app.ui.lang.say import current

T = TypeVar("T")
Handler = Callable[[T], Awaitable[None] | None]
Theme = Literal["dark", "light"]

STATUS_SECONDS = 0.1


class GraphCanvas(CanvasMethods, component="canvas.js", esm={"graph-canvas": str(dist_dir() / "canvas")}):
    """A workflow graph to look at and to edit (S22, S23). Give it a size: it fills nothing by itself.

    Graph: ``GET graph_url`` answers ``{"document": {...}, "sockets": {node_id: {"inputs": [...], "outputs":
    [...]}}, "problems": [...], "revision": n}``; ``sockets`` is needed for nodes of dynamic types only. It is
    fetched with the page's cookies when the element appears and on every ``load()``.

    Changes: ``on_change`` gets one ``Patch`` per gesture (50 ms after its end, undo and redo included);
    patches over 200 kB are POSTed as JSON to ``patch_url`` instead, with the header ``X-Requested-With:
    sakuga-canvas``. Python stays the judge: check every patch.

    Palette: a draggable thing puts the node type, or ``{"type": ..., "settings": {...}}`` as JSON, into
    ``dataTransfer`` under ``application/x-sakuga-node``.

    Tests reach the view as ``element.view`` on the DOM element and as ``window.__sakuga_view``.
    """

    def __init__(
        self,
        node_types: Sequence[Mapping[str, Any]],
        *,
        graph_url: str | None = None,
        patch_url: str | None = None,
        accepts: Mapping[str, Sequence[str]] | None = None,
        theme: Theme = "dark",
        read_only: bool = False,
        on_ready: Callable[[], Awaitable[None] | None] | None = None,
        on_loaded: Handler[Json] | None = None,
        on_failed: Handler[str] | None = None,
        on_recovered: Handler[Json] | None = None,
        on_change: Handler[Patch] | None = None,
        on_select: Handler[Selection] | None = None,
        on_refused: Handler[str] | None = None,
        on_drop: Handler[NodeDrop] | None = None,
        on_open: Handler[str] | None = None,
        on_menu: Handler[MenuRequest] | None = None,
        asks: Sequence[str] = (),
        on_ask: Handler[Ask] | None = None,
        on_shortcut: Handler[str] | None = None,
        on_history: Handler[Undoable] | None = None,
        on_zoom: Handler[float] | None = None,
    ) -> None:
        """Make the element; every listener is given here, a later one would re-mount the canvas.

        Args:
            node_types: ``Catalogue.describe()``: type, title, group, icon, description, inputs, outputs,
                settings_schema, dynamic; optionally ``summary``, the names of the settings shown on the card.
            graph_url: Where the graph is fetched from; None waits for ``load(url)``.
            patch_url: Where large patches are POSTed; None sends all over the socket (at most 1 MB). Text
                pasted from elsewhere is POSTed to ``{patch_url}/paste``: answered with ``{"piece"}``
                or ``{"reason"}``.
            accepts: Input socket type → output types it takes besides its own (``graphs.check.accepts``).
            theme: ``dark`` or ``light``.
            read_only: Look, select and copy, but change nothing.
            on_ready: The view exists; methods may be called.
            on_loaded: A graph is shown: ``{"revision": n, "nodes": count}``.
            on_failed: The graph could not be fetched or read, or a change not sent: the reason.
            on_recovered: Changes that an earlier page of this tab could not save are back (see ``saved``).
            on_change: See above.
            on_select: The selection changed.
            on_refused: Something was refused (link, paste, unknown type): the reason, already shown there.
            on_drop: A node was dragged in.
            on_open: Double click on a node: its id.
            on_menu: A context menu was opened; it stands in the page already.
            asks: What the menus may ask Python for: ``run-to``, ``run-from``, ``fold``, ``unfold``.
            on_ask: One of these was chosen, for the nodes that are selected.
            on_shortcut: ``save``, ``palette`` (Ctrl-K), ``help`` (?), ``run`` (Ctrl-Enter) or ``find`` (/).
            on_history: Whether undo and redo would do something.
            on_zoom: The zoom changed: 1.0 is life size.

        Raises:
            BundleMissingError: The bundle was not built.
        """
        bundle_dir()
        super().__init__()
        self._dirty: dict[str, RunStatus | None] = {}
        self._flushing: asyncio.TimerHandle | None = None
        self._props["node-types"] = [dict(kind) for kind in node_types]
        self._props["accepts"] = {kind: list(others) for kind, others in (accepts or {}).items()}
        self._props["theme"] = theme
        self._props["read-only"] = read_only
        self._props["asks"] = list(asks)
        self._props["words"] = dict(area(current(), "canvas"))
        addresses = {"graph-url": graph_url, "patch-url": patch_url}
        self._props.update({name: url for name, url in addresses.items() if url})
        if on_ready:
            self.on("graph-ready", lambda _: on_ready())
        self._hear("graph-recovered", on_recovered)
        self._hear("graph-loaded", on_loaded)
        self._hear("graph-failed", on_failed, "reason")
        self._hear("graph-change", on_change)
        self._hear("graph-select", on_select)
        self._hear("graph-refused", on_refused, "reason")
        self._hear("graph-drop", on_drop)
        self._hear("graph-open", on_open, "id")
        self._hear("graph-menu", on_menu)
        self._hear("graph-ask", on_ask)
        self._hear("graph-shortcut", on_shortcut, "name")
        self._hear("graph-history", on_history)
        self._hear("graph-zoom", on_zoom, "scale")

    def _hear(self, event: str, handler: Handler[T] | None, member: str | None = None) -> None:
        if handler is None:
            return

        def forward(arguments: GenericEventArguments) -> Awaitable[None] | None:
            value = arguments.args if member is None else arguments.args[member]
            return handler(cast("T", value))

        self.on(event, forward)

    def status(self, batch: Mapping[str, RunStatus | None]) -> None:
        """Show run state by node id; None clears a node. Call as often as you like, on the event loop.

        Updates are merged per node and sent ten times a second.
        """
        for node_id, status in batch.items():
            before = self._dirty.get(node_id)
            self._dirty[node_id] = status if status is None or before is None else {**before, **status}
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(STATUS_SECONDS, self._send_status)

    def _send_status(self) -> None:
        batch, self._dirty, self._flushing = self._dirty, {}, None
        if not self.is_deleted:
            self.run_method("status", batch)

    def clear_status(self) -> None:
        """Forget all run state, pending updates included."""
        self._dirty.clear()
        self.run_method("clearStatus")

    def set_theme(self, theme: Theme) -> None:
        """Switch to ``dark`` or ``light``."""
        self._props["theme"] = theme
        self.update()

    def set_read_only(self, read_only: bool) -> None:
        """Forbid or allow changes."""
        self._props["read-only"] = read_only
        self.update()
