"""Schedules: what runs by itself, when next, and how the last time went."""

from collections.abc import Mapping
from functools import partial

from nicegui import ui
from nicegui.element import Element

from app.store import schedules as rows
from app.store.schedules import ScheduleRow
from app.ui.forms.fields import switch
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.live import Changed
from app.ui.parts.base import anchor, attrs, box, button, icon_button, text
from app.ui.parts.show import When, banner, card, dialog, empty
from app.ui.shell import frame, head
from app.ui.times import in_words
from app.ui.views.schedule_form import ScheduleForm
from app.ui.visitor import Visitor
from app.workflows.cron import timetable
from app.workflows.errors import WorkflowError
from graphs.trigger import TriggerInvalid

_MOST = 200


async def show(visitor: Visitor, query: Mapping[str, str]) -> None:
    """Build the page; of one workflow when the address names one."""
    await visitor.require("schedules.read")
    page = _Page(visitor, query.get("workflow", "")[:80])
    with frame(visitor, "schedules", t("Schedules"), page="sk-page sk-page--narrow"):
        told = (
            t("Times at which {slug} runs by itself.", slug=page.slug)
            if page.slug
            else t("Workflows that run by themselves.")
        )
        with head(t("Schedules"), told):
            if visitor.may("schedules.write"):
                button(t("New schedule"), page.new, kind="primary", icon="add")
        page.place = box("sk-stack")
        await page.update(None)
    visitor.follow(page.update)


class _Page:
    def __init__(self, visitor: Visitor, slug: str) -> None:
        self._visitor = visitor
        self.slug = slug
        self._shown: object = None
        self.place: Element | None = None

    async def update(self, _: Changed) -> None:
        visitor = self._visitor
        found = await visitor.read(rows.list_page, visitor.org_id, self.slug or None, None, _MOST)
        if found.items == self._shown or self.place is None:
            return
        self._shown = found.items
        self.place.clear()
        with self.place, card(flush=bool(found.items)):
            for row in found.items:
                self._line(row)
            if not found.items:
                self._nothing()

    async def new(self) -> None:
        await ScheduleForm(self._visitor, None, self.slug, self._changed).open()

    async def _changed(self) -> None:
        await self.update(None)

    def _nothing(self) -> None:
        told = t("Let a workflow run every weekday at nine, or on the first of each month.")
        with empty("o_event_repeat", t("Nothing runs by itself yet"), told):
            if self._visitor.may("schedules.write"):
                button(t("New schedule"), self.new, kind="primary")

    def _line(self, row: ScheduleRow) -> None:
        may = self._visitor.may("schedules.write")
        described = in_words(row.cron, row.zone)
        # a schedule without a name of its own was called by its times, in English
        unnamed = timetable(row.cron, row.zone).describe() == row.name
        name = described if unnamed else row.name
        with box("sk-plan", "article"):
            with box("sk-stack sk-stack--tight"):
                text(name, "sk-strong sk-cut", tag="h2")
                told = row.zone if unnamed else f"{described} · {row.zone}"
                text(told, "sk-small sk-muted")
            with box("sk-row"):
                made = switch(t("{name} is on", name=name), row.enabled, partial(self._switch, row))
                made.set_enabled(may)
                self._menu(row)
            with box("sk-plan__more sk-small sk-muted"):
                anchor(row.workflow, f"/workflows/{row.workflow}")
                with box("sk-row"):
                    text(t("Next") if row.enabled else t("Switched off"))
                    if row.next_at is not None:
                        When(row.next_at)
                if row.last_run_id:
                    anchor(t("Last run"), f"/runs/{row.last_run_id}")
                anchor(t("All runs"), f"/runs?schedule={row.id}")
            if row.error:
                with box("sk-plan__more"):
                    banner("bad", "error_outline", t("The last time could not run"), heard(row.error))

    def _menu(self, row: ScheduleRow) -> None:
        visitor = self._visitor
        if not (visitor.may("schedules.write") or visitor.may("runs.trigger")):
            return
        with (
            icon_button(t("Actions for {name}", name=row.name), "more_horiz", small=True),
            ui.menu().props("auto-close"),
        ):
            if visitor.may("runs.trigger"):
                ui.menu_item(t("Run now"), on_click=partial(self._run, row)).classes("sk-menu-item")
            if visitor.may("schedules.write"):
                ui.menu_item(t("Edit"), on_click=partial(self._edit, row)).classes("sk-menu-item")
                ui.menu_item(t("Delete"), on_click=partial(self._ask_delete, row)).classes("sk-menu-item")

    async def _edit(self, row: ScheduleRow) -> None:
        await ScheduleForm(self._visitor, row, row.workflow, self._changed).open()

    async def _switch(self, row: ScheduleRow, enabled: bool) -> None:
        who = await self._visitor.require("schedules.write")
        try:
            work = self._visitor.house.system.schedules.switch
            await self._visitor.call(work, who, row.id, enabled=bool(enabled))
        except WorkflowError as error:
            ui.notify(heard(error))
        await self.update(None)

    async def _run(self, row: ScheduleRow) -> None:
        who = await self._visitor.require("runs.trigger")
        try:
            started = await self._visitor.house.system.schedules.run_now(who, row.id)
        except (WorkflowError, TriggerInvalid) as error:
            ui.notify(heard(error))
            return
        ui.navigate.to(f"/runs/{started.run_id}")

    def _ask_delete(self, row: ScheduleRow) -> None:
        with dialog(t("Delete {name}?", name=row.name), size="narrow") as (window, foot):
            text(t("It will not run again. The runs it started stay."), "sk-muted", tag="p")
            with foot:
                attrs(button(t("Keep it"), window.close, kind="ghost"))

                async def go() -> None:
                    who = await self._visitor.require("schedules.write")
                    await self._visitor.call(self._visitor.house.system.schedules.delete, who, row.id)
                    window.close()
                    await self.update(None)

                button(t("Delete"), go, kind="danger")
        window.open()
