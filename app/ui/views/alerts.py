"""What somebody should look at: alerts, until they are marked as seen."""

import json
import re
from collections.abc import Mapping
from functools import partial

from nicegui import ui
from nicegui.element import Element
from sqlalchemy import Connection

from app.api.codes import spoken
from app.store import alerts as rows
from app.store import audit
from app.store.alerts import AlertRow
from app.store.rows import Page
from app.ui.filters import Paging, address
from app.ui.lang.heard import heard
from app.ui.lang.say import current, said, t
from app.ui.live import Changed
from app.ui.parts.base import anchor, attrs, box, button, icon, link_button, text
from app.ui.parts.show import When, card, empty
from app.ui.shell import frame, head
from app.ui.visitor import Visitor

PAGE = 25
_PATH = "/alerts"
_RUN = re.compile(r"run_\w+")
_TITLES = {
    "breaker_open": said("A circuit breaker opened"),
    "budget_threshold": said("A budget is nearly used up"),
    "charged_more": said("A service charged more than it said"),
    "schedule_failed": said("A schedule failed"),
}
_PLACES = {
    "breaker_open": "/limits",
    "budget_threshold": "/spend",
    "charged_more": "/services",
    "schedule_failed": "/schedules",
    "node.circuit_open": "/services",
    "node.provider_outcome_unknown": "/services",
}


async def show(visitor: Visitor, query: Mapping[str, str]) -> None:
    """Build the page; `?all=1` shows those that were seen too."""
    await visitor.require("alerts.read")
    page = _Page(visitor, Paging.of(query), everything=query.get("all") == "1")
    with frame(visitor, "alerts", t("Alerts"), page="sk-page sk-page--narrow"):
        with head(t("Alerts"), t("What somebody should look at. It stays until it is marked as seen.")):
            page.actions = box("sk-row")
        page.place = box("sk-stack")
        await page.update(None)
        with box("sk-row sk-row--center"):
            label = t("Hide what was seen") if page.everything else t("Show what was seen")
            link_button(label, _PATH if page.everything else f"{_PATH}?all=1", kind="ghost", small=True)
    visitor.follow(page.update)


class _Page:
    def __init__(self, visitor: Visitor, paging: Paging, *, everything: bool) -> None:
        self._visitor = visitor
        self._paging = paging
        self._shown: Page[AlertRow] | None = None
        self.everything = everything
        self.actions: Element | None = None
        self.place: Element | None = None

    async def update(self, _: Changed) -> None:
        cursor = self._paging.cursor or None
        pending = not self.everything
        visitor = self._visitor
        found = await visitor.read(rows.list_page, visitor.org_id, pending=pending, cursor=cursor, limit=PAGE)
        if found == self._shown or self.place is None or self.actions is None:
            return
        self._shown = found
        self.place.clear()
        self.actions.clear()
        fresh = [each.id for each in found.items if each.acknowledged_at is None]
        if len(fresh) > 1 and visitor.may("alerts.acknowledge"):
            with self.actions:
                button(t("Mark these as seen"), partial(self._seen, fresh), icon="o_done_all")
        with self.place:
            self._draw(found)

    def _draw(self, found: Page[AlertRow]) -> None:
        if not found.items:
            words = t("Open breakers, budgets that run out, callbacks nobody took and the like appear here.")
            with card():
                empty("o_notifications_none", t("Nothing needs a look"), words)
            return
        with card(flush=True):
            for each in found.items:
                self._line(each)
        self._pager(found)

    def _line(self, alert: AlertRow) -> None:
        fresh = alert.acknowledged_at is None
        with box("sk-line"):
            icon("o_error_outline" if fresh else "o_check_circle", "sk-alert" if fresh else "sk-faint")
            with box("sk-stack sk-stack--none sk-grow"):
                text(_title(alert), "sk-strong")
                text(_words(alert), "sk-muted sk-wrap")
                with box("sk-row sk-row--wrap sk-small sk-muted"):
                    anchor(_subject(alert), _place(alert))
                    When(alert.at)
            if fresh and self._visitor.may("alerts.acknowledge"):
                made = button(t("Seen"), partial(self._seen, [alert.id]), small=True)
                attrs(made, aria_label=t("Seen: {title}", title=_title(alert)))

    def _pager(self, found: Page[AlertRow]) -> None:
        query = {"all": "1"} if self.everything else {}
        with box("sk-pager", "nav", aria_label=t("Pages")):
            if self._paging.cursor:
                newer = address(_PATH, query, self._paging.back().query)
                link_button(t("Newer"), newer, icon="chevron_left")
            if found.next_cursor:
                link_button(t("Older"), address(_PATH, query, self._paging.older(found.next_cursor).query))

    async def _seen(self, ids: list[str]) -> None:
        identity = await self._visitor.require("alerts.acknowledge")
        database = self._visitor.house.db

        def mark(connection: Connection) -> None:
            for each in ids:
                if rows.acknowledge(connection, identity.org_id, each):
                    audit.write(connection, identity.acting(), "alert.acknowledge", each)

        def work() -> None:
            with database.write() as connection:
                mark(connection)

        await self._visitor.call(work)
        ui.notify(t("Marked as seen."))
        await self.update(None)


def _title(alert: AlertRow) -> str:
    if alert.code in _TITLES:
        return t(_TITLES[alert.code])
    known = spoken(current()).get(alert.code)
    return known.title if known else alert.code


def _words(alert: AlertRow) -> str:
    told = alert.text
    if told.startswith("{"):
        told = str(json.loads(told).get("reason") or "")
    return heard(told)


def _subject(alert: AlertRow) -> str:
    """What it is about; a run by the end of its id."""
    return _RUN.sub(lambda found: f"{t('Run')} …{found[0][-10:]}", alert.subject)


def _place(alert: AlertRow) -> str:
    """Where one can do something about it."""
    found = _RUN.search(alert.subject)
    if alert.code in _PLACES or found is None:
        return _PLACES.get(alert.code, "/runs")
    return f"/runs/{found[0]}#callback" if alert.code.startswith("delivery.") else f"/runs/{found[0]}"
