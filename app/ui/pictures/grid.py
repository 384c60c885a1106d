"""Pictures as tiles: what people brought and what runs made, newest first, with a search."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from app.store.pictures import PictureRow, Source
from app.ui.lang.say import said, t
from app.ui.parts.base import attrs, box, button, icon, text
from app.ui.parts.show import empty
from app.ui.visitor import Visitor

_PAGE = 24
_SOURCES: tuple[tuple[Source, str], ...] = (("upload", said("Uploads")), ("run", said("Results")))


class PictureGrid:
    """Drawn where it is made; ``take`` gets the picture that was clicked, ``current`` is the one held now."""

    def __init__(self, visitor: Visitor, take: Callable[[PictureRow], Any], current: str = "") -> None:
        self._visitor = visitor
        self._take, self._current = take, current
        self._source: Source = "upload"
        self._query = ""
        self._cursor: str | None = None
        self._asked = 0
        self._tabs: dict[Source, Any] = {}
        self._head()
        self._grid = box("sk-shelf")
        self._more = button(t("Show more"), self._next, small=True)
        self._more.set_visibility(False)

    async def begin(self) -> None:
        """Show the newest uploads; what runs made, where nobody has brought any."""
        if not await self.show():
            await self.turn("run")

    async def show(self) -> bool:
        """From the first page on, an answer that came too late left out; says whether there is anything."""
        self._asked += 1
        asked = self._asked
        for source, tab in self._tabs.items():
            attrs(tab, aria_pressed="true" if source == self._source else "false")
            tab.update()
        rows = await self._page(None)
        if asked == self._asked and not self._grid.is_deleted:
            self._grid.clear()
            with self._grid:
                for row in rows:
                    self._tile(row)
                if not rows:
                    self._nothing()
        return bool(rows)

    def _head(self) -> None:
        with box("sk-row sk-shelf__head"):
            with box("sk-switcher", role="group", aria_label=t("Show")):
                for source, label in _SOURCES:
                    self._tabs[source] = button(t(label), partial(self.turn, source), small=True)
            search = ui.input(on_change=lambda event: self._search(str(event.value or "")))
            search.classes("sk-input sk-grow")
            search.props("outlined dense hide-bottom-space clearable debounce=250")
            attrs(search, aria_label=t("Search pictures"), placeholder=t("Search##verb"))
            with search.add_slot("prepend"):
                icon("search")

    async def turn(self, source: Source) -> None:
        """Show what people brought, or what runs made."""
        self._source = source
        await self.show()

    async def _search(self, query: str) -> None:
        self._query = query.strip()[:200]
        await self.show()

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
        made = box("sk-shelf__item", "button", type="button", title=name)
        if self._current:
            attrs(made, aria_pressed="true" if mine else "false")
        with made:
            source = self._visitor.house.thumb(row.sha256)
            attrs(box(tag="img"), src=source, alt="", loading="lazy", decoding="async")
            text(name, "sk-shelf__name sk-cut")
            text(f"{size} · {row.format.upper()}" if row.name else row.format.upper(), "sk-small sk-muted")
        made.on("click", lambda: self._take(row))
