"""The dialog that makes or changes a schedule; what it would do is said while it is typed."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from app.store import callers as caller_rows
from app.store.schedules import ScheduleRow
from app.ui.forms.fields import Errors, labelled, select
from app.ui.lang.heard import heard
from app.ui.lang.say import said, t
from app.ui.parts.base import attrs, box, button, text
from app.ui.parts.show import Local, dialog
from app.ui.payload import PayloadForm
from app.ui.snippets import sample_payload
from app.ui.times import day_and_time, in_words
from app.ui.visitor import Visitor
from app.workflows.cron import zones
from app.workflows.errors import InvalidFieldsError, WorkflowError
from app.workflows.schedules import Wanted, preview
from graphs.trigger import FieldError, TriggerInvalid

_PRESETS = {
    "": said("Often used times"),
    "0 * * * *": said("Every hour"),
    "0 9 * * *": said("Every day at 09:00"),
    "0 9 * * 1-5": said("Every weekday at 09:00"),
    "0 9 * * 1": said("Every Monday at 09:00"),
    "0 9 1 * *": said("First of the month at 09:00"),
}
_MISSED = {
    "skip": said("Let it pass"),
    "once": said("Run once when back"),
    "all": said("Run for each missed time (at most 100)"),
}


class ScheduleForm:
    """A schedule as fields; `done` is called after it was saved."""

    def __init__(
        self, visitor: Visitor, row: ScheduleRow | None, slug: str, done: Callable[[], Awaitable[None]]
    ) -> None:
        self._visitor, self._row, self._done = visitor, row, done
        self._errors = Errors()
        self._slug = slug
        self._payload: PayloadForm | None = None
        self._controls: dict[str, Any] = {}

    async def open(self) -> None:
        """Show the dialog."""
        visitor = self._visitor
        await visitor.require("schedules.write")
        found = await visitor.call(visitor.house.system.workflows.list, visitor.org_id)
        published = {each.slug: each.name or each.slug for each in found if each.published}
        callers = [each.name for each in await visitor.read(caller_rows.list_all, visitor.org_id)]
        if not published:
            ui.notify(t("Publish a workflow first; a schedule runs its published version."))
            return
        if self._slug not in published:
            self._slug = next(iter(published))
        with dialog(t("Edit schedule") if self._row else t("New schedule")) as (window, foot):
            self._draw(published, callers)
            with foot:
                button(t("Cancel"), window.close, kind="ghost")
                button(t("Save"), lambda: self._save(window), kind="primary")
        await self._fields()
        self._preview()
        window.open()

    def _draw(self, published: dict[str, str], callers: list[str]) -> None:
        row, zone = self._row, self._row.zone if self._row else "UTC"
        with self._labelled(t("Workflow"), "workflow") as adopt:
            self._controls["workflow"] = adopt(select(published, self._slug, self._choose))
        with self._labelled(t("Name"), "name", t("Empty: the times in words.")) as adopt:
            self._controls["name"] = adopt(ui.input(value=row.name if row else ""))
        with box("sk-cols"):
            with self._labelled(t("Times (cron)"), "cron", t("Minute, hour, day, month, weekday.")) as adopt:
                made = ui.input(value=row.cron if row else "0 9 * * 1-5", on_change=self._preview)
                self._controls["cron"] = adopt(attrs(made, debounce=250, spellcheck="false"))
            with self._labelled(t("Or choose"), "preset") as adopt:
                adopt(select({key: t(label) for key, label in _PRESETS.items()}, "", self._preset))
        with self._labelled(t("Time zone"), "time_zone") as adopt:
            made = select(sorted(zones()), zone, lambda _: self._preview())
            self._controls["time_zone"] = adopt(made.props("use-input input-debounce=0"))
        self._shown = box("sk-group")
        with box("sk-cols"):
            with self._labelled(t("If nobody was there to run it"), "missed") as adopt:
                missed = {key: t(label) for key, label in _MISSED.items()}
                self._controls["missed"] = adopt(select(missed, row.missed if row else "skip"))
            with self._labelled(t("Runs in the name of"), "caller") as adopt:
                mine = row.caller if row else self._visitor.identity.caller
                self._controls["caller"] = adopt(select(callers, mine))
        with self._labelled(t("Callback URL"), "callback_url", t("Empty: no callback.")) as adopt:
            self._controls["callback_url"] = adopt(ui.input(value=(row.callback_url or "") if row else ""))
        text(t("Payload"), "sk-field__label")
        self._place = box("sk-group")

    def _labelled(self, label: str, path: str, help_text: str = "") -> Any:
        return labelled(label, help_text, path=path, errors=self._errors)

    async def _choose(self, slug: str) -> None:
        self._slug = slug
        await self._fields()

    async def _fields(self) -> None:
        """Draw the fields of the chosen workflow's contract."""
        visitor = self._visitor
        self._place.clear()
        try:
            service = visitor.house.system.workflows
            published = await visitor.call(service.published, visitor.org_id, self._slug)
        except WorkflowError as error:
            with self._place:
                text(str(error), "sk-muted")
            return
        fields = published.trigger.fields
        mine = self._row is not None and self._row.workflow == self._slug
        body = json.loads(self._row.payload) if self._row is not None and mine else sample_payload(fields)
        with self._place:
            self._payload = PayloadForm(fields, body)

    def _preset(self, cron: str) -> None:
        if cron:
            self._controls["cron"].set_value(cron)

    def _preview(self, *_: Any) -> None:
        """Say what the times mean, and the next five of them."""
        cron, zone = str(self._controls["cron"].value or ""), str(self._controls["time_zone"].value or "")
        self._shown.clear()
        try:
            times = preview(cron, zone)[1]
        except InvalidFieldsError as error:
            self._errors.show({each.field: _told(each) for each in error.errors})
            with self._shown:
                text(t("The next five times appear here."), "sk-muted sk-small")
            return
        self._errors.show({})
        with self._shown:
            text(in_words(cron, zone), "sk-strong")
            with box("sk-times"):
                text(t("In {zone}", zone=zone), "sk-muted")
                text(t("In your time"), "sk-muted")
                for at in times:
                    text(day_and_time(at, zone))
                    Local(at, minute=True)

    async def _save(self, window: Any) -> None:
        who = await self._visitor.require("schedules.write")
        service = self._visitor.house.system.schedules
        values = {name: control.value for name, control in self._controls.items()}
        callback = str(values.pop("callback_url") or "").strip() or None
        body = self._payload.body if self._payload else {}
        enabled = self._row.enabled if self._row else True
        plain = {name: str(value or "") for name, value in values.items()}
        wanted = Wanted(**plain, payload=body, callback_url=callback, enabled=enabled)
        try:
            if self._row is None:
                await self._visitor.call(service.create, who, wanted)
            else:
                await self._visitor.call(service.replace, who, self._row.id, wanted)
        except InvalidFieldsError as error:
            self._show(error)
            return
        except WorkflowError as error:
            ui.notify(heard(error))
            return
        window.close()
        await self._done()

    def _show(self, error: InvalidFieldsError) -> None:
        self._errors.show({each.field: _told(each) for each in error.errors})
        inner = [
            FieldError(each.field.removeprefix("payload."), each.pointer, each.code, each.detail)
            for each in error.errors
            if each.field.startswith("payload.")
        ]
        if inner and self._payload is not None:
            self._payload.show_errors(TriggerInvalid(inner))


def _told(error: FieldError) -> str:
    plain = error.detail.removeprefix(f"{error.field} ")
    return heard(plain)
