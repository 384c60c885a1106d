"""What can be done with a run: cancel it, run it again."""

from functools import partial
from typing import Any

from nicegui import ui

from app.store.runs import Payloads, RunRow
from app.ui.forms.fields import select_input, switch
from app.ui.holding import hold, may_hold
from app.ui.lang.heard import heard
from app.ui.lang.say import said, t
from app.ui.parts.base import box, button, icon_button, link_button, text
from app.ui.parts.show import dialog
from app.ui.payload import PayloadForm
from app.ui.rows import load_object
from app.ui.starting import rerun
from app.ui.visitor import Visitor
from app.workflows.drafts import tried
from app.workflows.errors import WorkflowError
from app.workflows.keeping import Again, NotRerunnableError
from app.workflows.published import Published
from graphs.plan import Plan
from graphs.trigger import TriggerInvalid


def actions(visitor: Visitor, run: RunRow, payloads: Payloads) -> None:
    """The buttons of a run, as far as they make sense now."""
    if run.is_open and visitor.may("runs.cancel"):
        button(t("Cancel run"), partial(_cancel, visitor, run), icon="o_block", kind="danger")
    if run.is_open and run.paused_at is None and may_hold(visitor, "run"):
        button(t("Pause"), partial(hold, visitor, "run", run.id, pause=True), icon="o_pause_circle")
    if not run.is_open and run.version_id:
        link_button(t("Compare"), f"/compare?b={run.id}", icon="o_compare")
    if visitor.may("runs.rerun") and run.version_id:
        edit = partial(_edit, visitor, run, payloads)
        if run.is_open:
            with icon_button(t("More"), "more_horiz"), ui.menu().props("auto-close"):
                for label, act in (
                    (t("Edit and rerun"), edit),
                    (t("Rerun"), partial(again, visitor, run.id)),
                ):
                    ui.menu_item(label, on_click=act).classes("sk-menu-item")
            return
        button(t("Edit and rerun"), edit, icon="o_edit_note")
        if run.status == "failed" and run.started_at is not None:
            resumed = partial(again, visitor, run.id, Again(from_failed=True))
            button(t("Rerun from failure"), resumed, icon="o_redo")
        button(t("Rerun"), partial(again, visitor, run.id), icon="replay", kind="primary")


_FAILED = "\0failed"
_KEPT = said("What stands before it is taken from this run and not paid again, as far as it still holds.")


async def again(visitor: Visitor, run_id: str, how: Again | None = None) -> TriggerInvalid | None:
    """Run again and go there; gives what a contract refused."""
    try:
        started = await rerun(visitor, run_id, how or Again())
    except TriggerInvalid as error:
        ui.notify(t("The payload does not fit what the workflow takes."))
        return error
    except (WorkflowError, NotRerunnableError) as error:
        ui.notify(heard(error))
        return None
    ui.navigate.to(f"/runs/{started}")
    return None


async def _cancel(visitor: Visitor, run: RunRow) -> None:
    identity = await visitor.require("runs.cancel")
    done = await visitor.house.system.engine.cancel(identity.org_id, run.id, identity.actor)
    ui.notify(t("Cancelled.") if done else t("The run had ended already."))


async def _edit(visitor: Visitor, run: RunRow, payloads: Payloads) -> None:
    service = visitor.house.system.workflows
    try:
        versions = await visitor.call(service.versions, visitor.org_id, run.workflow)
        published = await _ran(visitor, run)
    except WorkflowError as error:
        ui.notify(heard(error))
        return
    with dialog(t("Rerun {workflow}", workflow=run.workflow)) as (window, foot):
        given = load_object(payloads.trigger)
        form = PayloadForm(published.trigger.fields, given)
        numbers = {each.number: f"v{each.number}" for each in versions}
        if not run.version:
            numbers = {0: t("the draft as it was"), **numbers}
        version = select_input(t("Version"), numbers, run.version)
        starts = _starting_points(run, published.plan)
        start = select_input(t("Begin"), starts, "", help_text=t(_KEPT))
        fresh = _fresh_switch(published.plan)
        if run.callback_url:
            text(t("The callback goes where the first one went."), "sk-hint", tag="p")
        problem = text("", "sk-field__error")
        with foot:
            button(t("Cancel"), window.close, kind="ghost")

            async def go() -> None:
                inputs = form.body if form.body != given else None
                how = Again(
                    version=int(version.value) or None,
                    inputs=inputs,
                    from_failed=start.value == _FAILED,
                    from_node=start.value if start.value not in {"", _FAILED} else None,
                    fresh=fresh is not None and bool(fresh.value),
                )
                try:
                    started = await rerun(visitor, run.id, how)
                except TriggerInvalid as error:
                    form.show_errors(error)
                except (WorkflowError, NotRerunnableError) as error:
                    problem.text = heard(error)
                else:
                    ui.navigate.to(f"/runs/{started}")

            button(t("Rerun"), go, kind="primary", icon="replay")
    window.open()


async def _ran(visitor: Visitor, run: RunRow) -> Published:
    system, org_id = visitor.house.system, visitor.org_id
    if run.version or run.version_id is None:
        return await visitor.call(system.workflows.published, org_id, run.workflow, run.version)
    return await visitor.call(tried, system.db, system.workflows, org_id, run.workflow, run.version_id)


def _fresh_switch(plan: Plan) -> Any:
    """The choice to reuse nothing; None where no node would."""
    if not any(node.cache for node in plan.nodes):
        return None
    label = t("Make anew what could be reused")
    with box("sk-row sk-row--between"):
        text(label, "sk-field__label")
        return switch(label, value=False)


def _starting_points(run: RunRow, plan: Plan) -> dict[str, str]:
    """Where a rerun can begin: at the beginning, at what failed, or at a node."""
    failed = {_FAILED: t("where it failed; what succeeded is kept")} if run.status == "failed" else {}
    nodes = {node.id: t("at {node}", node=node.title) for node in plan.nodes if node.id != plan.trigger.id}
    return {"": t("at the beginning"), **failed, **nodes}
