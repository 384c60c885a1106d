"""What can be done with a run: cancel it, run it again."""

from functools import partial
from typing import Any

from nicegui import ui

from app.store.runs import Payloads, RunRow
from app.ui.holding import hold, may_hold
from app.ui.parts.base import button, text
from app.ui.parts.show import dialog
from app.ui.payload import PayloadForm
from app.ui.rows import load_object
from app.ui.starting import rerun
from app.ui.visitor import Visitor
from app.workflows.errors import WorkflowError
from app.workflows.starts import NotRerunnableError
from graphs.trigger import TriggerInvalid


def actions(visitor: Visitor, run: RunRow, payloads: Payloads) -> None:
    """The buttons of a run, as far as they make sense now."""
    if run.is_open and visitor.may("runs.cancel"):
        button("Cancel run", partial(_cancel, visitor, run), icon="o_block", kind="danger")
    if run.is_open and run.paused_at is None and may_hold(visitor, "run"):
        button("Pause", partial(hold, visitor, "run", run.id, pause=True), icon="o_pause_circle")
    if visitor.may("runs.rerun") and run.version:
        button("Edit and rerun", partial(_edit, visitor, run, payloads), icon="o_edit_note")
        button("Rerun", partial(again, visitor, run.id), icon="replay", kind="primary")


async def again(
    visitor: Visitor, run_id: str, inputs: dict[str, Any] | None = None, from_node: str | None = None
) -> TriggerInvalid | None:
    """Run again and go there; gives what a contract refused."""
    try:
        started = await rerun(visitor, run_id, inputs, from_node)
    except TriggerInvalid as error:
        ui.notify("The payload does not fit what the workflow takes.")
        return error
    except (WorkflowError, NotRerunnableError) as error:
        ui.notify(str(error))
        return None
    ui.navigate.to(f"/runs/{started}")
    return None


async def _cancel(visitor: Visitor, run: RunRow) -> None:
    identity = await visitor.require("runs.cancel")
    done = await visitor.house.system.engine.cancel(identity.org_id, run.id, identity.actor)
    ui.notify("Cancelled." if done else "The run had ended already.")


async def _edit(visitor: Visitor, run: RunRow, payloads: Payloads) -> None:
    workflows = visitor.house.system.workflows
    try:
        published = await visitor.call(workflows.published, visitor.org_id, run.workflow, run.version)
    except WorkflowError as error:
        ui.notify(str(error))
        return
    with dialog(f"Rerun {run.workflow} v{run.version}") as (window, foot):
        form = PayloadForm(published.trigger.fields, load_object(payloads.trigger))
        if run.callback_url:
            text("The callback goes where the first one went.", "sk-hint", tag="p")
        with foot:
            button("Cancel", window.close, kind="ghost")

            async def go() -> None:
                error = await again(visitor, run.id, form.body)
                if error is not None:
                    form.show_errors(error)

            button("Rerun", go, kind="primary", icon="replay")
    window.open()
