"""Earlier results that may be reused, by what they were made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Insert, delete, func, select, tuple_

from app.store import bulk
from app.store.tables import cached_result, call, step

_MOST = 500


@dataclass(frozen=True, slots=True)
class CachedRow:
    """A result of an earlier step; ``outputs`` is JSON text."""

    run_id: str
    node_id: str
    generation: int
    outputs: str


def find(connection: Connection, workflow_id: str, key: str, since: float, now: float) -> CachedRow | None:
    """A result made at or after ``since`` that has not expired, if its step is still there."""
    at = cached_result
    made = (step.c.run_id == at.c.run_id) & (step.c.node_id == at.c.node_id)
    query = (
        select(step.c.run_id, step.c.node_id, step.c.generation, step.c.outputs)
        .select_from(at.join(step, made & (step.c.generation == at.c.generation)))
        .where(at.c.workflow_id == workflow_id, at.c.key == key)
        .where(at.c.created_at >= since, at.c.expires_at > now)
        .where(step.c.status == "succeeded", step.c.outputs.is_not(None))
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else CachedRow(*row)


def called(connection: Connection, run_id: str, node_id: str, generation: int) -> bool:
    """Whether a paid call was written down for a step: what came of it has to be seen to the end."""
    mine = (call.c.run_id == run_id) & (call.c.node_id == node_id) & (call.c.generation == generation)
    return connection.execute(select(call.c.id).where(mine).limit(1)).first() is not None


def putting(upsert: Any) -> Insert:
    """The statement that writes results down, a newer one in place of an older."""
    statement = upsert(cached_result)
    kept = ("org_id", "run_id", "node_id", "generation", "created_at", "expires_at")
    fresh = {name: statement.excluded[name] for name in kept}
    made: Insert = statement.on_conflict_do_update(index_elements=["workflow_id", "key"], set_=fresh)
    return made


def put(connection: Connection, statement: Insert, rows: Sequence[dict[str, Any]]) -> None:
    """Write results down, always in one order, so that two workers do not wait for each other."""
    by_key = {(row["workflow_id"], row["key"]): row for row in rows}
    bulk.many(connection, statement, [by_key[key] for key in sorted(by_key)])


def any_expired(connection: Connection, now: float) -> bool:
    """Whether there is something to purge."""
    query = select(cached_result.c.key).where(cached_result.c.expires_at <= now).limit(1)
    return connection.execute(query).first() is not None


def purge(connection: Connection, now: float, limit: int = _MOST) -> int:
    """Forget what has expired, oldest first, so many at most."""
    keys = (cached_result.c.workflow_id, cached_result.c.key)
    old = select(*keys).where(cached_result.c.expires_at <= now)
    old = old.order_by(cached_result.c.expires_at).limit(limit)
    return connection.execute(delete(cached_result).where(tuple_(*keys).in_(old))).rowcount


def forget(connection: Connection, workflow_id: str) -> int:
    """Forget all results of a workflow; how many there were."""
    return connection.execute(
        delete(cached_result).where(cached_result.c.workflow_id == workflow_id)
    ).rowcount


def count(connection: Connection, workflow_id: str, now: float) -> int:
    """How many results of a workflow may be reused now."""
    mine = (cached_result.c.workflow_id == workflow_id) & (cached_result.c.expires_at > now)
    return int(connection.scalar(select(func.count()).where(mine)) or 0)
