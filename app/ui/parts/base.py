"""The smallest parts: text, boxes, buttons. Values go in as properties, never as source."""

from typing import Any, Literal

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

Kind = Literal["plain", "primary", "ghost", "danger"]


class Tag(TextElement):
    """Any HTML tag that holds plain text."""

    def __init__(self, tag: str, text: str = "", classes: str = "") -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)


def text(content: str, classes: str = "", tag: str = "span") -> Tag:
    """Plain text in a tag."""
    return Tag(tag, content, classes)


def box(classes: str = "", tag: str = "div", **attributes: str) -> Element:
    """A container; underscores in attribute names become dashes."""
    made: Element = attrs(ui.element(tag).classes(classes), **attributes)
    return made


def row(classes: str = "") -> Element:
    return box(f"sk-row {classes}")


def stack(classes: str = "") -> Element:
    return box(f"sk-stack {classes}")


def attrs(element: Any, **attributes: Any) -> Any:
    """Set HTML attributes or component properties without going through a parsed string."""
    for name, value in attributes.items():
        element.props[name.rstrip("_").replace("_", "-")] = value
    return element


def anchor(content: str, href: str, classes: str = "sk-link") -> Tag:
    """A link with text."""
    made = Tag("a", content, classes)
    attrs(made, href=href)
    return made


def icon(name: str, classes: str = "") -> Any:
    """A decorative icon; what it means is said in words beside it."""
    return attrs(ui.icon(name).classes(classes), aria_hidden="true")


def button(
    label: str, on_click: Any = None, *, kind: Kind = "plain", icon: str = "", small: bool = False
) -> Any:
    """A button with words; an icon is an addition."""
    made = ui.button(label, on_click=on_click, color=None, icon=icon or None)
    made.props("unelevated no-caps")
    return made.classes(f"sk-btn sk-btn--{kind}" + (" sk-btn--small" if small else ""))


def icon_button(
    label: str, symbol: str, on_click: Any = None, *, kind: Kind = "ghost", small: bool = False
) -> Any:
    """A button without words; its label is read aloud and shown on hover."""
    made = ui.button(on_click=on_click, color=None, icon=symbol).props("unelevated no-caps")
    made.classes(f"sk-btn sk-btn--icon sk-btn--{kind}" + (" sk-btn--small" if small else ""))
    attrs(made, aria_label=label, title=label)
    return made


def keyed(element: Any, chord: str) -> Any:
    """Let the hover text say the keys that do the same, as this browser has them (see keylib)."""
    return attrs(element, data_keys=chord)


def link_button(label: str, href: str, *, kind: Kind = "plain", icon: str = "", small: bool = False) -> Any:
    """A link that looks like a button."""
    made = button(label, kind=kind, icon=icon, small=small)
    return attrs(made, href=href)
