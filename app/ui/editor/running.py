"""Running a draft from its canvas, and watching it there."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from app.engine import so_far, under_way, waits
from app.store import generations
from app.store import runs as run_rows
from app.store.runs import AttemptRow, RunFilter, RunRow, Scope, StepRow
from app.store.workflows import version_by_id
from app.ui.editor.desk import Desk
from app.ui.editor.estimate import Estimate
from app.ui.editor.freshness import Freshness
from app.ui.editor.runstrip import draw_strip
from app.ui.editor.runwith import RunWith
from app.ui.lang.heard import heard
from app.ui.lang.say import n, t
from app.ui.live import Changed
from app.ui.progress import node_states
from app.ui.rows import load_object
from app.ui.snippets import sample_payload
from app.ui.starting import start, try_out
from app.workflows.errors import WorkflowError
from app.workflows.keeping import NotRerunnableError
from app.workflows.starts import RunUnknownError
from app.workflows.trying import Try
from graphs.document import parse
from graphs.errors import GraphError
from graphs.trigger import TriggerContract, TriggerInvalid

Told = Callable[[], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """The run that the canvas shows; `document` is its graph as it was, `steps` are by node."""

    run: RunRow
    steps: dict[str, StepRow]
    attempts: tuple[AttemptRow, ...]
    live: dict[str, dict[str, Any]]
    document: dict[str, Any]
    trigger: dict[str, Any]


class Runner:
    """Starts runs, and shows the last one: a strip, states on the nodes, and what parts ask for in `seen`."""

    def __init__(self, desk: Desk, place: Any) -> None:
        self._desk = desk
        self._place = place
        self._run_id = ""
        self._document: dict[str, Any] = {}
        self._last: dict[str, Any] | None = None
        self.seen: Seen | None = None
        self.told: list[Told] = []
        self.fresh = Freshness(desk)
        self.estimate = Estimate(desk, self.fresh, self.payload)

    async def begin(self) -> None:
        """Show the newest run of the canvas, if there is one."""
        found = await self._desk.visitor.read(_newest, self._desk.visitor.scope, self._desk.slug)
        if found:
            await self.watch(found)
        else:
            await self.fresh.read_pins()
        self.estimate.soon()

    def payload(self) -> dict[str, Any]:
        """What a run would be given if nothing else is said: what the last one was, or a sample."""
        if self._last is not None:
            return self._last
        if self.seen is not None and self.seen.trigger:
            return self.seen.trigger
        return sample_payload(trigger_fields(self._desk))

    async def to_here(self, node_id: str) -> None:
        """Run what leads to a node, and that node; what still holds of the last run is taken over."""
        await self._again(Try({}, targets=(node_id,), base=self.fresh.base))

    async def from_here(self, node_id: str) -> None:
        """Run a node and what follows it; what stands before it is taken over as far as it still holds."""
        if self.fresh.base is None:
            self._desk.tell(
                t("Run the workflow, or a part of it, on this canvas first: its results are built on.")
            )
            return
        await self._again(Try({}, base=self.fresh.base, from_node=node_id))

    async def only_stale(self) -> None:
        """Run what changed since the last run, and nothing else."""
        if self.fresh.base is None:
            await self.ask()
        elif not self.fresh.stale:
            self._desk.tell(t("Every result of the last run still holds."))
        else:
            await self._again(Try({}, base=self.fresh.base))

    async def ask(self, *_: Any) -> None:
        """Ask for a payload and run all of it."""
        if await self._ready():
            await RunWith(self._desk, self, trigger_fields(self._desk)).open()

    async def go(self, body: dict[str, Any], *, to_inbox: bool, how: Try | None = None) -> Any:
        """Run the draft, or the published version when both are the same; gives what the contract refused."""
        desk = self._desk
        try:
            if how is None and not desk.state.changed and not self.fresh.pins:
                run_id = await start(desk.visitor, desk.slug, body, to_inbox=to_inbox)
            else:
                run_id = await try_out(desk.visitor, desk.slug, how or Try(body), to_inbox=to_inbox)
        except TriggerInvalid as error:
            return error
        except (WorkflowError, NotRerunnableError, RunUnknownError) as error:
            self._desk.tell(heard(error))
            return None
        self._last = body
        await self.watch(run_id)
        return None

    async def watch(self, run_id: str) -> None:
        """Show this run from now on."""
        desk = self._desk
        self._run_id, self.seen = run_id, None
        if desk.canvas is not None:
            desk.canvas.clear_status()
        await self.fresh.of_run("")
        await self.update(None)

    async def update(self, changed: Changed) -> None:
        """Show how the run goes, if it changed."""
        if not self._run_id or (changed is not None and self._run_id not in changed):
            return
        found = await self._look()
        if found is None:
            return
        if found == self.seen:
            if found.run.is_open:  # time passes, and with it what is left
                self._states(found)
            return
        ended = not found.run.is_open and (self.seen is None or self.seen.run.is_open)
        self.seen = found
        self._show(found)
        if ended:
            await self.fresh.of_run(found.run.id)
            self.estimate.soon()
        await self._tell()

    async def cancel(self) -> None:
        """End the run."""
        identity = await self._desk.visitor.require("runs.cancel")
        await self._desk.visitor.house.system.engine.cancel(identity.org_id, self._run_id, identity.actor)

    async def clear(self) -> None:
        """Show no run."""
        self._run_id, self.seen = "", None
        self._place.clear()
        if self._desk.canvas is not None:
            self._desk.canvas.clear_status()
        await self.fresh.of_run("")
        await self._tell()

    async def _again(self, how: Try) -> None:
        if not await self._ready():
            return
        body = self.payload()
        how = Try(body, how.targets, how.base, how.from_node)
        refused = await self.go(body, to_inbox=False, how=how)
        if isinstance(refused, TriggerInvalid):
            self._desk.tell(t("The trigger takes other fields by now: press Run and fill them in."))

    async def _ready(self) -> bool:
        desk = self._desk
        await desk.flush()
        if desk.judged.errors and desk.state.changed:
            told = "Mend {count} error first: this draft cannot run."
            many = "Mend {count} errors first: this draft cannot run."
            self._desk.tell(n(told, many, count=desk.judged.errors))
            return False
        return True

    async def _look(self) -> Seen | None:
        visitor, run_id = self._desk.visitor, self._run_id
        live = visitor.house.system.live
        found = await visitor.read(_read, visitor.scope, run_id, broker=live.connected)
        if found is None:
            return None
        if self.seen is None or self.seen.run.id != run_id:
            version_id = found[0].version_id
            version = await visitor.read(version_by_id, version_id) if version_id else None
            self._document = load_object(version.graph if version else None)
        return Seen(*found[:3], live.nodes(run_id), self._document, found[3])

    def _show(self, seen: Seen) -> None:
        self._states(seen)
        self._place.clear()
        with self._place:
            draw_strip(self._desk.visitor, seen.run, self.cancel, self.clear)

    def _states(self, seen: Seen) -> None:
        desk = self._desk
        if desk.canvas is None:
            return
        ids = [node["id"] for node in desk.document["nodes"]]
        tries = {each.node_id: each.number for each in seen.attempts}
        usual, thumb = self.estimate.by_node, desk.visitor.house.thumb
        states = node_states(ids, seen.run, seen.steps, seen.live, thumb, usual=usual, tries=tries)
        desk.canvas.status(states)  # type: ignore[arg-type]

    async def _tell(self) -> None:
        for each in self.told:
            answer = each()
            if answer is not None:
                await answer


def trigger_fields(desk: Desk) -> Any:
    """The fields that the draft's trigger declares; none while they cannot be read."""
    try:
        return TriggerContract.of(parse(desk.document)).fields
    except (GraphError, ValueError):
        return ()


def _newest(connection: Any, scope: Scope, slug: str) -> str:
    wanted = RunFilter(workflow=slug, source=("canvas",), parent="none")
    return next(iter(run_rows.ids(connection, scope, wanted, 1)), "")


def _read(
    connection: Any, scope: Scope, run_id: str, *, broker: bool
) -> tuple[RunRow, dict[str, StepRow], tuple[AttemptRow, ...], dict[str, Any]] | None:
    run = run_rows.get(connection, scope, run_id)
    payloads = run_rows.payloads(connection, run_id) if run else None
    if run is None or payloads is None:
        return None
    done = under_way.with_cancelled(connection, run, generations.steps(connection, run_id))
    steps = {step.node_id: step for step in done}
    attempts = run_rows.attempts(connection, run_id)
    run = waits.closely(connection, so_far.counted(connection, run), broker=broker)
    return run, steps, attempts, json.loads(payloads.trigger)
