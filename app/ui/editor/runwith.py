"""The Run dialog: a payload from a sample, from an earlier trigger or from a row of a file; then run."""

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.editor.estimate import Estimate, about, explained
from app.ui.editor.freshness import Freshness
from app.ui.editor.sources import FileRows, PastTriggers, Use
from app.ui.forms.fields import switch
from app.ui.lang.heard import heard
from app.ui.lang.say import n, t
from app.ui.parts.base import attrs, box, button, icon_button, text
from app.ui.parts.show import banner, dialog
from app.ui.payload import PayloadForm
from app.ui.snippets import sample_payload
from app.workflows.errors import WorkflowError
from app.workflows.samples import Samples
from graphs.fields import FieldSpec
from graphs.trigger import TriggerInvalid


class Runs(Protocol):
    """What the dialog asks of whoever runs."""

    fresh: Freshness
    estimate: Estimate

    def payload(self) -> dict[str, Any]: ...
    def go(self, body: dict[str, Any], *, to_inbox: bool) -> Awaitable[Any]: ...


class RunWith:
    """One opened dialog."""

    def __init__(self, desk: Desk, runs: Runs, fields: tuple[FieldSpec, ...]) -> None:
        self._desk = desk
        self._runs = runs
        self._fields = fields
        self._body = dict(runs.payload())
        visitor = desk.visitor
        self._samples = Samples(visitor.house.db, visitor.house.system.workflows)

    async def open(self) -> None:
        """Show it."""
        desk = self._desk
        with dialog(t("Run {name}", name=desk.name)) as (window, foot):
            self._window = window
            self._hints()
            if self._fields:
                with box("sk-row sk-row--wrap", role="group", aria_label=t("Where the payload comes from")):
                    self._picker = box("sk-row sk-row--wrap")
                    button(t("Past triggers"), self._past, icon="o_history", small=True)
                    button(t("Row of a file"), self._rows, icon="o_table_rows", small=True)
            self._source = box()
            self._place = box("sk-stack")
            self._draw(self._body)
            with box("sk-row sk-row--between"):
                text(t("Send the callback to the test inbox"), "sk-field__label")
                self._inbox = switch(t("Send the callback to the test inbox"), value=True)
            with foot:
                cost = text(about(self._runs.estimate.whole), "sk-small sk-muted sk-grow sk-num")
                attrs(cost, title=explained(self._runs.estimate.whole))
                button(t("Cancel"), window.close, kind="ghost")
                if self._fields and not desk.read_only:
                    button(t("Save as sample"), self._ask_name, kind="ghost", icon="o_bookmark_add")
                changed = desk.state.changed or self._runs.fresh.pins
                label = t("Run the draft") if changed else t("Run v{number}", number=desk.state.number)
                button(label, self._go, kind="primary", icon="play_arrow")
        window.open()
        if self._fields:
            await self._offer()

    def _hints(self) -> None:
        pins = len(self._runs.fresh.pins)
        if pins:
            one, many = "{count} result is pinned", "{count} results are pinned"
            told = t("These nodes do not run; what is pinned is passed on in their place.")
            banner("quiet", "o_push_pin", n(one, many, count=pins), told)
        elif self._desk.state.changed and self._desk.version is not None:
            told = t(
                "Callers go on using version {number} until you publish.", number=self._desk.state.number
            )
            banner("quiet", "o_edit_note", t("The draft runs as it is now"), told)

    def _draw(self, body: dict[str, Any]) -> None:
        self._place.clear()
        with self._place:
            self._form = PayloadForm(self._fields, body)

    def _use(self, body: dict[str, Any], told: str) -> None:
        self._source.clear()
        self._draw(body)
        self._desk.tell(told)

    async def _offer(self) -> None:
        """Named samples as chips; the made-up one is always there."""
        desk = self._desk
        rows = await desk.visitor.call(self._samples.list, desk.visitor.org_id, desk.slug)
        self._picker.clear()
        with self._picker:
            made_up = sample_payload(self._fields)
            button(t("Example values"), partial(self._use, made_up, t("Filled in.")), small=True)
            for row in rows:
                with box("sk-sample", "span"):
                    use = partial(self._use, json.loads(row.payload), t("Sample filled in."))
                    button(row.name, use, icon="o_bookmark", small=True)
                    if not desk.read_only:
                        label = t("Forget sample {name}", name=row.name)
                        icon_button(label, "close", partial(self._forget, row.name), small=True)

    async def _forget(self, name: str) -> None:
        who = await self._desk.visitor.require("workflows.write")
        await self._desk.visitor.call(self._samples.remove, who, self._desk.slug, name)
        await self._offer()

    async def _past(self) -> None:
        await self._open(lambda use: PastTriggers(self._desk.visitor, self._desk.slug, use))

    async def _rows(self) -> None:
        await self._open(lambda use: FileRows(self._fields, use))

    async def _open(self, build: Callable[[Use], PastTriggers | FileRows]) -> None:
        self._source.clear()
        with self._source:
            await build(self._use).draw()

    def _ask_name(self) -> None:
        with dialog(t("Save as sample"), size="narrow") as (window, foot):
            name = ui.input(placeholder=t("Winter campaign")).props("outlined dense maxlength=80 autofocus")
            attrs(name.classes("sk-input"), aria_label=t("Name of the sample"))
            with foot:
                button(t("Cancel"), window.close, kind="ghost")

                async def save() -> None:
                    if await self._save(str(name.value or "")):
                        window.close()

                button(t("Save"), save, kind="primary")
        window.open()

    async def _save(self, name: str) -> bool:
        desk = self._desk
        who = await desk.visitor.require("workflows.write")
        try:
            await desk.visitor.call(self._samples.put, who, desk.slug, name, self._form.body)
        except WorkflowError as error:
            self._desk.tell(heard(error))
            return False
        await self._offer()
        self._desk.tell(t("Sample saved."))
        return True

    async def _go(self) -> None:
        refused = await self._runs.go(self._form.body, to_inbox=bool(self._inbox.value))
        if isinstance(refused, TriggerInvalid):
            self._form.show_errors(refused)
        else:
            self._window.close()
