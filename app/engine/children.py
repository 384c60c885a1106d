"""What a node that starts other runs is told: which to start next, or how all of them ended (design §3)."""

import asyncio
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from app.engine import offspring
from app.engine.ending import delivering, images_in
from app.engine.inherited import Inherited, handed_down
from app.engine.records import Claimed, NewRun, Parent, RunRow, Spawning
from app.engine.resumed import NOTHING, Earlier, earlier, going_on, is_resumed
from app.store.database import Database
from app.store.tables import run, step
from graphs.errors import PermanentError
from graphs.generations import load, split
from graphs.plan import Plan, PlanNode
from graphs.sockets import Image
from graphs.spawn import MAX_DEPTH, ChildResult, Spawn
from graphs.trigger import Accepted, TriggerContract, TriggerInvalid

_CHUNK = 200
_STEP = ("run_id", "node_id", "generation", "status", "outputs")
_REDOS = select(run.c.id, run.c.redos).where(run.c.redos.is_not(None))


@dataclass(frozen=True, slots=True)
class Callee:
    """A published version that a node may call."""

    workflow_id: str
    slug: str
    number: int
    version_id: str
    plan: Plan
    trigger: TriggerContract
    deadline_seconds: float | None = None


# organisation, slug and version (None: the published one) → what runs; raises a NodeError
Find = Callable[[str, str, int | None], Callee]


class ChildFailedError(PermanentError):
    """A child run failed and its node goes down with it; ``credits`` is what all of them cost."""

    def __init__(self, code: str, words: str, spent: float) -> None:
        super().__init__(code, words)
        self.credits = spent


class Children:
    """Reads the child runs of a node and decides which come next; their parent's settlement starts them."""

    def __init__(self, database: Database, find: Find) -> None:
        self._database = database
        self._find = find

    async def advance(
        self, claimed: Claimed, plan: Plan, planned: PlanNode, spawn: Spawn
    ) -> Spawning | tuple[ChildResult, ...]:
        """Child runs to start, or their results in item order when all have ended.

        Raises:
            PermanentError: The callee cannot be called, or a child failed and its node fails with it.
        """
        return await asyncio.to_thread(self._advance, claimed, plan, planned, spawn)

    def _advance(
        self, claimed: Claimed, plan: Plan, planned: PlanNode, spawn: Spawn
    ) -> Spawning | tuple[ChildResult, ...]:
        generation = plan.generation(claimed.number)
        with self._database.read() as connection:
            known = _known(connection, claimed.run.id, planned.id, generation)
            if not known:
                _refuse_endless(connection, claimed.run, spawn)
        callee = self._find(claimed.run.org_id, spawn.call.workflow, _pinned(claimed, planned, spawn))
        ended = [row for row in known.values() if row.finished_at is not None]
        failed = [row for row in ended if row.status != "succeeded"]
        if failed and spawn.on_failure == "fail":
            raise _failure(planned, spawn, min(failed, key=lambda row: row.parent_item), ended)
        before = self._before(claimed, planned, spawn, callee, known)
        room = spawn.parallel - (len(known) - len(ended))
        at_hand = known | before.ended
        news, refused = _next(claimed.run, generation, planned, spawn, callee, at_hand, room, fresh=not known)
        news = self._equipped(news, handed_down(claimed.run, plan, callee.plan), before)
        if news or len(ended) < len(known):
            rows = list(known.values())
            taken = len(before.ended)
            return offspring.waiting(planned, generation, spawn, callee.number, news, rows, taken)
        ended += before.ended.values()
        with self._database.read() as connection:
            pictures = _pictures(connection, callee.plan, [row.id for row in ended])
        found = {row.parent_item: offspring.result(row, pictures.get(row.id, ())) for row in ended}
        found |= {item: offspring.refusal(item, trouble) for item, trouble in refused.items()}
        found |= {item: replace(found[item], credit_cost=0.0) for item in before.ended}
        return tuple(found[item] for item in sorted(found))

    def _before(
        self, claimed: Claimed, planned: PlanNode, spawn: Spawn, callee: Callee, known: Collection[int]
    ) -> Earlier:
        """What the run that failed left of the items that were not begun here."""
        first = not claimed.run.redos and not claimed.run.fresh
        if not (first and is_resumed(claimed)):
            return NOTHING
        bodies = {item: body for item, body in enumerate(spawn.items) if item not in known}
        with self._database.read() as connection:
            return earlier(connection, claimed, planned.id, callee.version_id, callee.trigger, bodies)

    def _equipped(
        self, news: Sequence[NewRun], budget: Inherited | None, before: Earlier
    ) -> tuple[NewRun, ...]:
        """The new runs with the account they count for, and what earlier ones have done for them."""
        found = tuple(replace(each, budget=budget) for each in news)
        if not before.begun:
            return found
        with self._database.read() as connection:
            return tuple(
                going_on(connection, each, before.begun.get(each.parent.item)) if each.parent else each
                for each in found
            )


def _known(connection: Connection, parent: str, node_id: str, generation: int) -> dict[int, Any]:
    names = ("id", "parent_item", "status", "finished_at", "error", "error_code", "result")
    query = select(*(run.c[name] for name in names), run.c.credit_cost, run.c.quality_warning).where(
        run.c.parent_id == parent, run.c.parent_node == node_id, run.c.parent_generation == generation
    )
    return {row.parent_item: row for row in connection.execute(query)}


def _refuse_endless(connection: Connection, parent: RunRow, spawn: Spawn) -> None:
    """No workflow calls itself, over however many others, and no chain is too long."""
    chain = [parent.workflow, *_ancestors(connection, parent)]
    called = spawn.call.workflow
    if called in chain:
        words = " → ".join([*reversed(chain[: chain.index(called) + 1]), called])
        raise PermanentError("graph.cycle", f"The workflow would call itself: {words}.", field="workflow")
    if parent.depth >= MAX_DEPTH:
        words = f"Workflows call each other more than {MAX_DEPTH} levels deep: {' → '.join(reversed(chain))}."
        raise PermanentError("graph.too_large", words, field="workflow")


def _ancestors(connection: Connection, found: RunRow) -> Iterator[str]:
    above = found.parent_id
    while above is not None:
        query = select(run.c.workflow, run.c.parent_id).where(run.c.id == above)
        row = connection.execute(query).one_or_none()
        if row is None:
            return
        yield row.workflow
        above = row.parent_id


def _pinned(claimed: Claimed, planned: PlanNode, spawn: Spawn) -> int | None:
    """All children of a node run the version that the first one ran, whatever is published meanwhile."""
    detail: Any = claimed.detail or {}
    if detail.get("node") == planned.id and isinstance(detail.get("spawn"), dict):
        return int(detail["spawn"]["version"])
    return spawn.call.version


def _next(  # noqa: PLR0917
    parent: RunRow,
    generation: int,
    planned: PlanNode,
    spawn: Spawn,
    callee: Callee,
    known: Collection[int],
    room: int,
    *,
    fresh: bool,
) -> tuple[tuple[NewRun, ...], dict[int, TriggerInvalid]]:
    """The children to start now, and the items met on the way whose fields the callee refuses."""
    news: list[NewRun] = []
    refused: dict[int, TriggerInvalid] = {}
    # before anything is paid for, every item is looked at when one that is wrong fails them all
    everything = fresh and spawn.on_failure == "fail"
    for item, body in enumerate(spawn.items):
        if item in known or (len(news) >= room and not everything):
            continue
        try:
            accepted = callee.trigger.read(body)
        except TriggerInvalid as error:
            if spawn.on_failure == "fail":
                raise _unfit(planned, spawn, item, error) from error
            refused[item] = error
            continue
        if len(news) < room:
            place = Parent(parent.id, planned.id, item, generation, parent.depth + 1)
            news.append(_new_run(parent, callee, accepted, body, place))
    return tuple(news), refused


def _new_run(
    parent: RunRow, callee: Callee, accepted: Accepted, body: dict[str, Any], place: Parent
) -> NewRun:
    return NewRun(
        org_id=parent.org_id,
        project_id=parent.project_id,
        workflow_id=callee.workflow_id,
        workflow=callee.slug,
        version=callee.number,
        version_id=callee.version_id,
        plan=callee.plan,
        caller_id=parent.caller_id,
        caller=parent.caller,
        source="workflow",
        trigger={name: value for name, value in body.items() if name not in accepted.ignored},
        inputs=accepted.values,
        trace_id=parent.trace_id,
        request_id=parent.request_id,
        ignored=tuple(accepted.ignored),
        deadline_seconds=callee.deadline_seconds,
        parent=place,
        fresh=parent.fresh,
    )


def _failure(planned: PlanNode, spawn: Spawn, row: Any, ended: Sequence[Any]) -> ChildFailedError:
    told = json.loads(row.error or "{}")
    where = f"item {row.parent_item + 1} of {len(spawn.items)}, " if len(spawn.items) > 1 else ""
    words = f"{planned.title}: {where}{spawn.call.workflow} ({row.id}): {told.get('error_description', '')}"
    code = row.error_code or "run.internal"
    return ChildFailedError(code, words, sum(each.credit_cost for each in ended))


def _unfit(planned: PlanNode, spawn: Spawn, item: int, error: TriggerInvalid) -> PermanentError:
    first = error.errors[0]
    where = f"item {item + 1} of {len(spawn.items)}: " if len(spawn.items) > 1 else ""
    words = f"{planned.title}: {where}{spawn.call.workflow} refuses its fields: {first.detail}."
    return PermanentError(first.code, words, field=first.field)


def _pictures(connection: Connection, plan: Plan, ids: Sequence[str]) -> dict[str, list[Image]]:
    """What each run delivered, by its id."""
    order = delivering(plan)
    found: dict[str, list[Image]] = {}
    for first in range(0, len(ids), _CHUNK):
        chunk = ids[first : first + _CHUNK]
        mine = step.c.run_id.in_(chunk) & step.c.node_id.in_(order)
        rows: dict[str, list[Any]] = {}
        for row in connection.execute(select(*(step.c[name] for name in _STEP)).where(mine)):
            rows.setdefault(row.run_id, []).append(row)
        redos = {row.id: row.redos for row in connection.execute(_REDOS.where(run.c.id.in_(chunk)))}
        for run_id, each in rows.items():
            # what quality control had made again is not delivered
            holding, _ = split(each, load(redos.get(run_id)))
            known = (holding[name] for name in order if name in holding)
            given = [row for row in known if row.status == "succeeded"]
            found[run_id] = [image for row in given for image in images_in(json.loads(row.outputs or "{}"))]
    return found
