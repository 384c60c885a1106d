"""The right panel: the settings of the selected node, or of the workflow when none is selected."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.editor.judged import field_errors, missing_inputs
from app.ui.editor.model import node_of
from app.ui.editor.offers import offered
from app.ui.editor.reuse import ReuseSection
from app.ui.editor.wording import help_text, workflow_words
from app.ui.forms.chips import Placeholders
from app.ui.forms.fields import Errors, labelled
from app.ui.forms.form import Form
from app.ui.forms.spec import FormField, form_fields
from app.ui.forms.values import placeholders
from app.ui.lang.say import n, t
from app.ui.parts.base import attrs, box, button, icon, icon_button, text
from app.ui.parts.show import CopyId
from app.ui.pictures.shelf import Shelf, with_pictures
from app.ui.secrets.shelf import with_shelf
from graphs.kinds import TRIGGER

# constant script: Escape goes back to the canvas, unless something inside was closed by it
_BACK = "(event) => { if (!event.defaultPrevented) window.__sakuga_view?.element.focus(); }"
RunAt = Callable[[str], Any]


class Inspector:
    """Redrawn when the selection changes, or when the settings changed elsewhere (undo, paste)."""

    def __init__(self, desk: Desk, runs: Mapping[str, RunAt], tabs: RunAt) -> None:
        self._desk = desk
        self._runs = runs
        self._tabs = tabs
        self._selected: list[str] = []
        self._known: Any = None
        self._seen: Any = None
        self._sent: list[Any] = []
        self._pictures = Shelf(desk.visitor, read_only=desk.read_only)
        self._errors = Errors()
        self._placeholders = Placeholders()
        self._form_shown: Form | None = None
        self._reuse: ReuseSection | None = None
        self._head: Any = None
        # the fields outside of the form, by name
        self._words: dict[str, Any] = {}
        self._types = {each["type"]: each for each in desk.types}
        self._fields: dict[str, tuple[FormField, ...]] = {}
        desk.secrets.address = self._address
        self._place = box("sk-inspector", "aside", aria_label=t("Settings"))
        self._place.on("keydown.escape", js_handler=_BACK)
        self._draw()
        desk.watchers.append(self.refresh)

    def select(self, node_ids: list[str]) -> None:
        """Show these nodes."""
        if node_ids != self._selected:
            self._selected = node_ids
            self._draw()

    def reveal(self, problem: dict[str, Any]) -> None:
        """Show the node of a problem and put the keyboard into the field at fault."""
        self._selected = [str(problem["node"])]
        self._draw(next(iter(field_errors([problem], self._selected[0])), ""))
        self._errors.focus()

    def refresh(self) -> None:
        """Show what changed elsewhere, and the errors as they are judged now."""
        now = self._shown()
        if now != self._seen:
            before, self._seen = self._seen, now
            ours = now in self._sent
            if ours:  # our own edit coming back: the form shows it already, or something newer
                del self._sent[: self._sent.index(now) + 1]
            if not self._take_in(before, now, ours=ours) and not ours:
                self._draw()
                return
        if len(self._selected) == 1:
            problems = self._desk.judged.problems
            self._errors.show(field_errors(problems, self._selected[0]))
            self._placeholders.show(missing_inputs(problems, self._selected[0]))
            if self._reuse is not None:
                self._reuse.show(self._desk.judged.problems)

    def _take_in(self, before: Any, now: Any, *, ours: bool) -> bool:
        """Put what changed into the fields it concerns, leaving the rest as it is; whether that was all."""
        if before is None or now is None or self._known is None or before[0] != now[0]:
            return False
        if len(self._selected) != 1:
            return self._take_workflow(before, now)
        node = node_of(self._desk.document, self._selected[0])
        if node is None or self._form_shown is None:
            return False
        node_id, title, settings, cache = self._known
        # what was edited here meanwhile is on its way, and newer
        title = now[1] if title == before[1] else title
        cache = now[3] if cache == before[3] else cache
        self._known = (node_id, title, settings, cache)
        with self._place:
            self._show_title(node, title)
            if self._reuse is not None:
                self._reuse.take(cache)
            self._form_shown.update(self._offered(node), (now if ours else before)[2] or {}, now[2] or {})
        self._known = (node_id, title, self._form_shown.values, cache)
        return True

    def _take_workflow(self, before: Any, now: Any) -> bool:
        if self._selected or self._known is None:
            return False
        for place, name in ((1, "name"), (2, "description")):
            field = self._words.get(name)
            if field is not None and before[place] != now[place] and (field.value or "") == before[place]:
                field.value = now[place] or ""
        self._known = now
        return True

    def _show_title(self, node: Mapping[str, Any], title: str | None) -> None:
        if self._head is not None:
            self._head.text = self._desk.title_of({**node, "title": title})
        field = self._words.get("title")
        if field is not None and (field.value or "") != (title or ""):
            field.value = title or ""

    def _shown(self) -> Any:
        if len(self._selected) != 1:
            return (
                tuple(self._selected),
                self._desk.document.get("name"),
                self._desk.document.get("description"),
            )
        node = node_of(self._desk.document, self._selected[0])
        return (
            None
            if node is None
            else (
                *(node["id"], node.get("title"), node.get("settings")),
                node.get("cache"),
            )
        )

    def _draw(self, wanted: str = "") -> None:
        self._known = self._seen = self._shown()
        self._sent.clear()
        self._errors = Errors(wanted)
        self._reuse = self._form_shown = self._head = None
        self._words.clear()
        self._place.clear()
        with self._place:
            node = node_of(self._desk.document, self._selected[0]) if len(self._selected) == 1 else None
            if node is not None:
                self._node(node)
            elif len(self._selected) > 1:
                self._several()
            else:
                self._workflow()

    def _node(self, node: Mapping[str, Any]) -> None:
        kind = self._types.get(node["type"])
        with box("sk-inspector__head"):
            with box("sk-kind__icon", "span"):
                icon(str(kind["icon"]) if kind else "help_outline")
            shown = str(node.get("title") or (kind or {}).get("title") or node["type"])
            self._head = text(shown, "sk-cut sk-grow", tag="h2")
            self._tools()
        self._tabs(str(node["id"]))
        with box("sk-inspector__body"):
            if kind is None:
                text(
                    t("There is no node type {type} in this installation.", type=node["type"]),
                    "sk-field__error",
                )
                return
            help_text(str(kind["description"]))
            self._title(node, str(kind["title"]))
            self._form(node, kind)
            if kind["cacheable"]:
                self._reuse = ReuseSection(self._desk, node, self._send_cache)
                self._reuse.show(self._desk.judged.problems)
            self._run_buttons(node)
            with box("sk-row sk-small sk-muted"):
                text(t("Id"))
                CopyId(str(node["id"]), label=t("node id"))

    def _tools(self) -> None:
        canvas = self._desk.canvas
        if canvas is not None and not self._desk.read_only:
            icon_button(t("Duplicate"), "o_content_copy", canvas.duplicate_selection, small=True)
            icon_button(t("Delete"), "o_delete", canvas.delete_selection, small=True)

    def _run_buttons(self, node: Mapping[str, Any]) -> None:
        if self._desk.read_only or node["type"] == TRIGGER:
            return
        with box("sk-row"):
            for label, act in self._runs.items():
                button(label, partial(act, str(node["id"])), small=True, icon="play_arrow")

    def _title(self, node: Mapping[str, Any], usual: str) -> None:
        with labelled(t("Title")) as adopt:
            made = adopt(
                ui.input(value=str(node.get("title") or ""), on_change=lambda event: rename(event.value))
            )
            attrs(made, debounce=250, maxlength=200, placeholder=usual)
            self._words["title"] = made

        def rename(title: str | None) -> None:
            if self._known is not None and (self._known[1] or "") != (title or ""):
                self._send(node["id"], None, title or "")

    def _offered(self, node: Mapping[str, Any]) -> tuple[FormField, ...]:
        desk, kind = self._desk, str(node["type"])
        settings = node.get("settings") or {}
        return offered(self._fields[kind], kind, settings, desk.services, desk.callable_slugs)

    def _address(self) -> str:
        """Where the node that is shown sends its requests, if it does."""
        node = node_of(self._desk.document, self._selected[0]) if self._selected else None
        return str((node or {}).get("settings", {}).get("url") or "")

    def _form(self, node: Mapping[str, Any], kind: Mapping[str, Any]) -> None:
        if node["type"] not in self._fields:
            fields = form_fields(kind["settings_schema"])
            known = with_shelf(fields, self._desk.secrets)
            self._fields[node["type"]] = with_pictures(known, self._pictures)
        settings = node.get("settings") or {}
        hints = placeholders(" ".join(str(value) for value in settings.values()))
        problems = self._desk.judged.problems
        self._placeholders = Placeholders(hints, missing_inputs(problems, node["id"]))
        with box("sk-stack"):
            self._form_shown = Form(
                self._offered(node),
                settings,
                lambda values: self._send(node["id"], values, None),
                self._errors,
                known=self._placeholders,
            )
        self._errors.show(field_errors(problems, node["id"]))

    def _send(self, node_id: str, settings: dict[str, Any] | None, title: str | None) -> None:
        if self._desk.canvas is None or self._desk.read_only or self._known is None:
            return
        known_id, known_title, known_settings, cache = self._known
        if known_id != node_id:
            return
        self._known = (
            node_id,
            known_title if title is None else title,
            known_settings if settings is None else settings,
            cache,
        )
        self._sent.append(self._known)
        self._desk.canvas.set_settings(node_id, settings, title)

    def _send_cache(self, node_id: str, cache: dict[str, int] | None) -> None:
        desk, known = self._desk, self._known
        if desk.canvas is not None and not desk.read_only and known is not None and known[0] == node_id:
            self._known = (*known[:3], cache)
            self._sent.append(self._known)
            desk.canvas.set_cache(node_id, cache)

    def _several(self) -> None:
        with box("sk-inspector__head"):
            text(
                n("{count} node selected", "{count} nodes selected", len(self._selected)), "sk-grow", tag="h2"
            )
            self._tools()
        with box("sk-inspector__body"):
            text(t("Select a single node to see its settings."), "sk-hint", tag="p")

    def _workflow(self) -> None:
        self._words |= workflow_words(self._desk, self._rename)

    async def _rename(self, name: str, value: str | None) -> None:
        if (self._desk.document.get(name) or "") == (value or ""):
            return
        document = {**self._desk.document, name: value or ""}
        self._sent.append((tuple(self._selected), document.get("name"), document.get("description")))
        await self._desk.edit(document)
