"""Every callback that was owed: where it went, what came back, and a way to send it again."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from app.store import deliveries as rows
from app.store.deliveries import STATUSES, DeliveryFilter, DeliveryRow
from app.store.rows import Page
from app.ui.filters import Paging, address
from app.ui.forms.fields import select
from app.ui.lang.say import t
from app.ui.live import Changed
from app.ui.parts.base import attrs, box, link_button
from app.ui.parts.show import Table, card, empty
from app.ui.rows import DELIVERY_COLUMNS, delivery_row
from app.ui.shell import frame, head, tabs
from app.ui.views.run_callback import replay
from app.ui.visitor import Visitor
from app.ui.words import DELIVERY, look

PAGE = 25
_PATH = "/callbacks"


def sections(here: str) -> None:
    """The two sibling pages about callbacks."""
    tabs(
        t("Callbacks"),
        [(t("Deliveries"), _PATH, here == "deliveries"), (t("Test inbox"), "/inbox", here == "inbox")],
    )


async def show(visitor: Visitor, query: Mapping[str, str]) -> None:
    """Build the page for the filters of an address."""
    await visitor.require("deliveries.read")
    wanted = query.get("status", "") if query.get("status", "") in STATUSES else ""
    paging = Paging.of(query)
    page = await _load(visitor, wanted, paging)
    with frame(visitor, "callbacks", t("Callbacks")):
        with head(t("Callbacks"), t("What was sent when runs ended, with every attempt.")):
            pass
        sections("deliveries")
        with box("sk-filters", role="search"):
            options = {"": t("Any status"), **{name: look(DELIVERY, name).text for name in STATUSES}}
            chosen = select(options, wanted, lambda value: ui.navigate.to(address(_PATH, _query(value))))
            attrs(chosen, aria_label=t("Status"))
        table = _list(visitor, wanted, paging, page)
    _follow(visitor, wanted, paging, table)


def _query(status: str | None) -> dict[str, str]:
    return {"status": status} if status else {}


async def _load(visitor: Visitor, status: str, paging: Paging) -> Page[DeliveryRow]:
    wanted = DeliveryFilter(status=(status,) if status else ())
    return await visitor.read(rows.list_page, visitor.scope, wanted, paging.cursor or None, PAGE)


def _list(visitor: Visitor, status: str, paging: Paging, page: Page[DeliveryRow]) -> Table:
    with card(flush=True) as _:
        table = Table(DELIVERY_COLUMNS, _rows(visitor, page))
        table.on("act", lambda event: replay(visitor, str(event.args["key"])))
        if not page.items:
            table.set_visibility(False)
            _nothing(status)
    with box("sk-pager", "nav", aria_label=t("Pages")):
        if paging.cursor:
            link_button(t("Newer"), address(_PATH, _query(status), paging.back().query), icon="chevron_left")
        if page.next_cursor:
            link_button(t("Older"), address(_PATH, _query(status), paging.older(page.next_cursor).query))
    return table


def _nothing(status: str) -> None:
    if status:
        with empty(
            "o_filter_alt_off", t("No delivery has this status"), t("Choose another one, or look at all.")
        ):
            link_button(t("Show all"), _PATH)
        return
    with empty(
        "o_outbound",
        t("Nothing was sent yet"),
        t(
            "Name a callback_url in a trigger and its result is POSTed there, signed. No receiver at hand? "
            "The test inbox is one."
        ),
    ):
        link_button(t("Open the test inbox"), "/inbox", kind="primary")


def _rows(visitor: Visitor, page: Page[DeliveryRow]) -> list[dict[str, Any]]:
    may = visitor.may("deliveries.replay")
    return [delivery_row(delivery, may_replay=may) for delivery in page.items]


def _follow(visitor: Visitor, status: str, paging: Paging, table: Table) -> None:
    async def update(_: Changed) -> None:
        page = await _load(visitor, status, paging)
        if page.items and not table.visible:
            ui.navigate.reload()
        table.set_rows(_rows(visitor, page))

    visitor.follow(update)
