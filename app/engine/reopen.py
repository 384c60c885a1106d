"""Writing redos: within one settling transaction, stages open again and arrivals find their generation.

Only graphs in which a node may ask for a redo come here. Their settlements lock the run row first, so that
redos and arrivals of parallel branches see each other one after the other.
"""

import json
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, TextClause, select, text, update

from app.engine.again import owe_again
from app.engine.records import Claimed, Settlement, StepRow
from app.points import Point, reached
from app.store import bulk
from app.store.bulk import StageKey
from app.store.database import Dialect
from app.store.tables import run, stage
from graphs.generations import Redoing, dump, load, reopened, split, stage_generations
from graphs.plan import Plan

_OPEN = ("blocked", "ready", "running", "waiting", "paused")
Following = tuple[tuple[Claimed, ...], tuple[StageKey, ...]]
NewStage = Callable[..., dict[str, Any]]
_NOTHING: Following = ((), ())


@dataclass(frozen=True, slots=True)
class _Arrivals:
    """One stage that ended: its plan, its place in it, and what is known of the run's stages."""

    item: Settlement
    plan: Plan
    generations: dict[int, int]
    states: dict[int, str]

    def number(self, index: int) -> int:
        return self.generations.get(index, 0) * len(self.plan.stages) + index

    def left(self, index: int) -> int:
        """How many of a stage's predecessors are not done in their present generation."""
        return sum(self.states.get(self.number(each)) != "done" for each in self.plan.stages[index].after)


class Reopening:
    """The redos of one settling transaction; made before any other row of these runs is locked.

    Args:
        connection: In a write transaction.
        dialect: Which SQL is spoken.
        items: What is settled; the runs of graphs that know redos are locked.
        new_stage: Makes the values of a stage row from (run id, number, pending, mine=…).
    """

    def __init__(
        self, connection: Connection, dialect: Dialect, items: Sequence[Settlement], new_stage: NewStage
    ) -> None:
        self._connection = connection
        self._new_stage = new_stage
        self._redos: dict[str, tuple[Redoing, ...]] = {}
        self._states: dict[str, dict[int, str]] = {}
        self._started: dict[StageKey, Following] = {}
        self._held: Container[str] = frozenset()
        ids = sorted({item.claimed.run.id for item in items if item.plan})
        if ids:
            rows = connection.execute(_lock_runs(dialect), bulk.id_params(dialect, ids))
            self._redos = {row.id: load(row.redos) for row in rows}

    def apply(self, valid: Sequence[Settlement], held: Container[str]) -> None:
        """Open again what the redos among these settlements ask for; each of them before any arrival.

        What opens in a run that is ``held`` is for the doorbell: the claim that answers it lays it aside.
        """
        self._held = held
        over = {item.claimed.run.id for item in valid if item.finish}
        for item in valid:
            if item.redo and item.plan and item.claimed.run.id not in over:
                self._reopen(item, item.plan, item.redo)

    def concerns(self, item: Settlement) -> bool:
        """Whether what follows is for ``follow`` to say: the run has redos."""
        return item.plan is not None and bool(self._redos.get(item.claimed.run.id))

    def follow(self, item: Settlement) -> Following:
        """As the settlement's own following, each arrival at its target's present generation."""
        run_ = item.claimed.run
        key = run_.id, item.claimed.number
        if key in self._started:
            return self._started[key]
        if item.plan is None or not item.following:
            return _NOTHING
        redos = self._redos[run_.id]
        at = _Arrivals(item, item.plan, stage_generations(item.plan, redos), self._known(run_.id))
        own, index = divmod(item.claimed.number, len(item.plan.stages))
        if at.generations.get(index, 0) != own:
            return _NOTHING
        claimed: list[Claimed] = []
        rung: list[StageKey] = []
        for target in item.plan.stages[index].before:
            self._arrive(at, target, claimed, rung)
        return tuple(claimed), tuple(rung)

    def _arrive(self, at: _Arrivals, target: int, claimed: list[Claimed], rung: list[StageKey]) -> None:
        run_, number = at.item.claimed.run, at.number(target)
        known = at.states.get(number)
        # a stage that stands behind this one in order only was not opened again, and has begun long ago
        if known not in {None, "blocked"}:
            return
        left = at.left(target)
        # behind a join the results of the other branches have to be read, so it is for the doorbell
        alone = len(at.plan.stages[target].after) == 1
        mine = alone and not left and not claimed and run_.id not in self._held
        row = self._new_stage(run_.id, number, left, mine=mine)
        self._put(row, new=known is None)
        at.states[number] = row["state"]
        if mine:
            claimed.append(self._claimed(at.item, number))
        elif not left:
            rung.append((run_.id, number))

    def _reopen(self, item: Settlement, plan: Plan, asked: Redoing) -> None:
        run_id, number = item.claimed.run.id, item.claimed.number
        redos, states = self._redos[run_id], self._known(run_id)
        before = stage_generations(plan, redos)
        own, index = divmod(number, len(plan.stages))
        if before.get(index, 0) != own:
            return
        redo = replace(asked, generation=len(redos) + 1)
        self._redos[run_id] = (*redos, redo)
        again = reopened(plan, redo)
        closed = [
            each for each, state in states.items() if state in _OPEN and each % len(plan.stages) in again
        ]
        self._close(run_id, closed)
        states.update(dict.fromkeys(closed, "cancelled"))
        self._connection.execute(
            update(run)
            .where(run.c.id == run_id)
            .values(redos=dump(self._redos[run_id]), status="running", wait=None)
        )
        first = redo.generation * len(plan.stages) + plan.node(redo.start).stage
        owed = owe_again(
            self._connection, item.claimed.run, plan, redo.generation, plan.downstream(redo.start)
        )
        # what has to be reserved first goes through the gates of a claim
        mine = run_id not in self._held and owed is None
        row = self._new_stage(run_id, first, 0, mine=mine)
        self._put({**row, "detail": json.dumps(owed) if owed else None}, new=True)
        reached(Point.REDO_WRITTEN)
        states[first] = row["state"]
        self._started[run_id, number] = (
            ((self._claimed(item, first),), ()) if mine else ((), ((run_id, first),))
        )

    def _claimed(self, item: Settlement, number: int) -> Claimed:
        """A stage that this worker goes on with at once, with the rows that hold now."""
        redos = self._redos[item.claimed.run.id]
        rows: list[StepRow] = [*item.claimed.earlier, *item.claimed.steps.values(), *item.steps]
        steps, earlier = split(rows, redos)
        return Claimed(replace(item.claimed.run, redos=redos), number, 1, 1, None, steps, earlier)

    def _known(self, run_id: str) -> dict[int, str]:
        """The run's stages, number → state."""
        if run_id not in self._states:
            query = select(stage.c.number, stage.c.state).where(stage.c.run_id == run_id)
            self._states[run_id] = {row.number: row.state for row in self._connection.execute(query)}
        return self._states[run_id]

    def _close(self, run_id: str, numbers: Sequence[int]) -> None:
        """Whoever works on these finds the fence moved."""
        if numbers:
            mine = (stage.c.run_id == run_id) & stage.c.number.in_(numbers) & stage.c.state.in_(_OPEN)
            gone = {"state": "cancelled", "fence": stage.c.fence + 1, "wake_at": None}
            self._connection.execute(update(stage).where(mine).values(gone))

    def _put(self, row: dict[str, Any], *, new: bool) -> None:
        if new:
            self._connection.execute(stage.insert().values(row))
            return
        mine = (stage.c.run_id == row["run_id"]) & (stage.c.number == row["number"])
        self._connection.execute(update(stage).where(mine).values(row))


@lru_cache
def _lock_runs(dialect: Dialect) -> TextClause:
    return text(
        f"SELECT id, redos FROM run WHERE id IN {bulk.ids(dialect)} ORDER BY id"  # noqa: S608
        f"{bulk.for_update(dialect)}"
    )
