"""Schedules: what runs by itself, when next, and how the last time went."""

from collections.abc import Mapping
from functools import partial

from nicegui import ui
from nicegui.element import Element

from app.store import schedules as rows
from app.store.schedules import ScheduleRow
from app.ui.forms.fields import switch
from app.ui.live import Changed
from app.ui.parts.base import anchor, attrs, box, button, icon_button, text
from app.ui.parts.show import When, banner, card, dialog, empty
from app.ui.shell import frame, head
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
    with frame(visitor, "schedules", "Schedules", page="sk-page sk-page--narrow"):
        told = (
            f"Times at which {page.slug} runs by itself."
            if page.slug
            else "Workflows that run by themselves."
        )
        with head("Schedules", told):
            if visitor.may("schedules.write"):
                button("New schedule", page.new, kind="primary", icon="add")
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
        told = "Let a workflow run every weekday at nine, or on the first of each month."
        with empty("o_event_repeat", "Nothing runs by itself yet", told):
            if self._visitor.may("schedules.write"):
                button("New schedule", self.new, kind="primary")

    def _line(self, row: ScheduleRow) -> None:
        may = self._visitor.may("schedules.write")
        with box("sk-plan", "article"):
            with box("sk-stack sk-stack--tight"):
                text(row.name, "sk-strong sk-cut", tag="h2")
                described = timetable(row.cron, row.zone).describe()
                told = row.zone if described == row.name else f"{described} · {row.zone}"
                text(told, "sk-small sk-muted")
            with box("sk-row"):
                made = switch(f"{row.name} is on", row.enabled, partial(self._switch, row))
                made.set_enabled(may)
                self._menu(row)
            with box("sk-plan__more sk-small sk-muted"):
                anchor(row.workflow, f"/workflows/{row.workflow}")
                with box("sk-row"):
                    text("Next" if row.enabled else "Switched off")
                    if row.next_at is not None:
                        When(row.next_at)
                if row.last_run_id:
                    anchor("Last run", f"/runs/{row.last_run_id}")
                anchor("All runs", f"/runs?schedule={row.id}")
            if row.error:
                with box("sk-plan__more"):
                    banner("bad", "error_outline", "The last time could not run", row.error)

    def _menu(self, row: ScheduleRow) -> None:
        visitor = self._visitor
        if not (visitor.may("schedules.write") or visitor.may("runs.trigger")):
            return
        with icon_button(f"Actions for {row.name}", "more_horiz", small=True), ui.menu().props("auto-close"):
            if visitor.may("runs.trigger"):
                ui.menu_item("Run now", on_click=partial(self._run, row)).classes("sk-menu-item")
            if visitor.may("schedules.write"):
                ui.menu_item("Edit", on_click=partial(self._edit, row)).classes("sk-menu-item")
                ui.menu_item("Delete", on_click=partial(self._ask_delete, row)).classes("sk-menu-item")

    async def _edit(self, row: ScheduleRow) -> None:
        await ScheduleForm(self._visitor, row, row.workflow, self._changed).open()

    async def _switch(self, row: ScheduleRow, enabled: bool) -> None:
        who = await self._visitor.require("schedules.write")
        try:
            work = self._visitor.house.system.schedules.switch
            await self._visitor.call(work, who, row.id, enabled=bool(enabled))
        except WorkflowError as error:
            ui.notify(str(error))
        await self.update(None)

    async def _run(self, row: ScheduleRow) -> None:
        who = await self._visitor.require("runs.trigger")
        try:
            started = await self._visitor.house.system.schedules.run_now(who, row.id)
        except (WorkflowError, TriggerInvalid) as error:
            ui.notify(str(error))
            return
        ui.navigate.to(f"/runs/{started.run_id}")

    def _ask_delete(self, row: ScheduleRow) -> None:
        with dialog(f"Delete {row.name}?", size="narrow") as (window, foot):
            text("It will not run again. The runs it started stay.", "sk-muted", tag="p")
            with foot:
                attrs(button("Keep it", window.close, kind="ghost"))

                async def go() -> None:
                    who = await self._visitor.require("schedules.write")
                    await self._visitor.call(self._visitor.house.system.schedules.delete, who, row.id)
                    window.close()
                    await self.update(None)

                button("Delete", go, kind="danger")
        window.open()
