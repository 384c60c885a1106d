"""Runs of a draft: all of it, or what an earlier run and pinned results leave to do (S22, S120)."""

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from app.engine.engine import Engine
from app.engine.records import NewRun, Started
from app.identity.roles import Identity
from app.store import callers, drafts, generations
from app.store import runs as rows
from app.store.database import Database
from app.store.drafts import PinRow
from app.store.runs import RunRow, StepRow
from app.store.workflows import version_by_id
from app.workflows.drafts import Drafts
from app.workflows.keeping import NotRerunnableError
from app.workflows.outside import changed_outside
from app.workflows.published import Published
from app.workflows.service import WorkflowService
from app.workflows.starts import RunUnknownError, aimed, by_identity
from graphs.catalogue import Catalogue
from graphs.document import Document, parse
from graphs.errors import MalformedDocumentError
from graphs.partial import changed
from graphs.plan import Plan
from graphs.stale import EDITED, PASSING, PINNED, Before, Reason, spare, stale

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Try:
    """How a draft is to be run.

    Attributes:
        body: Business fields.
        targets: Run only what these nodes need.
        base: A run whose results are taken over as far as they still hold.
        from_node: With a base, do this node and what follows it again although they hold.
        callback_url: One of our own.
    """

    body: Json
    targets: tuple[str, ...] = ()
    base: str | None = None
    from_node: str | None = None
    callback_url: str | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a run of the same workflow did: its graph, its steps, what its nodes were given."""

    run: RunRow
    document: Document
    inputs: Json
    trigger: Json
    steps: Mapping[str, StepRow]


class Tries:
    """Starts runs of drafts; answers come after the commit."""

    def __init__(
        self, db: Database, engine: Engine, workflows: WorkflowService, catalogue: Catalogue
    ) -> None:
        self._db = db
        self._engine = engine
        self._catalogue = catalogue
        self._drafts = Drafts(db, catalogue, workflows)

    async def start(self, who: Identity, slug: str, how: Try, *, request_id: str | None = None) -> Started:
        """Run the draft as it is now.

        Raises:
            WorkflowUnknownError, ArchivedError, UnpublishableError, TriggerInvalid
            RunUnknownError, NotRerunnableError: About the base, the targets or the node to begin at.
            StoreUnavailableError
        """
        new = await asyncio.to_thread(self.prepare, who, slug, how, request_id)
        return await asyncio.wrap_future(self._engine.start(new))

    def prepare(self, who: Identity, slug: str, how: Try, request_id: str | None = None) -> NewRun:
        """What would be started, without starting it; raises as ``start``."""
        draft = self._drafts.snapshot(who.org_id, slug, who.actor)
        with self._db.read() as connection:
            caller = callers.by_id(connection, who.caller_id)
            pins = {row.node_id: row for row in drafts.pins(connection, draft.workflow.id)}
            earlier = look_back(connection, who.scope, how.base) if how.base else None
            graph = version_by_id(connection, draft.version_id)
            outside = changed_outside(connection, earlier, self._catalogue) if earlier else {}
        if how.base and (earlier is None or earlier.run.workflow_id != draft.workflow.id):
            raise RunUnknownError(how.base)
        new = by_identity(draft, who, how.body, "canvas", request_id, caller)
        new = replace(new, callback_url=how.callback_url, rerun_of=how.base)
        new = aimed(new, how.targets)
        if new.plan is None or graph is None:
            return new
        gone = self._gone(parse(graph.graph), earlier, new.inputs, pins, outside)
        keep = _kept(draft, earlier, gone, how)
        return _with(new, new.plan, keep, pins)

    def _gone(
        self,
        now: Document,
        earlier: Earlier | None,
        inputs: Json,
        pins: Mapping[str, PinRow],
        outside: Mapping[str, str],
    ) -> Collection[str]:
        """The nodes whose earlier results do not hold."""
        if earlier is None:
            return ()
        return compare(earlier, now, self._catalogue, pins, inputs=inputs, outside=outside)


def look_back(connection: Connection, scope: rows.Scope, run_id: str) -> Earlier | None:
    """A run that a draft can be compared with; None when its graph is not known or cannot be read."""
    run = rows.get(connection, scope, run_id)
    payloads = rows.payloads(connection, run_id) if run else None
    version = version_by_id(connection, run.version_id) if run and run.version_id else None
    if run is None or payloads is None or version is None:
        return None
    try:
        document = parse(version.graph)
    except MalformedDocumentError:
        return None
    steps = {step.node_id: step for step in generations.steps(connection, run_id)}
    return Earlier(run, document, json.loads(payloads.inputs), json.loads(payloads.trigger), steps)


def compare(
    earlier: Earlier,
    now: Document,
    catalogue: Catalogue,
    pins: Mapping[str, PinRow],
    *,
    inputs: Json | None = None,
    outside: Mapping[str, str] | None = None,
) -> dict[str, Reason]:
    """What of an earlier run does not hold for a draft; `inputs` are what its nodes would be given."""
    states = {node_id: step.status for node_id, step in earlier.steps.items()}
    fields = changed(earlier.inputs, inputs) if inputs is not None else frozenset()
    before = Before(earlier.document, states, fields, _swapped(earlier, pins), outside)
    return stale(before, now, catalogue, frozenset(pins))


def _swapped(earlier: Earlier, pins: Mapping[str, PinRow]) -> frozenset[str]:
    """Nodes whose pinned result is another than the run had, or is pinned no more."""
    return frozenset(each for each, step in earlier.steps.items() if _is_swapped(step, pins.get(each)))


def _is_swapped(step: StepRow, row: PinRow | None) -> bool:
    if row is None:
        return step.attempts == 0 and step.reason in {PINNED, EDITED}
    return bool(json.loads(step.outputs or "null") != json.loads(row.outputs))


def _kept(draft: Published, earlier: Earlier | None, gone: Collection[str], how: Try) -> dict[str, Json]:
    if earlier is None:
        if how.from_node:
            raise NotRerunnableError("from_node", "there is no earlier run to take results from")
        return {}
    plan = draft.plan
    first = [each for each in (how.from_node, *how.targets) if each]
    known = {node.id: node for node in plan.nodes}
    if how.from_node and how.from_node not in known:
        raise NotRerunnableError("from_node", f"there is no node '{how.from_node}' in the draft")
    again = frozenset[str]().union(*(plan.downstream(each) for each in first))
    return {
        node_id: json.loads(step.outputs)
        for node_id, step in earlier.steps.items()
        if node_id in known
        and known[node_id].kind not in PASSING
        and node_id not in again
        and node_id not in gone
        and step.status == "succeeded"
        and step.outputs
    }


def _with(new: NewRun, plan: Plan, keep: dict[str, Json], pins: Mapping[str, PinRow]) -> NewRun:
    ids = {node.id for node in plan.nodes}
    mine = {node_id: row for node_id, row in pins.items() if node_id in ids}
    keep = {**keep, **{node_id: json.loads(row.outputs) for node_id, row in mine.items()}}
    why = {node_id: EDITED if row.edited else PINNED for node_id, row in mine.items()}
    unused = _unused(plan, keep) if mine else frozenset[str]()
    return replace(new, keep=keep or None, kept_as=why or None, spare=tuple(sorted(unused)))


def _unused(plan: Plan, given: Collection[str]) -> frozenset[str]:
    """Nodes that nothing needs any more; gates count whatever follows them."""
    sources = {node.id: [each.source_node for each in node.inputs] for node in plan.nodes}
    fed = {source for found in sources.values() for source in found}
    free = {node.id for node in plan.nodes if node.kind in PASSING}
    return spare(sources, [node for node in sources if node not in fed], given) - free
