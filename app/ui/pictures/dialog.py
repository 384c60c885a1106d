"""Choosing a picture: what people brought, what runs made, or a new one by button, drop or paste."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from app.store.pictures import PictureRow, Source
from app.ui.files.doors import Brought
from app.ui.files.drop import PICTURES, FileDrop
from app.ui.lang.say import said, t
from app.ui.parts.base import attrs, box, button, icon, text
from app.ui.parts.show import dialog, empty
from app.ui.pictures.bringing import keep
from app.ui.visitor import Visitor

_PAGE = 24
_SOURCES: tuple[tuple[Source, str], ...] = (("upload", said("Uploads")), ("run", said("Results")))


class PictureDialog:
    """Opens over the page; ``chosen`` gets the id of the picture that was taken."""

    def __init__(self, visitor: Visitor, current: str, chosen: Callable[[str], Any]) -> None:
        self._visitor = visitor
        self._current, self._chosen = current, chosen
        self._source: Source = "upload"
        self._query = ""
        self._cursor: str | None = None
        self._asked = 0
        self._tabs: dict[Source, Any] = {}

    async def open(self) -> None:
        """Show the newest uploads; what runs made, where nobody has brought any."""
        await self._visitor.require("assets.read")
        with dialog(t("Choose a picture"), size="wide") as (window, foot):
            self._window = window
            self._head()
            self._grid = box("sk-shelf")
            self._more = button(t("Show more"), self._next, small=True)
            if self._visitor.may("assets.write"):
                title, hint = t("Drop a picture"), t("PNG, JPEG or WebP, up to 32 MiB")
                scope = ".sk-dialog"
                drop = FileDrop(
                    self._visitor, self._bring, title=title, hint=hint, accept=PICTURES, scope=scope
                )
            with foot:
                button(t("Cancel"), window.close, kind="ghost")
                if self._visitor.may("assets.write"):
                    text(t("You can also drop or paste one here."), "sk-small sk-muted sk-grow sk-only-desk")
                    button(t("Upload"), drop.pick, kind="primary", icon="o_upload")
        window.open()
        await self._show()
        if self._source == "upload" and not self._grid.default_slot.children:
            await self._turn("run")

    def _head(self) -> None:
        with box("sk-row sk-shelf__head"):
            with box("sk-switcher", role="group", aria_label=t("Show")):
                for source, label in _SOURCES:
                    made = button(t(label), partial(self._turn, source), small=True)
                    self._tabs[source] = made
            search = ui.input(on_change=lambda event: self._search(str(event.value or "")))
            search.classes("sk-input sk-grow").props(
                "outlined dense hide-bottom-space clearable debounce=250"
            )
            attrs(search, aria_label=t("Search pictures"), placeholder=t("Search##verb"))
            with search.add_slot("prepend"):
                icon("search")

    async def _turn(self, source: Source) -> None:
        self._source = source
        await self._show()

    async def _search(self, query: str) -> None:
        self._query = query.strip()[:200]
        await self._show()

    async def _show(self) -> None:
        """From the first page on; an answer that came too late is not shown."""
        self._asked += 1
        asked = self._asked
        for source, tab in self._tabs.items():
            attrs(tab, aria_pressed="true" if source == self._source else "false")
            tab.update()
        rows = await self._page(None)
        if asked != self._asked or self._grid.is_deleted:
            return
        self._grid.clear()
        with self._grid:
            for row in rows:
                self._tile(row)
            if not rows and (self._query or self._source == "run"):
                self._nothing()

    async def _next(self) -> None:
        asked, rows = self._asked, await self._page(self._cursor)
        if asked == self._asked and not self._grid.is_deleted:
            with self._grid:
                for row in rows:
                    self._tile(row)

    async def _page(self, cursor: str | None) -> tuple[PictureRow, ...]:
        pictures, visitor = self._visitor.house.system.pictures, self._visitor
        page = await visitor.call(pictures.list, visitor.scope, self._source, self._query, cursor, _PAGE)
        self._cursor = page.next_cursor
        self._more.set_visibility(page.next_cursor is not None)
        return page.items

    def _nothing(self) -> None:
        if self._query:
            empty("o_search_off", t("Nothing found"), t("No picture is called that."))
        else:
            empty("o_image", t("No pictures yet"), t("Upload one, or run a workflow that makes some."))

    def _tile(self, row: PictureRow) -> None:
        size = f"{row.width} × {row.height}"
        name = row.name or size
        mine = row.id == self._current
        made = box("sk-shelf__item", "button", type="button", aria_pressed="true" if mine else "false")
        attrs(made, title=name)
        with made:
            source = self._visitor.house.thumb(row.sha256)
            attrs(box(tag="img"), src=source, alt="", loading="lazy", decoding="async")
            text(name, "sk-shelf__name sk-cut")
            text(f"{size} · {row.format.upper()}" if row.name else row.format.upper(), "sk-small sk-muted")
        made.on("click", lambda: self._take(row.id))

    async def _bring(self, brought: Brought) -> None:
        row = await keep(self._visitor, brought)
        if row is not None:
            self._take(row.id)

    def _take(self, identifier: str) -> None:
        self._window.close()
        self._chosen(identifier)
