"""The choice of a picture: what it looks like, a button that opens the shelf, and one that takes it away."""

from collections.abc import Callable
from typing import Any, Protocol

from nicegui import ui

from app.ui.forms.fields import Errors, error_line
from app.ui.forms.spec import FormField
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, icon, icon_button, text


class PictureShelf(Protocol):
    """Where the pictures come from."""

    def thumb(self, identifier: str) -> str:
        """Address of a small picture."""
        ...

    async def describe(self, identifier: str) -> str | None:
        """What people call a picture; None for one that is not there."""
        ...

    async def choose(self, current: str, chosen: Callable[[str], Any]) -> None:
        """Let people choose among the pictures there are, or bring one."""
        ...


class AssetField:
    """A picture with its name; ``on_change`` gets the id of another one, empty for none."""

    def __init__(
        self, field: FormField, value: str, on_change: Callable[[str], Any], errors: Errors, path: str
    ) -> None:
        self._shelf: PictureShelf | None = field.shelf
        self._value, self._on_change = value, on_change
        with box("sk-field"):
            text(t("Picture"), "sk-field__label")
            self._frame = box("sk-asset")
            with box("sk-row"):
                self._open = button(self._said(), self._choose, small=True, icon="o_photo_library")
                self._away = icon_button(t("Take the picture away"), "close", self._remove, small=True)
            if field.help:
                text(field.help, "sk-field__help")
            error_line(path, errors, self._open)
        self._draw()

    def _said(self) -> str:
        return t("Choose another picture") if self._value else t("Choose a picture")

    def _draw(self) -> None:
        self._open.text = self._said()
        self._away.set_visibility(bool(self._value))
        self._frame.clear()
        with self._frame:
            if not self._value or self._shelf is None:
                icon("o_image")
                text(t("No picture yet"), "sk-muted")
                return
            picture = attrs(box(tag="img"), src=self._shelf.thumb(self._value), alt="", decoding="async")
            name = text("", "sk-asset__name sk-cut")
            value = self._value

            async def told() -> None:
                said = await self._shelf.describe(value) if self._shelf is not None else None
                name.text = t("This picture is not here.") if said is None else said
                picture.set_visibility(said is not None)

            ui.timer(0.0, told, once=True)

    async def _choose(self) -> None:
        if self._shelf is not None:
            await self._shelf.choose(self._value, self._take)

    def _remove(self) -> None:
        self._take("")

    def _take(self, identifier: str) -> None:
        if not self._frame.is_deleted:
            self._value = identifier
            self._draw()
        self._on_change(identifier)
