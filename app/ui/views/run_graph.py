"""The graph a run ran, as it was, with the state of each node."""

from collections.abc import Mapping
from typing import Any

from app.store.runs import RunRow, StepRow
from app.store.workflows import version_by_id
from app.ui.canvas.element import GraphCanvas
from app.ui.editor.routes import run_url
from app.ui.editor.sketch import shape
from app.ui.editor.themed import canvas_theme, initial_theme
from app.ui.files.routes import run_file
from app.ui.lang.nodes import spoken_types
from app.ui.lang.say import t
from app.ui.parts.base import attrs, link_button, text
from app.ui.parts.show import card
from app.ui.progress import node_states
from app.ui.rows import load_object
from app.ui.visitor import Visitor
from graphs.check import accepts


class RunGraph:
    """A read-only canvas; empty when the version is not known any more."""

    def __init__(self, visitor: Visitor, run: RunRow) -> None:
        self._visitor = visitor
        self._run = run
        self._canvas: GraphCanvas | None = None
        self.nodes: dict[str, Mapping[str, Any]] = {}
        self._shape = 1.6
        self.name = run.workflow

    async def load(self) -> None:
        """Read which nodes there are."""
        if self._run.version_id is None:
            return
        version = await self._visitor.read(version_by_id, self._run.version_id)
        if version is None:
            return
        graph = load_object(version.graph)
        self.nodes = {node["id"]: node for node in graph.get("nodes", [])}
        self._shape = shape(graph)
        self.name = str(graph.get("name") or self.name)

    def build(self) -> None:
        with card(t("Graph"), flush=True) as top:
            with top:
                if self.nodes:
                    made = link_button(t("Export"), run_file(self._run.id), kind="ghost", small=True)
                    attrs(made, download="")
                link_button(
                    t("Open"),
                    f"/workflows/{self._run.workflow}",
                    kind="ghost",
                    icon="open_in_new",
                    small=True,
                )
            if not self.nodes:
                text(t("No graph: this trigger was refused before a version was chosen."), "sk-hint sk-pad")
                return
            types = spoken_types(self._visitor.house.system.catalogue.describe())
            self._canvas = GraphCanvas(
                types,
                accepts=accepts(types_of(types)),
                graph_url=run_url(self._run.id),
                theme=initial_theme(self._visitor),
                read_only=True,
                on_loaded=lambda _: self._ready(),
            )
            self._canvas.classes("sk-graph").style(f"aspect-ratio: {self._shape:.3f}")
            canvas_theme(self._visitor, self._canvas)

    def show(self, run: RunRow, steps: Mapping[str, StepRow], live: Mapping[str, Mapping[str, Any]]) -> None:
        """Push the present state of every node."""
        states = node_states(self.nodes, run, steps, live, self._visitor.house.thumb)
        self._states = states
        if self._canvas is not None:
            self._canvas.status(states)  # type: ignore[arg-type]

    def _ready(self) -> None:
        # a canvas forgets run state when it loads, so what was sent before is sent again
        if self._canvas is not None:
            self._canvas.status(self._states)  # type: ignore[arg-type]
            self._canvas.fit()


def types_of(described: list[dict[str, Any]]) -> list[str]:
    """Every socket type the node types use."""
    sockets = [socket for each in described for side in ("inputs", "outputs") for socket in each[side]]
    return sorted({socket["type"] for socket in sockets})
