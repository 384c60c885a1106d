"""Input elements in our look: label above, help and error below, tied together for screen readers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.disableable_element import DisableableElement

from app.ui.parts.base import Tag, attrs, box, icon, text

Change = Callable[[Any], Any]


class Errors:
    """The error lines of a form by field path; a path's line is shown while it has a message.

    Args:
        wanted: Path of the field that shall be opened and focused, if any.
    """

    def __init__(self, wanted: str = "") -> None:
        self.wanted = wanted
        self._lines: dict[str, tuple[Any, Tag, Any]] = {}
        self._messages: dict[str, str] = {}

    def add(self, path: str, line: Any, message: Tag, control: Any) -> None:
        """Register a line; a message that was waiting for it moves here."""
        self._lines[path] = (line, message, control)
        self.again()

    def again(self) -> None:
        """Place the messages anew, after fields came or went."""
        if self._messages:
            self.show(self._messages)

    def focus(self) -> None:
        """Put the keyboard into the wanted field, or the nearest one there is."""
        path = self._nearest(self.wanted)
        control = self._lines[path][2] if path else None
        if control is not None and (isinstance(control, DisableableElement) or "tabindex" in control.props):
            control.run_method("focus")

    def show(self, messages: dict[str, str]) -> None:
        """Show these messages and no others; a message for a deeper path lands on its nearest field."""
        self._messages = messages
        self._lines = {path: each for path, each in self._lines.items() if not each[0].is_deleted}
        landed: dict[str, str] = {}
        for path, message in messages.items():
            landed.setdefault(self._nearest(path), message)
        for path, (line, label, control) in self._lines.items():
            message = landed.get(path, "")
            label.text = message
            line.classes(remove="sk-hidden") if message else line.classes("sk-hidden")
            control.classes("sk-input--bad") if message else control.classes(remove="sk-input--bad")

    def _nearest(self, path: str) -> str:
        while path and path not in self._lines:
            path = path.rpartition(".")[0]
        return path


@contextmanager
def labelled(
    label: str, help_text: str = "", *, path: str = "", errors: Errors | None = None, tag: str = ""
) -> Iterator[Callable[[Any], Any]]:
    """Label, the control made inside, help and error line; yields a function that adopts the control."""
    adopted: list[Any] = []
    with box("sk-field") as outer:
        name = Tag("label", classes="sk-field__label")
        with name:
            text(label)
            if tag:
                text(tag, "sk-tag")

        def adopt(control: Any) -> Any:
            adopted.append(control)
            identifier = f"in-{control.id}"
            attrs(control, **{"for": identifier})
            attrs(name, **{"for": identifier})
            control.classes("sk-input").props("outlined dense hide-bottom-space")
            return control

        yield adopt
        if help_text:
            described = attrs(text(help_text, "sk-field__help"), id=f"help-{outer.id}")
            if adopted:
                attrs(adopted[0], aria_describedby=described.props["id"])
        if errors is not None and adopted:
            error_line(path, errors, adopted[0])


def text_input(
    label: str,
    value: str = "",
    on_change: Change | None = None,
    *,
    help_text: str = "",
    placeholder: str = "",
) -> Any:
    """A line of text with its label."""
    with labelled(label, help_text) as adopt:
        return adopt(ui.input(value=value, placeholder=placeholder, on_change=_value(on_change)))


def select_input(
    label: str,
    options: dict[Any, str] | list[Any],
    value: Any,
    on_change: Change | None = None,
    *,
    help_text: str = "",
) -> Any:
    """A choice with its label."""
    with labelled(label, help_text) as adopt:
        return adopt(select(options, value, on_change))


def select(options: dict[Any, str] | Sequence[Any], value: Any, on_change: Change | None = None) -> Any:
    """A bare choice in our look."""
    known = dict(options) if isinstance(options, dict) else {each: str(each) for each in options}
    if value not in known:
        known = {**known, value: "" if value is None else str(value)}
    made = ui.select(known, value=value, on_change=_value(on_change))
    return made.classes("sk-input").props("outlined dense hide-bottom-space options-dense")


def switch(label: str, value: bool, on_change: Change | None = None) -> Any:
    """A switch with its label beside it."""
    made = ui.switch(value=value, on_change=_value(on_change)).classes("sk-switch")
    return attrs(made, aria_label=label)


def error_line(path: str, errors: Errors, control: Any) -> None:
    """The hidden line under a control that its messages appear in."""
    line = box("sk-field__error sk-hidden", role="alert")
    with line:
        icon("error_outline")
        message = text("")
    errors.add(path, line, message, control)


def _value(on_change: Change | None) -> Any:
    return None if on_change is None else lambda event: on_change(event.value)
