"""Files of rows: one run each, and how far they have come."""

from collections.abc import Mapping

from app.store import batches as rows
from app.store.batches import BatchRow
from app.ui.filters import Paging, address
from app.ui.lang.say import n, number, said, t
from app.ui.live import Changed
from app.ui.parts.base import box, link_button
from app.ui.parts.show import Table, card, cell, empty
from app.ui.shell import frame, head
from app.ui.visitor import Visitor
from app.ui.words import Look

PAGE = 25
_PATH = "/rows"
COLUMNS = (
    {"name": "status", "label": said("Status"), "kind": "status"},
    {"name": "name", "label": said("File"), "kind": "main"},
    {"name": "workflow", "label": said("Workflow")},
    {"name": "rows", "label": said("Rows"), "end": True},
    {"name": "failed", "label": said("Failed"), "end": True},
    {"name": "caller", "label": said("Caller"), "wide": True},
    {"name": "created", "label": said("Sent"), "kind": "when"},
)


async def show(visitor: Visitor, query: Mapping[str, str]) -> None:
    """Build the list, newest first."""
    await visitor.require("runs.read")
    paging = Paging.of(query)
    found, cursor = await _load(visitor, paging)
    with frame(visitor, "rows", t("Rows")):
        with head(t("Rows"), t("Run a workflow once for each row of a table.")):
            if visitor.may("runs.trigger"):
                link_button(t("New table"), "/rows/new", kind="primary", icon="add")
        if not found:
            _nothing(visitor)
            return
        with card(flush=True):
            table = Table(COLUMNS, found)
        with box("sk-pager", "nav", aria_label=t("Pages")):
            if paging.cursor:
                link_button(t("Newer"), address(_PATH, paging.back().query), icon="chevron_left")
            if cursor:
                link_button(t("Older"), address(_PATH, paging.older(cursor).query))

    async def update(_: Changed) -> None:
        table.set_rows((await _load(visitor, paging))[0])

    visitor.follow(update)


async def _load(visitor: Visitor, paging: Paging) -> tuple[list[dict[str, object]], str | None]:
    page = await visitor.read(rows.list_page, visitor.scope, None, paging.cursor or None, PAGE)
    found = []
    for each in page.items:
        counts = await visitor.read(rows.counts, each.id)
        found.append(_row(each, counts))
    return found, page.next_cursor


def _row(row: BatchRow, counts: Mapping[str, int]) -> dict[str, object]:
    return {
        "key": row.id,
        "href": f"/rows/{row.id}",
        "status": cell(standing(row, counts)),
        "name": row.name,
        "workflow": row.workflow,
        "rows": number(row.rows),
        "failed": number(counts["failed"]) if counts.get("failed") else "–",
        "caller": row.caller,
        "created": row.created_at,
    }


def standing(row: BatchRow, counts: Mapping[str, int]) -> Look:
    """Where a whole file stands."""
    still = row.pending + sum(counts.get(name, 0) for name in ("queued", "running", "waiting"))
    if still:
        return Look("o_autorenew", n("{count} row to go", "{count} rows to go", still), "live")
    if row.cancelled_at or row.error:
        return Look("o_block", "Stopped")
    if counts.get("failed"):
        return Look("o_error_outline", t("{number} failed", number=number(counts["failed"])), "bad")
    return Look("o_check_circle", "Finished", "good")


def _nothing(visitor: Visitor) -> None:
    told = t("Paste a table from a spreadsheet or drop a CSV file: every row becomes a picture of its own.")
    with card(), empty("o_table_rows", t("No tables yet"), told):
        if visitor.may("runs.trigger"):
            link_button(t("New table"), "/rows/new", kind="primary")
