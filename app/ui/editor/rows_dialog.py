"""Rows on the canvas: one run of the draft for each, judged where the graph is made."""

from functools import partial

from nicegui import ui

from app.store import batches as rows
from app.store.batches import BatchRow
from app.ui.editor.desk import Desk
from app.ui.lang.say import n, t
from app.ui.live import Changed
from app.ui.parts.base import box, button, link_button, text
from app.ui.parts.show import When, banner, dialog
from app.ui.views.batch_new import NewRows
from app.ui.views.rows_grid import RowsGrid
from app.workflows.drafts import Drafts
from app.workflows.published import Published

_EARLIER = 5


async def rows_dialog(desk: Desk, raw: bytes = b"", name: str = "") -> None:
    """Paste or drop rows, or look at earlier ones; with `raw` their columns are shown at once."""
    await desk.visitor.require("runs.trigger")
    await desk.flush()
    if desk.judged.errors:
        one, many = (
            "Mend {count} error first: this draft cannot run.",
            "Mend {count} errors first: this draft cannot run.",
        )
        ui.notify(n(one, many, count=desk.judged.errors))
        return
    with dialog(t("Rows of {name}", name=desk.name), size="rows") as (window, foot):
        panel = _Panel(desk, box("sk-stack"))
        await panel.begin(raw, name)
        with foot:
            button(t("Close"), window.close, kind="ghost")
    window.open()


class _Panel:
    def __init__(self, desk: Desk, place: ui.element) -> None:
        self._desk = desk
        self._place = place
        self._grid: RowsGrid | None = None

    async def begin(self, raw: bytes, name: str) -> None:
        desk = self._desk
        earlier = await desk.visitor.read(rows.list_page, desk.visitor.scope, desk.slug, None, _EARLIER)
        with self._place:
            if desk.state.changed:
                told = t("Each row runs the draft as it is now; nothing is published.")
                banner("quiet", "o_edit_note", t("The rows run the draft"), told)
            contract = self._draft if desk.state.changed else None
            await NewRows(desk.visitor, {desk.slug: desk.name}, desk.slug, self.show, contract).build(
                raw, name
            )
            if earlier.items and not raw:
                text(t("Earlier tables"), "sk-strong", tag="h3")
            for row in earlier.items if not raw else ():
                line = box("sk-past", "button", type="button")
                with line:
                    text(row.name, "sk-cut sk-grow")
                    text(n("{count} row", "{count} rows", count=row.rows), "sk-small sk-muted")
                    with box("sk-small sk-faint", "span"):
                        When(row.created_at)
                line.on("click", partial(self.show, row))

    async def _draft(self) -> Published:
        desk, system = self._desk, self._desk.visitor.house.system
        who = await desk.visitor.require("drafts.run")
        await desk.flush()
        drafts = Drafts(system.db, system.catalogue, system.workflows)
        return await desk.visitor.call(drafts.snapshot, who.org_id, desk.slug, who.actor)

    async def show(self, row: BatchRow) -> None:
        """Turn to the results of a table."""
        self._place.clear()
        with self._place:
            with box("sk-row sk-row--between"):
                text(row.name, "sk-strong sk-cut")
                link_button(t("Open as a page"), f"/rows/{row.id}", icon="o_open_in_new", small=True)
            self._grid = RowsGrid(self._desk.visitor, row)
            await self._grid.build()
            self._desk.visitor.follow(self._update)

    async def _update(self, changed: Changed) -> None:
        if self._grid is not None and not self._place.is_deleted:
            await self._grid.update(changed)
