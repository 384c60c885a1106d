"""Running a workflow from its canvas, and watching it there."""

from typing import Any

from nicegui import ui

from app import clock
from app.store import generations
from app.store import runs as run_rows
from app.store.runs import RunRow, StepRow
from app.ui.editor.desk import Desk
from app.ui.editor.publishing import publish
from app.ui.forms.fields import switch
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.live import Changed
from app.ui.parts.base import anchor, box, button, icon_button, text
from app.ui.parts.show import banner, dialog, status
from app.ui.payload import PayloadForm
from app.ui.progress import node_states
from app.ui.rows import run_seconds
from app.ui.snippets import sample_payload
from app.ui.starting import rerun, start
from app.ui.words import RUN, duration, look, plural_credits
from app.workflows.errors import WorkflowError
from app.workflows.forecast import forecast
from app.workflows.keeping import Again, NotRerunnableError
from graphs.document import parse
from graphs.errors import GraphError
from graphs.trigger import TriggerContract, TriggerInvalid


class Runner:
    """The Run dialog, the strip that tells how the run goes, and the states on the nodes."""

    def __init__(self, desk: Desk, place: Any) -> None:
        self._desk = desk
        self._place = place
        self._run_id = ""
        self._shown: object = None
        self._last: dict[str, Any] | None = None

    async def to_here(self, node_id: str) -> None:
        """Ask for a payload and run what leads to a node, and that node."""
        await self.ask((node_id,))

    async def from_here(self, node_id: str) -> None:
        """Run a node and what follows it again, with what the last run on this canvas made before it."""
        desk = self._desk
        await desk.flush()
        if not self._run_id:
            ui.notify(t("Run the workflow, or a part of it, on this canvas first: its results are built on."))
            return
        if desk.state.changed and not await publish(desk, t("Published to run it from the canvas")):
            return
        try:
            how = Again(from_node=node_id, version=desk.state.number)
            run_id = await rerun(desk.visitor, self._run_id, how)
        except (WorkflowError, NotRerunnableError) as error:
            ui.notify(heard(error))
            return
        except TriggerInvalid:
            ui.notify(t("The trigger takes other fields by now: press Run and fill them in."))
            return
        await self._watch(run_id)

    async def ask(self, targets: tuple[str, ...] = ()) -> None:
        """Ask for a payload and run, all of it or what leads to some nodes."""
        desk = self._desk
        await desk.flush()
        if desk.judged.errors and desk.state.changed:
            ui.notify(t("Mend the errors first: this draft cannot be published, so it cannot run."))
            return
        fields = trigger_fields(desk)
        named = [node for node in desk.document["nodes"] if node["id"] in targets]
        heading = t("Run {name}", name=desk.name)
        if named:
            heading = t("Run {name} to {node}", name=desk.name, node=desk.title_of(named[0]))
        with dialog(heading) as (window, foot):
            if desk.state.changed:
                banner(
                    "quiet",
                    "o_publish",
                    t("The draft has unpublished changes"),
                    t("They are published first, then run."),
                )
            given = self._last or sample_payload(fields)
            form = PayloadForm(fields, given)
            if expected := await self._expected(given, targets):
                text(expected, "sk-hint", tag="p")
            with box("sk-row sk-row--between"):
                text(t("Send the callback to the test inbox"), "sk-field__label")
                inbox = switch(t("Send the callback to the test inbox"), value=True)
            with foot:
                button(t("Cancel"), window.close, kind="ghost")

                async def go() -> None:
                    await self._go(window, form, to_inbox=bool(inbox.value), targets=targets)

                label = (
                    t("Publish and run")
                    if desk.state.changed
                    else t("Run v{number}", number=desk.state.number)
                )
                button(label, go, kind="primary", icon="play_arrow")
        window.open()

    async def _expected(self, given: dict[str, Any], targets: tuple[str, ...]) -> str:
        """What the published version usually takes, and may cost, with such a payload."""
        desk, system = self._desk, self._desk.visitor.house.system
        if desk.version is None or targets:
            return ""
        try:
            published = await desk.visitor.call(system.workflows.published, desk.visitor.org_id, desk.slug)
            inputs = published.trigger.read(given).values
        except (WorkflowError, TriggerInvalid):
            return ""
        who = desk.visitor.identity
        found = await desk.visitor.read(forecast, who.org_id, who.caller_id, published, inputs, clock.now())
        cost = plural_credits(found.total_credits)
        seconds = found.total_seconds
        if any(node.cache for node in found.plan.nodes):
            cost = t("{cost}, less where earlier results are reused", cost=cost)
        return f"≈ {cost}" + ("" if seconds is None else f", ≈ {duration(seconds)}")

    async def _go(self, window: Any, form: PayloadForm, *, to_inbox: bool, targets: tuple[str, ...]) -> None:
        desk = self._desk
        if desk.state.changed and not await publish(desk, t("Published to run it from the canvas")):
            return
        try:
            run_id = await start(desk.visitor, desk.slug, form.body, to_inbox=to_inbox, targets=targets)
        except TriggerInvalid as error:
            form.show_errors(error)
            return
        except (WorkflowError, NotRerunnableError) as error:
            ui.notify(heard(error))
            return
        self._last = form.body
        window.close()
        await self._watch(run_id)

    async def _watch(self, run_id: str) -> None:
        desk = self._desk
        self._run_id, self._shown = run_id, None
        if desk.canvas is not None:
            desk.canvas.clear_status()
        await self.update(None)

    async def update(self, changed: Changed) -> None:
        """Show how the run goes, if it changed."""
        if not self._run_id or (changed is not None and self._run_id not in changed):
            return
        visitor = self._desk.visitor
        found = await visitor.read(_run_and_steps, visitor.scope, self._run_id)
        live = visitor.house.system.live.nodes(self._run_id)
        if found is None or (found, live) == self._shown:
            return
        self._shown = (found, live)
        run, steps = found
        ids = [node["id"] for node in self._desk.document["nodes"]]
        if self._desk.canvas is not None:
            states = node_states(ids, run, steps, live, visitor.house.thumb)
            self._desk.canvas.status(states)  # type: ignore[arg-type]
        self._strip(run)

    def _strip(self, run: RunRow) -> None:
        self._place.clear()
        with self._place, box("sk-runstrip", role="status"):
            status(look(RUN, run.status), chip=False)
            if run.finished_at:
                text(duration(run_seconds(run)), "sk-small sk-muted sk-num")
            anchor(t("Open run"), f"/runs/{run.id}", "sk-link sk-small")
            if run.is_open and self._desk.visitor.may("runs.cancel"):
                button(t("Cancel"), self._cancel, kind="danger", small=True)
            else:
                icon_button(t("Clear"), "close", self._clear, small=True)

    async def _cancel(self) -> None:
        identity = await self._desk.visitor.require("runs.cancel")
        await self._desk.visitor.house.system.engine.cancel(identity.org_id, self._run_id, identity.actor)

    def _clear(self) -> None:
        self._run_id = ""
        self._place.clear()
        if self._desk.canvas is not None:
            self._desk.canvas.clear_status()


def trigger_fields(desk: Desk) -> Any:
    try:
        return TriggerContract.of(parse(desk.document)).fields
    except (GraphError, ValueError):
        return ()


def _run_and_steps(
    connection: Any, scope: run_rows.Scope, run_id: str
) -> tuple[RunRow, dict[str, StepRow]] | None:
    run = run_rows.get(connection, scope, run_id)
    if run is None:
        return None
    return run, {step.node_id: step for step in generations.steps(connection, run_id)}
