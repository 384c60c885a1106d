"""The controls of an app's form, large enough for a thumb; choices that have pictures show them."""

import json
from collections.abc import Callable
from typing import Any

from nicegui import ui

from app.ui.forms.fields import select
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts import tiles
from app.ui.parts.base import Tag, attrs, box, text
from app.ui.words import title
from app.workflows.apps import Shown
from graphs.fields import FieldSpec

_LONG = 300
_FEW = 4
_MOST_TILES = 9


class Control:
    """One field: its words, its control, its error; its value is text, as a form sends it."""

    def __init__(self, shown: Shown) -> None:
        self.spec, how = shown.spec, shown.how
        self.value = how.value or _text(self.spec.default)
        self._set: Callable[[str], None] = lambda _: None
        with box("sk-field sk-app__field", data_field=self.spec.name):
            label = how.label or title(self.spec.name)
            self._label = Tag("label", classes="sk-field__label")
            with self._label:
                text(label)
                if self.spec.required:
                    text(t("required"), "sk-tag")
            self._draw(label)
            told = how.help or self.spec.description
            if told:
                text(told, "sk-field__help")
            self._wrong = attrs(text("", "sk-field__error"), role="alert")

    def fill(self, value: Any) -> None:
        """Put a value in, as a run had it."""
        self._take(_text(value))
        self._set(self.value)

    def blame(self, message: str) -> None:
        """Show what is wrong with it; empty: nothing."""
        self._wrong.text = heard(message)

    @property
    def sent(self) -> str:
        """What the trigger reads: lists are written one entry a line here."""
        if self.spec.type != "array" or self.value.lstrip().startswith("["):
            return self.value
        lines = [line.strip() for line in self.value.splitlines() if line.strip()]
        return json.dumps(lines, ensure_ascii=False) if lines else ""

    def _take(self, value: Any) -> None:
        self.value = "" if value is None else str(value)
        self.blame("")

    def _draw(self, label: str) -> None:
        spec = self.spec
        if spec.enum is not None:
            self._choice(label, [_text(each) for each in spec.enum])
        elif spec.type == "boolean":
            self._choice(label, ["true", "false"])
        else:
            self._adopt(self._line(spec), label)

    def _line(self, spec: FieldSpec) -> Any:
        def change(event: Any) -> None:
            self._take(event.value)

        made: Any
        if spec.type in {"array", "object"} or (spec.max_length or 0) > _LONG:
            made = ui.textarea(value=_lines(self.value), on_change=change).props("autogrow")
        else:
            made = ui.input(value=self.value, on_change=change)
        if spec.type in {"integer", "number"}:
            attrs(made, inputmode="numeric" if spec.type == "integer" else "decimal")
        if spec.type == "array":
            attrs(made, placeholder=t("One entry a line"))
        self._set = lambda value: made.set_value(_lines(value))
        return made.props("outlined hide-bottom-space").classes("sk-input sk-app__line")

    def _choice(self, label: str, options: list[str]) -> None:
        pictured = tiles.has_pictures(options)
        if len(options) <= (_MOST_TILES if pictured else _FEW):
            self._tiles(label, options)
            return
        made = select({each: tiles.tile_words(each) for each in options}, self.value, self._take).props(
            "outlined"
        )
        self._set = made.set_value
        self._adopt(made.classes("sk-app__line"), label)

    def _tiles(self, label: str, options: list[str]) -> None:
        """Radio buttons of the browser's own, dressed as tiles: arrow keys and readers know them."""
        made: dict[str, Any] = {}
        group = f"app-{self._label.id}"
        with box("sk-tiles", role="radiogroup", aria_label=label):
            for each in options:
                with box("sk-tile", "label"):
                    button = attrs(box(tag="input"), type="radio", name=group, value=each)
                    button.on("change", lambda _, each=each: self._take(each))
                    made[each] = button
                    tiles.picture(each)
                    text(tiles.tile_words(each), "sk-tile__name")

        if self.value in made:
            made[self.value].props["checked"] = True
        self._set = lambda value: made[value].run_method("click") if value in made else None

    def _adopt(self, control: Any, label: str) -> None:
        attrs(control, **{"for": f"in-{control.id}"})
        attrs(self._label, **{"for": f"in-{control.id}"})
        if self.spec.required:
            attrs(control, aria_required="true")
        attrs(control, aria_label=label)


def _lines(value: str) -> str:
    """A JSON list of texts as lines; anything else as it is."""
    if not value.startswith("["):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return "\n".join(found) if all(isinstance(each, str) for each in found) else value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
