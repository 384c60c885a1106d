"""What holds the runs of a workflow: a pause, and how long each of them may take."""

from typing import Any

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.forms.fields import labelled
from app.ui.holding import hold, may_hold
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, text
from app.ui.parts.show import dialog
from app.workflows.configure import set_deadline
from app.workflows.errors import WorkflowError

_MINUTE = 60.0


def limits_dialog(desk: Desk) -> None:
    """Ask for a deadline, or pause and resume."""
    paused = desk.row.paused_at is not None
    seconds = desk.row.deadline_seconds
    with dialog(t("Runs of {name}", name=desk.name), size="narrow") as (window, foot):
        help_text = t("Minutes from its acceptance; an open run fails then. Empty: no limit.")
        with labelled(t("A run may take"), help_text) as adopt:
            field = adopt(ui.number(value=None if seconds is None else seconds / _MINUTE, format="%.6g"))
            attrs(field, min="0.02", placeholder=t("no limit"))
            field.set_enabled(not desk.read_only)
        problem = text("", "sk-field__error")
        if may_hold(desk.visitor, "workflow"):
            with box("sk-row sk-row--between"):
                text(
                    t("Paused: triggers are accepted and wait") if paused else t("Triggers start at once"),
                    "sk-muted",
                )

                async def toggle() -> None:
                    window.close()
                    await hold(desk.visitor, "workflow", desk.slug, pause=not paused, then=desk.reread)

                button(t("Resume") if paused else t("Pause"), toggle, small=True)
        with foot:
            button(t("Close") if desk.read_only else t("Cancel"), window.close, kind="ghost")
            if not desk.read_only:

                async def save() -> None:
                    problem.text = await _save(desk, field.value)
                    if not problem.text:
                        window.close()

                button(t("Save"), save, kind="primary")
    window.open()


async def _save(desk: Desk, minutes: Any) -> str:
    identity = await desk.visitor.require("workflows.write")
    seconds = None if minutes in {None, ""} else round(float(minutes) * _MINUTE, 3)
    system = desk.visitor.house.system
    try:
        await desk.visitor.call(
            set_deadline, system.db, system.workflows, identity.acting(), desk.slug, seconds
        )
    except WorkflowError as error:
        return heard(error)
    await desk.reread()
    ui.notify(t("Saved. It holds for runs accepted from now on."))
    return ""
