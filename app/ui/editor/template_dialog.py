"""A workflow as a template for colleagues."""

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.forms.fields import select_input, switch, text_input
from app.ui.lang.say import t
from app.ui.parts.base import box, button, text
from app.ui.parts.show import dialog
from app.ui.templates.shelf import CATEGORIES
from app.workflows.errors import WorkflowError
from app.workflows.templates import CATEGORIES as KNOWN
from app.workflows.templates import mark, mark_of, unmark


async def template_dialog(desk: Desk) -> None:
    """Offer it to the organisation, say what it is for, or take it back."""
    visitor = desk.visitor
    row = await visitor.call(mark_of, visitor.house.db, visitor.org_id, desk.slug)
    with dialog(t("Template"), size="narrow") as (window, foot):
        about = t("Members find it in the gallery and begin from its published version, or from the draft.")
        text(about, "sk-muted", tag="p")
        with box("sk-row sk-row--between"):
            text(t("Offer it as a template"))
            offered = switch(t("Offer it as a template"), row is not None)
        category = select_input(
            t("Category"), {key: t(CATEGORIES[key]) for key in KNOWN}, row.category if row else KNOWN[0]
        )
        purpose = text_input(
            t("What it is for"),
            row.purpose if row else "",
            placeholder=t("When a product appears in your shop"),
        )
        problem = text("", "sk-field__error")
        with foot:
            button(t("Close") if desk.read_only else t("Cancel"), window.close, kind="ghost")
            if not desk.read_only:

                async def save() -> None:
                    problem.text = await _save(desk, offered.value, category.value, str(purpose.value or ""))
                    if not problem.text:
                        window.close()

                button(t("Save"), save, kind="primary")
    window.open()


async def _save(desk: Desk, offered: bool, category: str, purpose: str) -> str:
    visitor = desk.visitor
    identity = await visitor.require("workflows.write")
    try:
        if offered:
            await visitor.call(mark, visitor.house.db, identity, desk.slug, category, purpose)
        else:
            await visitor.call(unmark, visitor.house.db, identity, desk.slug)
    except WorkflowError as error:
        return str(error)
    ui.notify(t("It is in the gallery now.") if offered else t("It is in the gallery no longer."))
    return ""
