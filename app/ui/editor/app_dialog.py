"""A workflow as an app: which fields colleagues see, in which order and words."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nicegui import ui
from nicegui.element import Element

from app.store.apps import AppRow
from app.ui.editor.desk import Desk
from app.ui.forms.fields import switch, text_input
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, icon_button, link_button, text
from app.ui.parts.show import banner, dialog
from app.ui.words import title
from app.workflows.apps import AppField, AppWanted, Shown, arranged, fields_of
from app.workflows.errors import WorkflowError


async def app_dialog(desk: Desk) -> None:
    """Choose and order the fields, say what it is, and share the address."""
    apps = desk.visitor.house.system.apps
    row: AppRow | None = await desk.visitor.call(apps.get, desk.visitor.org_id, desk.slug)
    writable = desk.visitor.may("forms.write") and desk.row.archived_at is None
    with dialog(t("App")) as (window, foot):
        if desk.version is None:
            told = t("Colleagues can use it once it is published.")
            banner("warn", "o_warning_amber", t("Not published yet"), told)
        with box("sk-row sk-row--between"):
            text(t("Colleagues may use it"))
            enabled = switch(t("Colleagues may use it"), bool(row and row.enabled) or row is None)
        name = text_input(t("Title"), row.title if row else "", placeholder=desk.name)
        intro = text_input(t("Text below the title"), row.intro if row else "")
        text(t("Fields"), "sk-strong")
        lines = _Lines(box("sk-stack"), await _fields(desk, row))
        problem = text("", "sk-field__error")
        with foot:
            if row is not None and row.enabled and desk.version is not None:
                link_button(t("Open the app"), f"/apps/{desk.slug}", kind="ghost", icon="open_in_new")
            button(t("Cancel") if writable else t("Close"), window.close, kind="ghost")
            if writable:

                async def save() -> None:
                    words = str(name.value or ""), str(intro.value or "")
                    wanted = AppWanted(enabled.value, *words, lines.fields)
                    problem.text = await _save(desk, wanted)
                    if not problem.text:
                        window.close()

                button(t("Save"), save, kind="primary")
    window.open()


async def _fields(desk: Desk, row: AppRow | None) -> list[Shown]:
    """The fields of the published version, as the app shows them; none before the first one."""
    system = desk.visitor.house.system
    try:
        published = await desk.visitor.call(system.workflows.published, desk.visitor.org_id, desk.slug)
    except WorkflowError:
        return []
    return list(arranged(published.trigger.fields, fields_of(row)))


class _Lines:
    """The fields in their order; what moves keeps its controls, so that nothing typed meanwhile is lost."""

    def __init__(self, place: Element, shown: list[Shown]) -> None:
        self._place = place
        with place:
            if not shown:
                text(t("The published version has no fields."), "sk-muted")
            self._lines = [_Line(each, self.move) for each in shown]
        self._settle()

    @property
    def fields(self) -> tuple[AppField, ...]:
        return tuple(each.how for each in self._lines)

    def move(self, line: "_Line", step: int) -> None:
        index = self._lines.index(line)
        if 0 <= index + step < len(self._lines):
            self._lines.insert(index + step, self._lines.pop(index))
            line.outer.move(self._place, index + step)
            self._settle()

    def _settle(self) -> None:
        for index, each in enumerate(self._lines):
            each.place(first=index == 0, last=index == len(self._lines) - 1)


class _Line:
    """One field: shown or fixed, its words, its place."""

    def __init__(self, shown: Shown, move: Callable[["_Line", int], None]) -> None:
        spec, self.how = shown.spec, shown.how
        called = title(spec.name)
        with box("sk-setup__line", role="group", aria_label=called) as self.outer:
            with box("sk-row sk-row--between"):
                text(called, "sk-strong sk-cut")
                with box("sk-row"):
                    text(t("Shown"), "sk-small sk-muted")
                    switch(t("Show {name}", name=called), not self.how.hidden, self._hide)
                    up, down = t("Move {name} up", name=called), t("Move {name} down", name=called)
                    self._up = icon_button(up, "arrow_upward", lambda: move(self, -1), small=True)
                    self._down = icon_button(down, "arrow_downward", lambda: move(self, 1), small=True)
            with box("sk-setup__words"):
                self._label = self._word("label", t("Label"), called)
                self._hint = self._word("help", t("Hint"), spec.description or "")
                self._value = self._word("value", "", "" if spec.default is None else str(spec.default))
        self._dress()

    def place(self, *, first: bool, last: bool) -> None:
        """Allow only moves that lead somewhere."""
        self._up.set_enabled(not first)
        self._down.set_enabled(not last)

    def _hide(self, shown: bool) -> None:
        self.how = replace(self.how, hidden=not shown)
        self._dress()

    def _dress(self) -> None:
        hidden = self.how.hidden
        self.outer.props["data-hidden"] = "true" if hidden else None
        self.outer.update()
        self._label.set_visibility(not hidden)
        self._hint.set_visibility(not hidden)
        self._value.name(t("Fixed value") if hidden else t("Begins with"))

    def _word(self, part: str, label: str, placeholder: str) -> "_Word":
        def change(event: Any) -> None:
            said: dict[str, Any] = {part: str(event.value or "")}
            self.how = replace(self.how, **said)

        return _Word(label, getattr(self.how, part), placeholder, change)


class _Word:
    """A small input with its name above; the name may change."""

    def __init__(self, label: str, value: str, placeholder: str, change: Callable[[Any], None]) -> None:
        with box("sk-stack sk-stack--tight") as self._outer:
            self._said = text(label, "sk-small sk-muted")
            self._input = ui.input(value=value, placeholder=placeholder, on_change=change)
            self._input.classes("sk-input").props("outlined dense hide-bottom-space")
        self.name(label)

    def name(self, label: str) -> None:
        self._said.text = label
        attrs(self._input, aria_label=label).update()

    def set_visibility(self, visible: bool) -> None:
        self._outer.set_visibility(visible)


async def _save(desk: Desk, wanted: AppWanted) -> str:
    identity = await desk.visitor.require("forms.write")
    apps = desk.visitor.house.system.apps
    try:
        await desk.visitor.call(apps.put, identity, desk.slug, wanted)
    except WorkflowError as error:
        return heard(str(error))
    ui.notify(
        t("Saved. Colleagues find it under Apps.") if wanted.enabled else t("Saved. It is switched off.")
    )
    return ""
