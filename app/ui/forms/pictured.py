"""A choice among pictures: radio buttons for one, boxes to tick for several, dressed as tiles."""

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import ui

from app.ui.forms.fields import Errors, error_line
from app.ui.forms.spec import FormField
from app.ui.lang.say import t
from app.ui.parts import tiles
from app.ui.parts.base import Tag, attrs, box, icon, text

_MANY = 9


class Picker:
    """The browser's own radio buttons or boxes, so that arrows, Space and screen readers know them.

    Args:
        value: The key chosen, or the keys when ``several``.
        on_change: Gets the key, or the keys in the order they were chosen; null when none is and null means
            something.
    """

    def __init__(
        self,
        field: FormField,
        value: str | Sequence[str] | None,
        on_change: Callable[[Any], None],
        errors: Errors,
        path: str,
        *,
        several: bool,
    ) -> None:
        self._field, self._on_change, self._several = field, on_change, several
        self._chosen = [value] if isinstance(value, str) else list(value or ())
        self._tiles: dict[str, Tag] = {}
        options = list(dict.fromkeys((*map(str, field.options), *self._chosen)))
        with box("sk-field"):
            text(field.label, "sk-field__label")
            if len(options) > _MANY:
                self._search()
            role = "group" if several else "radiogroup"
            many = " sk-tiles--many" if len(options) > _MANY else ""
            group = box(f"sk-tiles sk-tiles--small{many}", role=role, aria_label=field.label)
            attrs(group, tabindex="-1")
            with group:
                for each in options:
                    self._tile(each, f"pick-{group.id}")
                self._none = text(t("None of them fits."), "sk-hint sk-hidden")
            if field.help:
                text(field.help, "sk-field__help")
            error_line(path, errors, group)

    def _search(self) -> None:
        made = ui.input(on_change=lambda event: self._show(event.value or ""))
        made.classes("sk-input").props("outlined dense hide-bottom-space clearable debounce=120")
        attrs(made, aria_label=t("Search in {label}", label=self._field.label), placeholder=t("Search##verb"))
        with made.add_slot("prepend"):
            icon("search")

    def _show(self, query: str) -> None:
        words = query.casefold().split()
        hits = 0
        for key, tile in self._tiles.items():
            told = f"{key} {tiles.tile_words(key)}".casefold()
            fits = all(word in told for word in words)
            hits += fits
            tile.classes(remove="sk-hidden") if fits else tile.classes("sk-hidden")
        self._none.classes("sk-hidden") if hits else self._none.classes(remove="sk-hidden")

    def _tile(self, key: str, group: str) -> None:
        self._tiles[key] = tile = Tag("label", classes="sk-tile")
        with tile:
            kind = "checkbox" if self._several else "radio"
            button = attrs(box(tag="input"), type=kind, name=group, value=key)
            if key in self._chosen:
                attrs(button, checked=True)
            button.on("change", lambda event: self._take(key, bool(event.args)), js_handler=_CHECKED)
            if key in self._field.pictured:
                tiles.picture(key)
            else:
                tiles.no_picture()
            text(tiles.tile_words(key), "sk-tile__name")
            tiles.pixels(key)

    def _take(self, key: str, chosen: bool) -> None:
        if not self._several:
            self._on_change(key)
            return
        others = [each for each in self._chosen if each != key]
        self._chosen = [*others, key] if chosen else others
        self._on_change(None if self._field.nullable and not self._chosen else list(self._chosen))


# constant script: whether it is ticked is all that the server needs
_CHECKED = "(event) => emit(event.target.checked)"
