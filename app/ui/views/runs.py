"""The list of runs: filters in the address, one screen of rows, live."""

from collections.abc import Mapping

from nicegui import ui

from app import clock
from app.engine import waits
from app.store import alerts as alert_rows
from app.store import callers as caller_rows
from app.store import workflows as workflow_rows
from app.store.rows import Page
from app.store.runs import CALLBACK_STATUSES, OPEN_STATUSES, STATUSES, RunRow
from app.ui.filters import SINCE, Paging, RunQuery, address
from app.ui.forms.fields import select
from app.ui.lang.say import n, t
from app.ui.live import Changed
from app.ui.parts.base import attrs, box, button, icon, link_button
from app.ui.parts.fold import fold_on_phone
from app.ui.parts.show import Code, card, empty
from app.ui.shell import frame, head
from app.ui.snippets import first_workflow, trigger_curl
from app.ui.views.run_cancels import cancel_dialog
from app.ui.views.run_picking import RunTable
from app.ui.visitor import Visitor
from app.ui.words import DELIVERY, RUN, STARTED_BY, look

PAGE = 25
_PATH = "/runs"


async def show(visitor: Visitor, query: Mapping[str, str]) -> None:
    """Build the page for the filters of an address."""
    await visitor.require("runs.read")
    wanted, paging = RunQuery.of(query), Paging.of(query)
    page = await _load(visitor, wanted, paging)
    watches = visitor.may("alerts.read")
    alerts = await visitor.read(alert_rows.count_pending, visitor.org_id) if watches else 0
    with frame(visitor, "runs", t("Runs")):
        with head(t("Runs"), t("Every trigger, newest first. The list updates by itself.")):
            if alerts:
                label = n("{count} alert", "{count} alerts", alerts)
                link_button(label, "/alerts", icon="o_notifications")
        await _filters(visitor, wanted)
        if not page.items:
            await _nothing(visitor, wanted, paging)
            if not paging.cursor:
                _follow_empty(visitor, wanted)
            return
        with card(flush=True):
            table = RunTable(visitor, page.items)
        _pager(wanted, paging, page)
    _follow(visitor, wanted, paging, table)


async def _load(visitor: Visitor, wanted: RunQuery, paging: Paging) -> Page[RunRow]:
    return await visitor.read(
        waits.page, visitor.scope, wanted.wanted(clock.now()), paging.cursor or None, PAGE
    )


async def _filters(visitor: Visitor, wanted: RunQuery) -> None:
    workflows = await visitor.read(workflow_rows.list_all, visitor.org_id, archived=True)
    callers = await visitor.read(caller_rows.list_all, visitor.org_id)

    def change(name: str, value: str | None) -> None:
        ui.navigate.to(address(_PATH, wanted.with_value(name, value).query))

    def choice(name: str, label: str, options: dict[str, str]) -> None:
        made = select({"": label, **options}, getattr(wanted, name), lambda value: change(name, value))
        attrs(made, aria_label=label)

    with box("sk-filters", role="search"):
        search = ui.input(value=wanted.q, placeholder=t("Search id, external id, payload"))
        search.classes("sk-input sk-input--search").props("outlined dense clearable")
        attrs(search, aria_label=t("Search runs"))
        with search.add_slot("prepend"):
            icon("search")
        search.on("keydown.enter", lambda: change("q", search.value))
        search.on("clear", lambda: change("q", ""))
        with fold_on_phone(t("Filters"), shown=bool(set(wanted.query) - {"q"})):
            choice("status", t("Any status"), {name: look(RUN, name).text for name in STATUSES})
            choice("workflow", t("Any workflow"), {row.slug: row.slug for row in workflows})
            if len(callers) > 1:
                choice("caller", t("Any caller"), {row.name: row.name for row in callers})
            choice(
                "callback_status",
                t("Any callback"),
                {name: look(DELIVERY, name).text for name in CALLBACK_STATUSES},
            )
            choice("source", t("Any start"), {name: t(label) for name, label in STARTED_BY.items()})
            choice("since", t("Any time"), {key: t(label) for key, (label, _) in SINCE.items()})
        if wanted.query:
            link_button(t("Clear filters"), _PATH, kind="ghost")
            # only for a narrowed list that can hold open runs
            if visitor.may("runs.cancel") and wanted.status in {"", *OPEN_STATUSES}:
                button(t("Cancel open runs"), lambda: cancel_dialog(visitor, wanted), kind="danger")


async def _nothing(visitor: Visitor, wanted: RunQuery, paging: Paging) -> None:
    with card():
        if wanted.query or paging.cursor:
            with empty("o_filter_alt_off", t("No run matches"), t("Loosen a filter, or look at all runs.")):
                link_button(t("Show all runs"), _PATH)
            return
        workflow = await first_workflow(visitor)
        with empty(
            "o_play_circle",
            t("No runs yet"),
            t(
                "A run starts when another system calls a workflow, or when you press Run on its canvas. "
                "Paste this into a terminal, with your API key in SAKUGA_API_KEY:"
            ),
        ):
            Code(trigger_curl(visitor.house.system.public_url, workflow), wrap=True)
            link_button(t("Open the workflows"), "/workflows", kind="primary")


def _pager(wanted: RunQuery, paging: Paging, page: Page[RunRow]) -> None:
    with box("sk-pager", "nav", aria_label=t("Pages")):
        if paging.cursor:
            link_button(t("Newer"), address(_PATH, wanted.query, paging.back().query), icon="chevron_left")
        if page.next_cursor:
            link_button(t("Older"), address(_PATH, wanted.query, paging.older(page.next_cursor).query))


def _follow(visitor: Visitor, wanted: RunQuery, paging: Paging, table: RunTable) -> None:
    """Keep the rows current; on later pages only what is on them."""

    async def update(_: Changed) -> None:
        page = await _load(visitor, wanted, paging)
        table.show(page.items)

    visitor.follow(update)


def _follow_empty(visitor: Visitor, wanted: RunQuery) -> None:
    async def update(_: Changed) -> None:
        if (await _load(visitor, wanted, Paging())).items:
            ui.navigate.reload()

    visitor.follow(update)
