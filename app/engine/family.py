"""Runs that started other runs: children begin, end, wake their parent and go down with it.

Everything that touches two runs of one family happens under one lock, their common trace: the commit that
ends a child also wakes its parent, and no order of commits can lose the one or the other.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, exists, func, select, text, update

from app.delivery.body import Failure, error, failed
from app.engine import reseat
from app.engine.accept import RING_GRACE, accept
from app.engine.claim import run_row
from app.engine.ending import facts_of
from app.engine.finish import close_stages, finish_runs
from app.engine.records import Finish, RunRow, Settlement, Spawning, Started
from app.points import Point, reached
from app.store.bulk import StageKey
from app.store.database import Dialect
from app.store.tables import call, run, stage, step
from graphs.generations import load
from graphs.pricing import credits_of

_TRY_AGAIN = 60.0
Rung = dict[str, list[StageKey]]
_ENDED_WITH_PARENT = Failure("run.cancelled", "the run that started it has ended")
_OVERTAKEN = Failure("run.cancelled", "the step that started it is done again")


def lock(connection: Connection, keys: Sequence[str | None]) -> None:
    """One transaction at a time changes a family; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        for key in sorted({key for key in keys if key}):
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": key})


def lock_of(connection: Connection, run_ids: Sequence[str]) -> None:
    """As ``lock``, for runs known by id."""
    if connection.dialect.name == "postgresql":
        query = select(run.c.trace_id).where(run.c.id.in_(run_ids))
        lock(connection, list(connection.scalars(query)))


def start(connection: Connection, items: Sequence[Settlement], now: float) -> tuple[list[Settlement], Rung]:
    """Store the child runs that these settlements ask for; what to ring for, by parent.

    A parent whose children ended since it was decided about is not put to sleep but looked at again.
    """
    rung: Rung = {}
    found = []
    for item in items:
        if item.spawning is None:
            found.append(item)
            continue
        parent = item.claimed.run.id
        answers = accept(connection, item.spawning.news)
        reached(Point.CHILD_WRITTEN)
        born = [each for each in answers if isinstance(each, Started)]
        keys = rung.setdefault(parent, [])
        keys += [(each.run_id, 0) for each in born]
        if _ended(connection, parent, item.spawning) > item.spawning.ended:
            keys.append((parent, item.claimed.number))
            found.append(replace(item, state="ready", wake_at=now + RING_GRACE))
        else:
            refused = next((each for each in answers if isinstance(each, Exception)), None)
            found.append(_held(item, refused, now) if refused else item)
    return found, rung


def closing(
    connection: Connection, dialect: Dialect, items: Sequence[Settlement], now: float
) -> list[Settlement]:
    """Those that end their run; parents take their open children along and cost what all of them cost.

    A redo takes along what was started for an earlier generation: nobody waits for it any more.
    """
    left: set[str] = set()
    broken = [item.claimed.run.id for item in items if _broken(item)]
    if broken:
        left |= close_children(connection, dialect, broken, now)
    for item in items:
        if item.redo and item.family:
            left |= _end(connection, dialect, _overtaken(connection, item.claimed.run.id), _OVERTAKEN, now)
    reseat.move_up(connection, left, now)
    ends = [item for item in items if item.finish]
    return [_with_cost(connection, item) if _broken(item) or _redone(item) else item for item in ends]


def wake_parents(
    connection: Connection, parents: Sequence[str | None], now: float, rung: Rung | None = None
) -> None:
    """Let the nodes that wait for children look again; the sweeper need not ring what ``rung`` notes."""
    ids = sorted({parent for parent in parents if parent})
    if not ids:
        return
    waiting = (stage.c.run_id.in_(ids), stage.c.state == "waiting")
    rows = connection.execute(select(stage.c.run_id, stage.c.number, stage.c.detail).where(*waiting)).all()
    due = now if rung is None else now + RING_GRACE
    for row in rows:
        if row.detail and json.loads(row.detail).get("spawn"):
            mine = (stage.c.run_id == row.run_id, stage.c.number == row.number, stage.c.state == "waiting")
            ready = {"state": "ready", "wake_at": due, "rings": 0}
            connection.execute(update(stage).where(*mine).values(ready))
            if rung is not None:
                rung.setdefault(row.run_id, []).append((row.run_id, row.number))
    reached(Point.PARENT_WOKEN)


def close_children(connection: Connection, dialect: Dialect, parents: Sequence[str], now: float) -> set[str]:
    """End the open children of these runs, and theirs; the gates whose queues they leave."""
    query = select(run).where(run.c.parent_id.in_(parents), run.c.finished_at.is_(None))
    children = [run_row(row) for row in connection.execute(query)]
    return _end(connection, dialect, children, _ENDED_WITH_PARENT, now)


def cost(connection: Connection, run_id: str) -> float:
    """Credits of a run so far: its own steps and calls, and for nodes that start runs what those cost."""
    spawning = select(run.c.parent_node).where(run.c.parent_id == run_id)
    own = select(func.sum(step.c.credits)).where(step.c.run_id == run_id, step.c.node_id.not_in(spawning))
    same = (step.c.run_id == call.c.run_id) & (step.c.node_id == call.c.node_id)
    settled = exists().where(same, step.c.generation == call.c.generation, step.c.credits > 0)
    # charged, and the run ended before its step did
    charged = select(func.sum(call.c.charged)).where(call.c.run_id == run_id, ~settled)
    theirs = select(func.sum(run.c.credit_cost)).where(run.c.parent_id == run_id)
    lost = credits_of(int(connection.scalar(charged) or 0))
    return float(connection.scalar(own) or 0.0) + float(connection.scalar(theirs) or 0.0) + float(lost)


def _held(item: Settlement, refused: Exception, now: float) -> Settlement:
    """A child that its own workflow's budget has no room for today is tried again, not lost."""
    wait = {**(item.wait or {}), "reason": "budget", "explanation": str(refused)}
    return replace(item, wait=wait, wake_at=now + _TRY_AGAIN)


def _broken(item: Settlement) -> bool:
    return bool(item.family and item.finish and item.finish.status != "succeeded")


def _redone(item: Settlement) -> bool:
    # what was under way when a redo overtook it has no step, and was paid all the same
    return bool(item.claimed.run.redos)


def _overtaken(connection: Connection, parent: str) -> list[RunRow]:
    """Open children that were started in a generation which a redo has opened again."""
    redos = load(connection.scalar(select(run.c.redos).where(run.c.id == parent)))
    opened = {node: redo.generation for redo in redos for node in redo.nodes}
    query = select(run).where(run.c.parent_id == parent, run.c.finished_at.is_(None))
    rows = connection.execute(query).all()
    return [run_row(row) for row in rows if row.parent_generation < opened.get(row.parent_node, 0)]


def _end(
    connection: Connection, dialect: Dialect, children: Sequence[RunRow], why: Failure, now: float
) -> set[str]:
    if not children:
        return set()
    ids = [child.id for child in children]
    left = close_children(connection, dialect, ids, now)
    endings = [(child, _cancelled(child, why, now, cost(connection, child.id))) for child in children]
    finish_runs(connection, dialect, endings, now)
    return left | close_stages(connection, ids)


def _ended(connection: Connection, parent: str, spawning: Spawning) -> int:
    query = select(func.count()).where(
        run.c.parent_id == parent,
        run.c.parent_node == spawning.node_id,
        run.c.parent_generation == spawning.generation,
        run.c.finished_at.is_not(None),
    )
    return int(connection.scalar(query) or 0)


def _with_cost(connection: Connection, item: Settlement) -> Settlement:
    assert item.finish is not None
    spent = round(cost(connection, item.claimed.run.id), 6)
    body = json.loads(item.finish.body)
    body["metadata"]["credit_cost"] = spent
    text_ = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return replace(item, finish=replace(item.finish, body=text_, credit_cost=spent))


def _cancelled(child: RunRow, why: Failure, now: float, spent: float) -> Finish:
    body = failed(facts_of(child, now, spent, 1), why)
    return Finish("cancelled", "job.failed", body, spent, error_code=why.error_code, error=error(why))
