"""Node types to drag onto the canvas."""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby
from typing import Any

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.editor.judged import searched
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, icon, text

# constant script: the kind is read from the element, never written into source
_DRAG = (
    "(event) => { event.dataTransfer.setData('application/x-sakuga-node', event.currentTarget.dataset.kind);"
    " event.dataTransfer.effectAllowed = 'copy'; }"
)
NodeType = Mapping[str, Any]
# the way a graph usually reads; groups of other node types follow by name
_ORDER = ("Input", "Gates", "Prompt", "Generate", "Quality", "Output")


class Palette:
    """The left panel: search, categories, entries that drag in or are added by click and Enter."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        with box("sk-palette", "aside", aria_label=t("Node types")):
            with box("sk-palette__search"):
                self.search = _search_field(lambda _: self._draw())
                self.search.on("keydown.enter", self._first)
            self._list = box("sk-palette__list")
        self._draw()

    def focus(self) -> None:
        """Put the keyboard into the search field."""
        self.search.run_method("focus")

    def _found(self) -> list[NodeType]:
        return searched(self._desk.types, str(self.search.value or ""))

    def _draw(self) -> None:
        self._list.clear()
        found = self._found()
        with self._list:
            if not found:
                text(t("No node type matches. Try another word."), "sk-hint", tag="p")
            for _, grouped in groupby(sorted(found, key=_place_of), lambda each: each["group"]):
                members = list(grouped)
                text(str(members[0]["group_label"]), "sk-palette__group", tag="h2")
                for node_type in members:
                    entry(node_type, partial(self._add, node_type), draggable=True)

    def _add(self, node_type: NodeType) -> None:
        if self._desk.canvas is not None:
            self._desk.canvas.add_node(str(node_type["type"]))

    def _first(self) -> None:
        found = self._found()
        if found:
            self._add(found[0])


def entry(node_type: NodeType, on_click: Callable[[], None], *, draggable: bool = False) -> None:
    """One node type as a button, with its help on hover."""
    summary = str(node_type["description"]).partition("\n")[0]
    made = box("sk-kind", "button", type="button", title=summary, data_kind=str(node_type["type"]))
    with made:
        with box("sk-kind__icon", "span"):
            icon(str(node_type.get("icon") or "widgets"))
        text(str(node_type["title"]), "sk-cut")
    made.on("click", on_click)
    if draggable:
        attrs(made, draggable="true")
        made.on("dragstart", js_handler=_DRAG)


def _place_of(node_type: NodeType) -> tuple[int, str]:
    group = str(node_type["group"])
    return (_ORDER.index(group) if group in _ORDER else len(_ORDER), group)


def _search_field(on_change: Any) -> Any:
    made = ui.input(placeholder=t("Search nodes"), on_change=on_change).classes("sk-input")
    made.props("outlined dense clearable debounce=80")
    attrs(made, aria_label=t("Search node types"))
    with made.add_slot("prepend"):
        icon("search")
    return made
