"""A form drawn from its fields; every edit hands the whole new settings on."""

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui
from nicegui.element import Element

from app.ui.forms import lists
from app.ui.forms.asset import AssetField
from app.ui.forms.chips import Placeholders
from app.ui.forms.fields import Errors, labelled, select, switch
from app.ui.forms.options import option_words
from app.ui.forms.pictured import Picker
from app.ui.forms.secret import secret_choice
from app.ui.forms.sliders import slider
from app.ui.forms.spec import FormField
from app.ui.forms.values import (
    REMOVE,
    placeholders,
    shown,
    to_text,
    to_value,
    typed_number,
    typed_text,
    with_entry,
)
from app.ui.lang.say import decimal, t
from app.ui.parts.base import attrs, box, text

Changed = Callable[[dict[str, Any]], None]
_TYPING_MS = 250


class Form:
    """Inputs for an object of settings.

    Args:
        fields: What the object consists of.
        values: What it holds; never changed in place.
        on_change: Gets the whole object after each edit.
        path: Where the object lies in the settings, in dots, for errors.
        known: The placeholders of its texts, shared with the forms inside.
    """

    def __init__(  # noqa: PLR0917 - a form is its parts
        self,
        fields: tuple[FormField, ...],
        values: Mapping[str, Any],
        on_change: Changed,
        errors: Errors | None = None,
        path: str = "",
        known: Placeholders | None = None,
    ) -> None:
        self._values = dict(values)
        self._on_change = on_change
        self.errors = errors or Errors()
        self._path = path
        self._placeholders = known or Placeholders()
        self._fields = fields
        self._slots: dict[str, Element] = {}
        for field in fields:
            self._slots[field.name] = box("sk-slot")
            with self._slots[field.name]:
                self._draw(field)

    def update(
        self, fields: tuple[FormField, ...], before: Mapping[str, Any], now: Mapping[str, Any]
    ) -> None:
        """Take in what changed elsewhere between two states; fields that it does not concern stay untouched.

        What is being typed, and the keyboard, stay where they are.
        """
        values = self._values
        stale = {
            name
            for name in before.keys() | now.keys()
            # what was edited here meanwhile is on its way, and newer
            if values.get(name, self) == before.get(name, self) != now.get(name, self)
        }
        for name in stale:
            self._values = with_entry(self._values, name, now.get(name, REMOVE))
        known = {field.name: field for field in self._fields}
        self._fields = fields
        for field in fields:
            if field.name in stale or field != known.get(field.name):
                self._slots[field.name].clear()
                with self._slots[field.name]:
                    self._draw(field)
        self.errors.again()

    def _draw(self, field: FormField) -> None:
        draw = {
            "switch": self._switch,
            "choice": self._choice,
            "integer": self._number,
            "number": self._number,
            "lines": self._lines,
            "colour": self._colour,
            "list": self._list,
            "objects": self._objects,
            "object": self._object,
            "map": self._map,
            "value": self._any,
            "secret": self._secret,
            "asset": self._asset,
        }.get(field.kind, self._text)
        draw(field)

    @property
    def values(self) -> dict[str, Any]:
        """The object as the form has it."""
        return dict(self._values)

    def set(self, name: str, value: Any) -> None:
        self._values = with_entry(self._values, name, value)
        self._on_change(dict(self._values))

    def _where(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _labelled(self, field: FormField) -> Any:
        tag = t("required") if field.required else ""
        return labelled(field.label, field.help, path=self._where(field.name), errors=self.errors, tag=tag)

    def _switch(self, field: FormField) -> None:
        with box("sk-field"):
            with box("sk-field--inline sk-row sk-row--between"):
                text(field.label, "sk-field__label")
                switch(
                    field.label, bool(shown(field, self._values)), lambda value: self.set(field.name, value)
                )
            if field.help:
                text(field.help, "sk-field__help")

    def _pictures(self, field: FormField, *, several: bool) -> None:
        value, path = shown(field, self._values), self._where(field.name)
        Picker(field, value, lambda chosen: self.set(field.name, chosen), self.errors, path, several=several)

    def _choice(self, field: FormField) -> None:
        if field.pictured:
            self._pictures(field, several=False)
            return
        options = {each: option_words(field, each) for each in field.options}
        if field.nullable:
            options = {None: "–", **options}
        with self._labelled(field) as adopt:
            value = shown(field, self._values)
            adopt(select(options, value, lambda chosen: self.set(field.name, chosen)))

    def _number(self, field: FormField) -> None:
        with self._labelled(field) as adopt:
            made = adopt(
                ui.number(
                    value=shown(field, self._values),
                    on_change=lambda event: self.set(field.name, typed_number(field, event.value)),
                )
            )
            attrs(
                made, debounce=_TYPING_MS, step="1" if field.kind == "integer" else "any", inputmode="decimal"
            )
            if field.minimum is not None and field.maximum is not None:
                slider(field, made)
                attrs(
                    made,
                    placeholder=t(
                        "{least} to {most}",
                        least=_figure(field.minimum),
                        most=_figure(field.maximum),
                    ),
                )

    def _text(self, field: FormField) -> None:
        with self._labelled(field) as adopt:
            made = adopt(
                ui.input(
                    value=to_text(shown(field, self._values)),
                    on_change=lambda event: self.set(field.name, typed_text(field, event.value)),
                )
            )
            attrs(made, debounce=_TYPING_MS)

    def _lines(self, field: FormField) -> None:
        with self._labelled(field) as adopt:
            made = adopt(
                ui.textarea(
                    value=to_text(shown(field, self._values)),
                    on_change=lambda event: self.set(field.name, typed_text(field, event.value)),
                )
            )
            attrs(made, debounce=_TYPING_MS, autogrow=True)
            if field.template or placeholders(str(made.value or "")):
                self._placeholders.under(made)

    def _colour(self, field: FormField) -> None:
        with self._labelled(field) as adopt:
            made = adopt(
                ui.color_input(
                    value=to_text(shown(field, self._values)),
                    preview=True,
                    on_change=lambda event: self.set(field.name, typed_text(field, event.value)),
                )
            )
            attrs(made, debounce=_TYPING_MS)

    def _asset(self, field: FormField) -> None:
        value = to_text(shown(field, self._values))
        path = self._where(field.name)
        AssetField(field, value, lambda found: self.set(field.name, found), self.errors, path)

    def _secret(self, field: FormField) -> None:
        with self._labelled(field) as adopt:
            value = to_text(shown(field, self._values))
            adopt(secret_choice(field.shelf, value, lambda name: self.set(field.name, name or REMOVE)))

    def _any(self, field: FormField) -> None:
        wanted = self._values.get("type")
        with self._labelled(field) as adopt:
            made = adopt(
                ui.input(
                    value=to_text(shown(field, self._values)),
                    on_change=lambda event: self.set(field.name, _given(event.value, wanted)),
                )
            )
            attrs(made, debounce=_TYPING_MS)

    def _list(self, field: FormField) -> None:
        if field.pictured:
            self._pictures(field, several=True)
            return
        with self._labelled(field) as adopt:
            numeric = field.item is not None and field.item.kind in {"integer", "number"}
            lists.words(
                adopt,
                shown(field, self._values),
                lambda value: self.set(field.name, value),
                field,
                numeric=numeric,
            )

    def _objects(self, field: FormField) -> None:
        entries = shown(field, self._values) or []
        lists.Cards(self, field, entries, lambda value: self.set(field.name, value), self._where(field.name))

    def _map(self, field: FormField) -> None:
        entries = shown(field, self._values) or {}
        lists.Named(self, field, entries, lambda value: self.set(field.name, value), self._where(field.name))

    def _object(self, field: FormField) -> None:
        text(field.label, "sk-field__label")
        with box("sk-group"):
            inner = dict(shown(field, self._values) or {})
            self.nested(
                field.fields, inner, lambda value: self.set(field.name, value), self._where(field.name)
            )

    def nested(
        self, fields: tuple[FormField, ...], values: Mapping[str, Any], on_change: Changed, path: str
    ) -> "Form":
        """A form inside this one, with the same error lines."""
        return Form(fields, values, on_change, self.errors, path, self._placeholders)


def _given(raw: str | None, wanted: Any) -> Any:
    value = to_value(raw, wanted if isinstance(wanted, str) else None)
    return REMOVE if value is None else value


def _figure(value: float) -> str:
    return decimal(value, ".0f" if float(value).is_integer() else "g")
