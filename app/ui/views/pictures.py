"""All pictures: those that people brought and those that runs made."""

from collections.abc import Mapping

from app.store.pictures import PictureRow
from app.ui.files.doors import Brought
from app.ui.lang.say import t
from app.ui.parts.base import button
from app.ui.parts.show import card
from app.ui.pictures.bringing import keep
from app.ui.pictures.detail import picture_dialog
from app.ui.pictures.dialog import picture_drop
from app.ui.pictures.grid import PictureGrid
from app.ui.shell import frame, head
from app.ui.visitor import Visitor


async def show(visitor: Visitor, _: Mapping[str, str]) -> None:
    """Build the page."""
    await visitor.require("assets.read")

    async def look(row: PictureRow) -> None:
        await picture_dialog(visitor, row, grid.show)

    async def bring(brought: Brought) -> None:
        if await keep(visitor, brought) is not None:
            await grid.turn("upload")

    with frame(visitor, "pictures", t("Pictures")):
        with head(t("Pictures"), t("Photos and references for workflows, and what runs have made.")):
            if visitor.may("assets.write"):
                drop = picture_drop(visitor, bring, "")
                button(t("Upload"), drop.pick, kind="primary", icon="o_upload")
        with card():
            grid = PictureGrid(visitor, look)
    await grid.begin()
