"""Fields that hold several things: words, cards of objects, and named entries."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from nicegui import ui

from app.ui.forms.declared import card_summary, visible_fields
from app.ui.forms.fields import Errors, error_line
from app.ui.forms.options import added, option_words
from app.ui.forms.spec import FormField
from app.ui.forms.values import fresh_name, fresh_object, to_text, to_value
from app.ui.lang.say import t
from app.ui.parts.base import Tag, attrs, box, button, icon_button, text
from app.ui.words import title

Change = Callable[[Any], None]


class Nests(Protocol):
    """A form that can hold another one."""

    errors: Errors

    def nested(
        self, fields: tuple[FormField, ...], values: Mapping[str, Any], on_change: Change, path: str
    ) -> object: ...


def words(
    adopt: Callable[[Any], Any],
    value: Sequence[Any] | None,
    on_change: Change,
    field: FormField,
    *,
    numeric: bool,
) -> None:
    """A list of single values as chips; Enter or a comma adds one."""

    def change(event: Any) -> None:
        entered = [part.strip() for raw in event.value or [] for part in str(raw).split(",") if part.strip()]
        values = [to_value(part) for part in entered] if numeric else entered
        on_change(None if field.nullable and not values else list(dict.fromkeys(values)))

    if field.options:
        options = {each: option_words(field, each) for each in (*field.options, *(value or ()))}
        made = adopt(ui.select(options, multiple=True, value=list(value or []), on_change=change))
        made.props("use-chips options-dense")
        return
    made = adopt(ui.input_chips(value=[to_text(each) for each in value or []], on_change=change))
    attrs(made, placeholder=t("Type and press Enter"), hide_dropdown_icon=True)
    made.props("new-value-mode=add-unique")


class Cards:
    """A list of objects: each a card that folds, with its own form."""

    def __init__(
        self,
        form: Nests,
        field: FormField,
        entries: Sequence[Mapping[str, Any]],
        on_change: Change,
        path: str,
    ) -> None:
        self._form, self._field, self._on_change, self._path = form, field, on_change, path
        self._entries = [dict(entry) for entry in entries]
        wanted = form.errors.wanted.removeprefix(f"{path}.").partition(".")[0]
        self._open: int | None = int(wanted) if wanted.isdecimal() else None
        with box("sk-field"):
            text(field.label, "sk-field__label")
            if field.help:
                text(field.help, "sk-field__help")
            self._place = box("sk-stack sk-stack--tight")
            error_line(path, form.errors, self._place)
            button(added(field.label), self._add, icon="add", small=True)
        self._redraw()

    def _redraw(self) -> None:
        self._place.clear()
        with self._place:
            for index, entry in enumerate(self._entries):
                self._card(index, entry)
        self._form.errors.again()

    def _card(self, index: int, entry: dict[str, Any]) -> None:
        is_open = self._open == index
        with box("sk-group" if is_open else "sk-group sk-group--folded"):
            with box("sk-group__head"):
                name, detail = card_summary(entry)
                toggle = box(
                    "sk-grow sk-row sk-fold", "button", type="button", aria_expanded=str(is_open).lower()
                )
                with toggle:
                    shown = (
                        text(name or t("unnamed"), "sk-strong sk-fold__name"),
                        text(detail, "sk-small sk-muted sk-cut"),
                    )
                toggle.on("click", lambda: self._toggle(index))
                icon_button(
                    t("Move up"), "arrow_upward", lambda: self._move(index, -1), small=True
                ).set_enabled(index > 0)
                icon_button(t("Remove"), "o_delete", lambda: self._remove(index), small=True)
            if is_open:
                self._inside(index, entry, shown)

    def _inside(self, index: int, entry: dict[str, Any], shown: tuple[Tag, Tag]) -> None:
        shape = (entry.get("type"), entry.get("when"))

        def change(value: dict[str, Any]) -> None:
            self._entries[index] = value
            self._on_change(list(self._entries))
            name, detail = card_summary(value)
            shown[0].text, shown[1].text = name or "unnamed", detail
            if (value.get("type"), value.get("when")) != shape:
                self._redraw()

        main, more = visible_fields(self._field.fields, entry)
        path = f"{self._path}.{index}"
        holder = _Shared(entry, change)
        self._form.nested(main, entry, holder.main, path)
        if more:
            with ui.expansion(t("More rules")).classes("sk-more").props("dense"), box("sk-stack"):
                self._form.nested(more, entry, holder.more, path)

    def _toggle(self, index: int) -> None:
        self._open = None if self._open == index else index
        self._redraw()

    def _add(self) -> None:
        entry = fresh_object(self._field.fields)
        if "name" in entry:
            entry["name"] = fresh_name({str(each.get("name")) for each in self._entries}, "field")
        self._entries.append(entry)
        self._open = len(self._entries) - 1
        self._changed()

    def _remove(self, index: int) -> None:
        del self._entries[index]
        self._open = None
        self._changed()

    def _move(self, index: int, by: int) -> None:
        self._entries.insert(index + by, self._entries.pop(index))
        self._open = None
        self._changed()

    def _changed(self) -> None:
        self._on_change([dict(entry) for entry in self._entries])
        self._redraw()


class _Shared:
    """Two forms over one object: what one changes, the other keeps."""

    def __init__(self, values: Mapping[str, Any], on_change: Change) -> None:
        self._current, self._on_change = dict(values), on_change
        self._last = {"main": dict(values), "more": dict(values)}

    def main(self, values: dict[str, Any]) -> None:
        self._merge("main", values)

    def more(self, values: dict[str, Any]) -> None:
        self._merge("more", values)

    def _merge(self, which: str, values: dict[str, Any]) -> None:
        before = self._last[which]
        for name in before.keys() - values.keys():
            self._current.pop(name, None)
        self._current.update({name: each for name, each in values.items() if before.get(name, self) != each})
        self._last[which] = values
        self._on_change(dict(self._current))


class Named:
    """Entries under names of the user's choice: text lines, or cards of objects."""

    def __init__(
        self, form: Nests, field: FormField, entries: Mapping[str, Any], on_change: Change, path: str
    ) -> None:
        self._form, self._field, self._on_change, self._path = form, field, on_change, path
        self._entries = dict(entries)
        with box("sk-field"):
            text(field.label, "sk-field__label")
            if field.help:
                text(field.help, "sk-field__help")
            self._place = box("sk-stack sk-stack--tight")
            with box("sk-row"):
                self._name = ui.input(placeholder=t("Name")).classes("sk-input").props("outlined dense")
                attrs(self._name, aria_label=t("Name of the new entry of {label}", label=field.label))
                self._name.on("keydown.enter", self._add)
                button(t("Add"), self._add, small=True)
        self._redraw()

    def _redraw(self) -> None:
        self._place.clear()
        with self._place:
            for name in self._entries:
                with box("sk-group"):
                    with box("sk-group__head"):
                        text(name, "sk-strong sk-cut sk-grow sk-mono")
                        icon_button(
                            t("Remove {name}", name=name),
                            "o_delete",
                            lambda name=name: self._remove(name),
                            small=True,
                        )
                    self._entry(name)

    def _entry(self, name: str) -> None:
        item, path = self._field.item, f"{self._path}.{name}"
        if item is not None and item.fields:
            self._form.nested(
                item.fields, self._entries[name] or {}, lambda value: self._set(name, value), path
            )
            return
        made = ui.input(
            value=to_text(self._entries[name]), on_change=lambda event: self._set(name, event.value or "")
        )
        attrs(made.classes("sk-input").props("outlined dense debounce=250"), aria_label=title(name))

    def _set(self, name: str, value: Any) -> None:
        self._entries[name] = value
        self._on_change(dict(self._entries))

    def _add(self) -> None:
        name = str(self._name.value or "").strip()
        if not name or name in self._entries:
            ui.notify(t("Give the entry a name that is not used yet."))
            return
        item = self._field.item
        self._name.value = ""
        self._set(name, fresh_object(item.fields) if item is not None and item.fields else "")
        self._redraw()

    def _remove(self, name: str) -> None:
        del self._entries[name]
        self._on_change(dict(self._entries))
        self._redraw()
