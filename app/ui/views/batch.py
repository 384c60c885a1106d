"""One file of rows: each row with its status and picture, live."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui
from nicegui.element import Element

from app.store import batches as rows
from app.store.batches import BatchRow, LineRow
from app.ui.lang.heard import heard
from app.ui.lang.say import n, number, said, t
from app.ui.live import Changed
from app.ui.parts.base import box, button, link_button, text
from app.ui.parts.show import CopyId, Table, When, banner, card, cell, dialog, status
from app.ui.rows import load_object
from app.ui.shell import frame, head
from app.ui.views.batches import standing
from app.ui.views.nothing import not_found
from app.ui.views.rows_grid import RowsGrid
from app.ui.visitor import Visitor
from app.ui.words import RUN, Look, look

PAGE = 50
COLUMNS = (
    {"name": "thumb", "label": said("Picture"), "kind": "thumb", "quiet": True},
    {"name": "number", "label": said("Row"), "end": True},
    {"name": "status", "label": said("Status"), "kind": "status"},
    {"name": "fields", "label": said("Fields"), "kind": "main"},
    {"name": "external", "label": said("External id"), "wide": True},
    {"name": "problem", "label": said("Problem")},
)
_COUNTED = {
    "succeeded": said("{number} succeeded"),
    "failed": said("{number} failed"),
    "cancelled": said("{number} cancelled"),
    "waiting": said("{number} waiting"),
}
_LIST = ("?view=list", said("List"), "o_view_list")
_PENDING = Look("o_more_horiz", "To come")


async def show(visitor: Visitor, batch_id: str, query: Mapping[str, str]) -> None:
    """Build the page; an unknown file says so."""
    await visitor.require("runs.read")
    row = await visitor.read(rows.get, visitor.scope, batch_id)
    if row is None:
        detail = t("There is no table {batch_id} in this organisation.", batch_id=batch_id[:60])
        not_found(visitor, "rows", t("No such table"), detail, (t("All tables"), "/rows"))
        return
    after = int(query["after"]) if query.get("after", "").isdigit() and len(query["after"]) < 7 else 0
    with frame(visitor, "rows", row.name):
        page = _Page(visitor, row, after, as_list=query.get("view") == "list")
        await page.build()
    visitor.follow(page.update)


class _Page:
    def __init__(self, visitor: Visitor, row: BatchRow, after: int, *, as_list: bool) -> None:
        self._visitor, self._row, self._after = visitor, row, after
        self._as_list = as_list
        self._grid: RowsGrid | None = None
        self._shown: object = None
        self._head: Element | None = None
        self._table: Table | None = None

    async def build(self) -> None:
        lines, counts = await self._load()
        self._head = box("sk-stack")
        self._draw(counts)
        if not self._as_list:
            self._grid = RowsGrid(self._visitor, self._row)
            await self._grid.build()
            return
        with card(flush=True):
            self._table = Table(COLUMNS, [self._line(each) for each in lines[:PAGE]])
        with box("sk-pager", "nav", aria_label=t("Pages")):
            here = f"/rows/{self._row.id}?view=list"
            if self._after:
                before = max(0, self._after - PAGE)
                link_button(t("Earlier rows"), f"{here}&after={before}", icon="chevron_left")
            if len(lines) > PAGE:
                link_button(t("Later rows"), f"{here}&after={lines[PAGE - 1].number}")

    async def update(self, changed: Changed) -> None:
        row = await self._visitor.read(rows.get, self._visitor.scope, self._row.id)
        if row is None:
            return
        self._row = row
        lines, counts = await self._load()
        if self._grid is not None:
            await self._grid.update(changed)
        if self._table is not None:
            self._table.set_rows([self._line(each) for each in lines[:PAGE]])
        self._draw(counts)

    async def _load(self) -> tuple[tuple[LineRow, ...], dict[str, int]]:
        visitor, row = self._visitor, self._row
        lines = await visitor.read(rows.lines, row.id, after=self._after, limit=PAGE + 1)
        return lines, await visitor.read(rows.counts, row.id)

    def _draw(self, counts: dict[str, int]) -> None:
        if self._head is None or (self._row, counts) == self._shown:
            return
        self._shown = (self._row, counts)
        self._head.clear()
        with self._head:
            self._title(counts)

    def _title(self, counts: dict[str, int]) -> None:
        row, visitor = self._row, self._visitor
        is_open = row.pending or any(counts.get(name) for name in ("queued", "running", "waiting"))
        with head(row.name, back=(t("Rows"), "/rows")):
            if is_open and visitor.may("runs.cancel"):
                button(t("Cancel"), self._ask_cancel, icon="o_block", kind="danger")
            count = counts.get("failed", 0) + counts.get("cancelled", 0)
            if visitor.may("runs.rerun") and (count or row.cancelled_at):
                button(t("Run failed rows again"), self._retry, icon="replay")
            view, label, symbol = ("", t("Cells"), "o_grid_view") if self._as_list else _LIST
            link_button(t(label), f"/rows/{row.id}{view}", icon=symbol)
            link_button(t("Download results"), f"/v1/batches/{row.id}/results.csv", icon="o_download")
        with box("sk-row sk-row--wrap"):
            status(standing(row, counts))
            version = f"v{row.version}" if row.version else f"· {t('draft')}"
            text(f"{row.workflow} {version}", "sk-muted")
            text("·", "sk-faint sk-dot")
            text(n("{count} row", "{count} rows", row.rows), "sk-muted")
            for name, counted in _COUNTED.items():
                if counts.get(name):
                    text("·", "sk-faint sk-dot")
                    text(t(counted, number=number(counts[name])), "sk-muted")
            if row.skipped:
                text("·", "sk-faint sk-dot")
                text(n("{count} wrong row left out", "{count} wrong rows left out", row.skipped), "sk-muted")
            When(row.created_at)
            CopyId(row.id, short=row.id[-10:], label=t("table id"))
        if row.error:
            banner("bad", "error_outline", t("The other rows could not run"), heard(row.error))

    def _line(self, line: LineRow) -> dict[str, Any]:
        fields = load_object(line.payload)
        error = load_object(line.error).get("error_description") or line.error_code or ""
        return {
            "key": str(line.number),
            "href": f"/runs/{line.run_id}" if line.run_id else None,
            "thumb": self._visitor.house.thumb(line.thumb),
            "number": line.number,
            "status": cell(look(RUN, line.status) if line.status else _PENDING),
            "fields": " · ".join(str(value) for value in fields.values())[:200] or "–",
            "external": line.external_id or "",
            "problem": heard(str(error))[:160],
        }

    async def _retry(self) -> None:
        who = await self._visitor.require("runs.rerun")
        count = await self._visitor.call(self._visitor.house.system.batches.retry, who, self._row.id)
        ui.notify(n("{count} row run again.", "{count} rows run again.", count))
        await self.update(None)

    def _ask_cancel(self) -> None:
        with dialog(t("Cancel this table?"), size="narrow") as (window, foot):
            text(t("Rows to come do not start, and runs that are open end now."), "sk-muted", tag="p")
            with foot:
                button(t("Keep it running"), window.close, kind="ghost")

                async def go() -> None:
                    who = await self._visitor.require("runs.cancel")
                    window.close()
                    count = await self._visitor.house.system.batches.cancel(who, self._row.id)
                    ui.notify(n("Cancelled; {count} run ended.", "Cancelled; {count} runs ended.", count))
                    await self.update(None)

                button(t("Cancel"), go, kind="danger")
        window.open()
