"""The settings of a workflow's form, with the address to hand out."""

from typing import Any

from nicegui import ui

from app.store import callers as caller_rows
from app.store.forms import FormRow
from app.ui.editor.desk import Desk
from app.ui.forms.fields import select_input, switch, text_input
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, link_button, text
from app.ui.parts.show import Code, banner, dialog
from app.workflows.errors import WorkflowError
from app.workflows.forms import FormWanted


async def form_dialog(desk: Desk) -> None:
    """Show who may use the form, what it says, and where it is."""
    visitor = desk.visitor
    await visitor.require("forms.read")
    row = await visitor.call(visitor.house.system.forms.get, visitor.org_id, desk.slug)
    callers = [each.name for each in await visitor.read(caller_rows.list_all, visitor.org_id)]
    with dialog(t("Form for {name}", name=desk.name)) as (window, foot):
        if desk.version is None:
            told = t("The form asks for the fields of the published version.")
            banner("warn", "o_warning_amber", t("Not published yet"), told)
        place = box("sk-stack")
        with place:
            _address(desk, row)
        form = _Fields(row, visitor.identity.caller, callers)
        with foot:
            button(t("Close"), window.close, kind="ghost")
            if visitor.may("forms.write"):
                if row is not None:
                    button(t("New address"), lambda: _save(desk, form, place, fresh=True), kind="danger")
                button(t("Save"), lambda: _save(desk, form, place), kind="primary")
    window.open()


class _Fields:
    def __init__(self, row: FormRow | None, mine: str, callers: list[str]) -> None:
        self._enabled = _line(t("The form can be used"), row.enabled if row else True)
        self._open = _line(t("Also by people who are not signed in"), row.open if row else False)
        text(t("Everybody who knows the address can then start runs."), "sk-hint")
        self._title = text_input(
            t("Heading"), row.title if row else "", help_text=t("Empty: the workflow's name.")
        )
        self._intro = text_input(t("Text above the fields"), row.intro if row else "")
        self._caller = select_input(t("Runs in the name of"), list(callers), row.caller if row else mine)

    def wanted(self, *, fresh: bool) -> FormWanted:
        return FormWanted(
            enabled=bool(self._enabled.value),
            open=bool(self._open.value),
            title=str(self._title.value or "")[:200],
            intro=str(self._intro.value or "")[:2_000],
            caller=str(self._caller.value or "") or None,
            new_token=fresh,
        )


def _line(label: str, value: bool) -> Any:
    with box("sk-row sk-row--between"):
        text(label, "sk-field__label")
        return switch(label, value)


def _address(desk: Desk, row: FormRow | None) -> None:
    if row is None:
        text(t("Save it to get the address of the form."), "sk-muted", tag="p")
        return
    url = f"{desk.visitor.house.system.public_url}/f/{row.token}"
    Code(url, wrap=True)
    if row.enabled:
        with box("sk-row"):
            attrs(link_button(t("Open the form"), f"/f/{row.token}", icon="o_open_in_new"), target="_blank")


async def _save(desk: Desk, form: _Fields, place: Any, *, fresh: bool = False) -> None:
    who = await desk.visitor.require("forms.write")
    service = desk.visitor.house.system.forms
    try:
        row = await desk.visitor.call(service.put, who, desk.slug, form.wanted(fresh=fresh))
    except WorkflowError as error:
        ui.notify(heard(error))
        return
    place.clear()
    with place:
        _address(desk, row)
    ui.notify(t("A new address; the old one leads nowhere.") if fresh else t("Form saved."))
