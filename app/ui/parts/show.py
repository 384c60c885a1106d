"""Parts that show things: statuses, times, ids, code, cards, empty states, tables."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from nicegui import ui
from nicegui.element import Element

from app.ui.editor.sketch import Sketch
from app.ui.lang.say import t
from app.ui.parts.base import Tag, attrs, box, icon, text
from app.ui.words import Look, Tone


class When(Element, component="sk_when.js", esm={"sakuga-time": "lib"}):
    """A moment (seconds since the epoch), said relatively, exact on hover."""

    def __init__(self, at: float | None) -> None:
        super().__init__()
        self.props["at"] = at


class Local(Element, component="sk_local.js", esm={"sakuga-time": "lib"}):
    """A moment (seconds since the epoch) in the viewer's own time, to the second or to the minute."""

    def __init__(self, at: float, *, minute: bool = False) -> None:
        super().__init__()
        attrs(self, at=at, minute=minute)


class CopyId(Element, component="sk_copy.js"):
    """An id in the fixed font that copies itself on click."""

    def __init__(self, content: str, *, short: str = "", label: str = "") -> None:
        super().__init__()
        attrs(self, text=content, short=short, said=t("Copy {what}", what=label) if label else t("Copy"))


class Code(Element, component="sk_code.js"):
    """A block of text in the fixed font."""

    def __init__(self, content: str, *, wrap: bool = False, copyable: bool = True) -> None:
        super().__init__()
        attrs(self, text=content, wrap=wrap, copyable=copyable, words=[t("Copy"), t("Copied")])

    def set_text(self, content: str) -> None:
        self.props["text"] = content
        self.update()


class Miniature(Element, component="sk_sketch.js"):
    """A graph in miniature."""

    def __init__(self, drawn: Sketch) -> None:
        super().__init__()
        attrs(self, boxes=drawn.boxes, lines=drawn.lines, view=drawn.view)


class Table(Element, component="sk_table.js", esm={"sakuga-time": "lib"}):
    """A page of rows as data.

    Args:
        columns: Each with ``name``, ``label``, ``kind`` (text, main, status, when, thumb, code, action), and
            the flags ``end`` (right-aligned), ``quiet`` (label only read aloud), ``wide`` (not on phones),
            ``named`` (a bare number: on phones its label stands before it), ``optional`` (left out while
            no row has a value).
        rows: Each with ``key``, optional ``href`` and ``note`` (a line below the main cell), and one value
            per column name.
    """

    def __init__(self, columns: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        shown = [{**column, "label": t(column["label"])} for column in columns]
        attrs(self, columns=shown, rows=[dict(each) for each in rows])

    def set_rows(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Show other rows; says whether anything changed."""
        fresh = [dict(each) for each in rows]
        if fresh == self.props["rows"]:
            return False
        self.props["rows"] = fresh
        self.update()
        return True


def cell(look: Look, title: str = "") -> dict[str, str]:
    """A status as a table cell."""
    return {"icon": look.icon.removeprefix("o_"), "text": look.text, "tone": look.tone, "title": title}


def status(look: Look, *, chip: bool = True) -> Element:
    """A status with its icon and word."""
    made = box("sk-status sk-status--chip" if chip else "sk-status", "span", data_tone=look.tone)
    with made:
        attrs(Tag("i", look.icon.removeprefix("o_"), "material-icons-outlined"), aria_hidden="true")
        text(look.text)
    return made


@contextmanager
def card(title: str = "", *, flush: bool = False, classes: str = "") -> Iterator[Element]:
    """A card; yields its head so that actions can be added, and enters its body."""
    with box(f"sk-card {classes}", "section"):
        head = box("sk-card__head") if title else box("sk-hidden")
        with head:
            text(title, tag="h2")
        with box("sk-card__body" + (" sk-card__body--flush" if flush else "")):
            yield head


def banner(
    tone: Tone, symbol: str, title: str, body: str = "", *, moment: float | None = None, before: str = ""
) -> Element:
    """A message that stays; enter the result to add actions.

    Args:
        tone: What it means.
        symbol: Its icon.
        title: What there is to know.
        body: Why, and what to do.
        moment: A last line with this moment (seconds since the epoch), which counts by itself.
        before: What stands before the moment, or alone on that line.
    """
    made = box("sk-banner", data_tone=tone, role="status")
    with made:
        icon(symbol)
        with box("sk-banner__text"):
            text(title, "sk-strong")
            if body:
                text(body, "sk-muted sk-wrap")
            if moment is not None or before:
                with box("sk-row sk-small sk-muted"):
                    if before:
                        text(before)
                    if moment is not None:
                        When(moment)
    return made


def empty(symbol: str, title: str, body: str) -> Element:
    """What stands where nothing is yet, and says what to do next; enter the result to add actions."""
    made = box("sk-empty")
    with made:
        icon(symbol)
        text(title, tag="h2")
        text(body, tag="p")
    return made


@contextmanager
def facts() -> Iterator[None]:
    """A list of names and values."""
    with box("sk-kv", "dl"):
        yield


def fact(name: str, value: str | None = None) -> Element:
    """One line of ``facts``; without a value, enter the result to add one."""
    text(name, tag="dt")
    made = box(tag="dd")
    if value is not None:
        with made:
            text(value)
    return made


# a field or the dialog itself has the keyboard; buttons, lists and several lines need Enter for themselves
_CONFIRM = """(event) => {
  const own = 'button, a, summary, textarea, [role=combobox], [role=option], .q-select';
  if (event.repeat || event.isComposing || event.defaultPrevented || event.target.closest(own)) return;
  event.currentTarget.querySelector('.sk-dialog__foot :is(.sk-btn--primary, .sk-btn--danger)')?.click();
}"""

# the second half of the double click that opened a dialog is not meant for its backdrop or its buttons
_STRAY = """(event) => {
  const window = event.currentTarget;
  if (event.detail < 2) window.touched = true;
  else if (!window.touched) (event.stopPropagation(), event.preventDefault());
}"""


class _Window(ui.dialog):
    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title


@contextmanager
def dialog(title: str, *, size: str = "") -> Iterator[tuple[Any, Element]]:
    """A modal dialog; yields it and its foot, and enters its body. Enter confirms, Escape closes.

    One with the same title that is still there is replaced: a double click opens a single dialog.
    """
    client = ui.context.client
    for other in [each for each in client.elements.values() if isinstance(each, _Window)]:
        if other.title == title:
            other.delete()
    # in the page itself: a dialog opened from another one must outlive it
    with client.content:
        window = _Window(title)
    window.on("keydown.enter", js_handler=_CONFIRM)
    window.on("click.capture", js_handler=_STRAY)
    window.on("hide", window.delete)
    with window, box(f"sk-dialog {size and 'sk-dialog--' + size}", role="dialog", aria_label=title):
        with box("sk-dialog__head"):
            text(title, tag="h2")
            close = ui.button(icon="close", color=None, on_click=window.close).props("unelevated")
            attrs(close.classes("sk-btn sk-btn--icon sk-btn--ghost sk-btn--small"), aria_label=t("Close"))
        body = box("sk-dialog__body")
        foot = box("sk-dialog__foot")
        with body:
            yield window, foot
