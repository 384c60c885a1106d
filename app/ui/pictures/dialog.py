"""Choosing a picture: what people brought, what runs made, or a new one by button, drop or paste."""

from collections.abc import Callable
from typing import Any

from app.store.pictures import PictureRow
from app.ui.files.doors import Brought
from app.ui.files.drop import PICTURES, FileDrop
from app.ui.lang.say import t
from app.ui.parts.base import button, text
from app.ui.parts.show import dialog
from app.ui.pictures.bringing import keep
from app.ui.pictures.grid import PictureGrid
from app.ui.visitor import Visitor


class PictureDialog:
    """Opens over the page; ``chosen`` gets the id of the picture that was taken."""

    def __init__(self, visitor: Visitor, current: str, chosen: Callable[[str], Any]) -> None:
        self._visitor = visitor
        self._current, self._chosen = current, chosen

    async def open(self) -> None:
        """Let people look around, or bring one."""
        await self._visitor.require("assets.read")
        with dialog(t("Choose a picture"), size="wide") as (window, foot):
            self._window = window
            grid = PictureGrid(self._visitor, self._take, self._current)
            may = self._visitor.may("assets.write")
            drop = picture_drop(self._visitor, self._bring, ".sk-dialog") if may else None
            with foot:
                button(t("Cancel"), window.close, kind="ghost")
                if drop is not None:
                    text(t("You can also drop or paste one here."), "sk-small sk-muted sk-grow sk-only-desk")
                    button(t("Upload"), drop.pick, kind="primary", icon="o_upload")
        window.open()
        await grid.begin()

    async def _bring(self, brought: Brought) -> None:
        row = await keep(self._visitor, brought)
        if row is not None:
            self._take(row)

    def _take(self, row: PictureRow) -> None:
        self._window.close()
        self._chosen(row.id)


def picture_drop(visitor: Visitor, take: Callable[[Brought], Any], scope: str) -> FileDrop:
    """A place for pictures alone."""
    title, hint = t("Drop a picture"), t("PNG, JPEG or WebP, up to 32 MiB")
    return FileDrop(visitor, take, title=title, hint=hint, accept=PICTURES, scope=scope, pastes=True)
