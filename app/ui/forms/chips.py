"""Placeholders of a text: chips that put them in at the cursor, and which of them get no value."""

from collections.abc import Iterable
from typing import Any

from app.ui.forms.values import placeholders
from app.ui.lang.say import t
from app.ui.parts.base import Tag, attrs, box, icon, text

# constant script: at the cursor, a space between it and a word beside it; undo of the browser takes it back;
# a moment later, because a field that just lost the focus still writes its own text into itself
_INSERT = """(event) => {
  const { into, word } = event.currentTarget.dataset;
  setTimeout(() => {
    const field = document.getElementById(into);
    if (!field || field.readOnly || field.disabled) return;
    const { value, selectionStart: start, selectionEnd: end } = field;
    const before = /[\\p{L}\\p{N}}]/u.test(value.slice(0, start).slice(-1)) ? " " : "";
    const after = /[\\p{L}\\p{N}{]/u.test(value.charAt(end)) ? " " : "";
    field.focus();
    if (document.execCommand("insertText", false, before + word + after)) return;
    field.setRangeText(before + word + after, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }, 20);
}"""


class Placeholders:
    """Those of a whole form.

    Args:
        offered: Names to offer beside those that a text has.
        missing: Names that have neither a link nor a default.
    """

    def __init__(self, offered: Iterable[str] = (), missing: Iterable[str] = ()) -> None:
        self.offered = tuple(offered)
        self.missing = frozenset(missing)
        self._chips: list[Chips] = []

    def under(self, area: Any) -> None:
        """Put the chips of a text under it."""
        self._chips.append(Chips(self, area))

    def show(self, missing: Iterable[str]) -> None:
        """Mark these and no others."""
        self.missing = frozenset(missing)
        for each in self._chips:
            each.update()


class Chips:
    """The chips of one text, and a line that says which of its placeholders get no value."""

    def __init__(self, shared: Placeholders, area: Any) -> None:
        self._shared, self._area = shared, area
        self._shown: object = None
        self._group = box("sk-chips", aria_label=t("Insert a placeholder"), role="group")
        self._line = box("sk-field__warning sk-hidden", role="status")
        with self._line:
            icon("o_link_off")
            self._told: Tag = text("")
        area.on_value_change(self.update)
        self.update()

    def update(self) -> None:
        """Draw what changed, if anything did."""
        used = placeholders(str(self._area.value or ""))
        names = tuple(dict.fromkeys((*used, *self._shared.offered)))
        missing = tuple(name for name in used if name in self._shared.missing)
        if self._group.is_deleted or (names, missing) == self._shown:
            return
        self._shown = names, missing
        self._group.clear()
        with self._group:
            for name in names:
                self._chip(name, missing=name in missing)
        self._told.text = t("Neither a link nor a default: {names}", names=", ".join(missing))
        self._line.classes(remove="sk-hidden") if missing else self._line.classes("sk-hidden")

    def _chip(self, name: str, *, missing: bool) -> None:
        word = f"{{{{{name}}}}}"
        chip = box("sk-chip", "button", type="button", title=t("Insert {name}", name=word))
        attrs(chip, **{"data-into": f"in-{self._area.id}", "data-word": word})
        if missing:
            chip.classes("sk-chip--missing")
        with chip:
            text(name)
        chip.on("click", js_handler=_INSERT)
