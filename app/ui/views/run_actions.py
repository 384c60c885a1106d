"""What can be done with a run: cancel it, run it again."""

from typing import Any

from nicegui import ui

from app.store.runs import Payloads, RunRow
from app.ui.forms.fields import switch
from app.ui.parts.base import box, button, text
from app.ui.parts.show import dialog
from app.ui.payload import PayloadForm
from app.ui.rows import load_object
from app.ui.starting import rerun
from app.ui.visitor import Visitor
from app.workflows.errors import WorkflowError
from graphs.trigger import TriggerInvalid


def actions(visitor: Visitor, run: RunRow, payloads: Payloads) -> None:
    """The buttons of a run, as far as they make sense now."""
    if run.is_open and visitor.may("runs.cancel"):
        button("Cancel run", lambda: _cancel(visitor, run), icon="o_block", kind="danger")
    if visitor.may("runs.rerun") and run.version:
        edit = button("Edit and rerun", lambda: _edit(visitor, run, payloads), icon="o_edit_note")
        again = button("Rerun", lambda: _again(visitor, run, payloads), icon="replay", kind="primary")
        for each in (edit, again):
            each.mark("rerun")


async def _cancel(visitor: Visitor, run: RunRow) -> None:
    identity = await visitor.require("runs.cancel")
    done = await visitor.house.system.engine.cancel(identity.org_id, run.id, identity.actor)
    ui.notify("Cancelled." if done else "The run had ended already.")


async def _again(visitor: Visitor, run: RunRow, payloads: Payloads) -> None:
    await _start(visitor, run, load_object(payloads.trigger), callback=bool(run.callback_url))


async def _start(
    visitor: Visitor, run: RunRow, body: dict[str, Any], *, callback: bool
) -> TriggerInvalid | None:
    try:
        run_id = await rerun(visitor, run, body, callback=callback)
    except TriggerInvalid as error:
        ui.notify("The payload does not fit the workflow any more.")
        return error
    except WorkflowError as error:
        ui.notify(str(error))
        return None
    ui.navigate.to(f"/runs/{run_id}")
    return None


async def _edit(visitor: Visitor, run: RunRow, payloads: Payloads) -> None:
    workflows = visitor.house.system.workflows
    try:
        published = await visitor.call(workflows.published, visitor.org_id, run.workflow, run.version)
    except WorkflowError as error:
        ui.notify(str(error))
        return
    with dialog(f"Rerun {run.workflow} v{run.version}") as (window, foot):
        form = PayloadForm(published.trigger.fields, load_object(payloads.trigger))
        wanted = None
        if run.callback_url:
            with box("sk-row sk-row--between"):
                text("Send the callback again when it ends", "sk-field__label")
                wanted = switch("Send the callback", value=False)
        with foot:
            button("Cancel", window.close, kind="ghost")

            async def go() -> None:
                error = await _start(visitor, run, form.body, callback=bool(wanted and wanted.value))
                if error is not None:
                    form.show_errors(error)

            button("Rerun", go, kind="primary", icon="replay")
    window.on("hide", window.delete)
    window.open()
