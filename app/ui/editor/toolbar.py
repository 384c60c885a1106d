"""The line above the canvas: where the draft stands, and what can be done with it."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from app.ui.canvas.protocol import Undoable
from app.ui.editor.arranging import arrange_menu
from app.ui.editor.desk import Desk
from app.ui.editor.people import people
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import Tag, attrs, box, button, icon, icon_button, keyed, text
from app.ui.parts.show import status
from app.ui.words import PAUSED

Act = Callable[[], Any]


class Toolbar:
    """Buttons call `acts` by name: run, publish, versions, export, help, palette, inspector."""

    def __init__(self, desk: Desk, acts: dict[str, Act]) -> None:
        self._desk = desk
        self._acts = acts
        self._shown: object = None
        with box("sk-bar", "header"):
            with box("sk-bar__title"):
                with attrs(box("sk-crumb", "a"), href="/workflows", aria_label=t("All workflows")):
                    icon("o_arrow_back")
                self._name = Tag("h1", "", "sk-cut")
                self._state = box("sk-row")
                self._saved = box("sk-saved", "span", role="status")
            self._people = box("sk-people")
            self._tools()
            self._problems = button("", acts["problems"], kind="ghost")
            self._more()
            if not desk.read_only:
                acts["run_button"]()
                self._publish = button(t("Publish"), acts["publish"], icon="o_publish")
                attrs(self._publish.classes("sk-btn--narrow"), aria_label=t("Publish"))
        self.refresh()
        desk.watchers.append(self.refresh)

    def refresh(self) -> None:
        """Show name, state, saving and number of problems as they are now."""
        desk = self._desk
        state, errors, total = desk.state, desk.judged.errors, len(desk.judged.problems)
        here = tuple((peer.id, peer.name, peer.nodes) for peer in desk.presence.peers)
        now = (desk.document.get("name"), state, desk.saved, errors, total, desk.row.paused_at, here)
        if now == self._shown:
            return
        self._shown = now
        if not desk.read_only:
            # nothing to publish, nothing that asks for it
            self._publish.classes(**{"add" if state.unpublished else "remove": "sk-btn--primary"})
        self._name.text = str(desk.document.get("name") or desk.slug)
        self._state.clear()
        with self._state:
            chip = box("sk-statechip", "button", type="button", title=t("Versions, and what changed since"))
            with chip:
                status(state.look)
            chip.on("click", self._acts["versions"])
            if desk.row.paused_at is not None:
                status(PAUSED)
        self._people.clear()
        with self._people:
            people(desk)
        self._draw_saved()
        self._draw_problems(errors, total)

    def set_history(self, state: Undoable) -> None:
        """Enable undo and redo as there is something to undo and redo."""
        self._undo.set_enabled(state["undo"])
        self._redo.set_enabled(state["redo"])

    def _draw_saved(self) -> None:
        self._saved.clear()
        with self._saved:
            if self._desk.read_only:
                icon("o_lock")
                text(t("Read only"))
                return
            bad = self._desk.saved.startswith("Not")
            icon(
                "error_outline" if bad else "o_cloud_done" if self._desk.saved == "Saved" else "o_cloud_sync"
            )
            text(t("Draft saved") if self._desk.saved == "Saved" else heard(self._desk.saved))

    def _draw_problems(self, errors: int, total: int) -> None:
        self._problems.set_visibility(bool(total))
        self._problems.text = str(total)
        self._problems.props["icon"] = "error_outline" if errors else "o_warning_amber"
        attrs(
            self._problems,
            aria_label=t("{total} problems, {errors} of them errors", total=total, errors=errors),
            title=t("Problems"),
        )
        self._problems.update()

    def _tools(self) -> None:
        desk = self._desk

        def on_canvas(method: str) -> Act:
            return lambda: getattr(desk.canvas, method)() if desk.canvas is not None else None

        with box("sk-bar__tools", role="toolbar", aria_label=t("Editing")):
            icon_button(t("Nodes"), "o_add_box", self._acts["palette"]).classes("sk-only-phone sk-edits")
            icon_button(t("Settings"), "o_tune", self._acts["inspector"]).classes("sk-only-phone")
            self._undo = keyed(icon_button(t("Undo"), "undo", on_canvas("undo")), "mod+z")
            self._redo = keyed(icon_button(t("Redo"), "redo", on_canvas("redo")), "mod+y")
            delete = icon_button(t("Delete selection"), "o_delete", on_canvas("delete_selection"))
            keyed(delete, "delete").classes("sk-only-desk sk-edits")
            if not desk.read_only:
                arrange_menu(desk)
        for made in (self._undo, self._redo):
            made.classes("sk-edits").set_enabled(False)

    def _more(self) -> None:
        kinds = (
            ((t("Versions"), "versions"), (t("Runs of this workflow"), "runs")),
            (
                (t("How to call it"), "call"),
                (t("App"), "app"),
                (t("Form"), "form"),
                (t("Schedules"), "schedules"),
                (t("Run a table of rows"), "rows"),
            ),
            (
                (t("Export as file"), "export"),
                (t("Open a file"), "open"),
                (t("Offer as a template"), "template"),
                (t("Recipe in pictures"), "recipe"),
            ),
            ((t("Pause or limit its runs"), "limits"), (t("Keyboard shortcuts"), "help")),
        )
        with icon_button(t("More"), "more_horiz"), ui.menu().props("auto-close"):
            for number, entries in enumerate(kinds):
                if number:
                    ui.separator()
                for label, name in entries:
                    ui.menu_item(label, on_click=self._acts[name]).classes("sk-menu-item")
