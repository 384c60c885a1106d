"""Keeps canvases in the theme of their page; only the browser knows what its system prefers."""

from contextlib import suppress
from typing import Protocol

from nicegui import ui

from app.ui.canvas.element import Theme
from app.ui.theme import Theme as Chosen
from app.ui.visitor import Visitor

_PREFERS_DARK = "return matchMedia('(prefers-color-scheme: dark)').matches"


class Themed(Protocol):
    """What can be told its theme."""

    def set_theme(self, theme: Theme) -> None: ...


def initial_theme(visitor: Visitor) -> Theme:
    """The theme to begin with; ``auto`` begins light until the browser has answered."""
    return "dark" if visitor.theme == "dark" else "light"


def canvas_theme(visitor: Visitor, canvas: Themed) -> None:
    """Let a canvas follow the page's theme, also when it is switched."""

    async def follow(chosen: Chosen) -> None:
        dark = chosen == "dark"
        if chosen == "auto":
            await ui.context.client.connected()
            with suppress(
                TimeoutError
            ):  # the tab was closed, or sleeps; a canvas of the wrong theme still works
                dark = bool(await ui.run_javascript(_PREFERS_DARK, timeout=5))
        canvas.set_theme("dark" if dark else "light")

    if visitor.theme == "auto":
        ui.timer(0.05, lambda: follow("auto"), once=True)
    visitor.on_theme.append(follow)
