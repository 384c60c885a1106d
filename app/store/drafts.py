"""Drafts as they were run, and what belongs to a draft but not to its document: pins and sample payloads."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from app import clock
from app.store.ids import new_id
from app.store.rows import columns, records
from app.store.tables import batch, draft_pin, draft_snapshot, run, sample_payload

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class PinRow:
    """A result that runs of the draft take; `outputs` is JSON text."""

    workflow_id: str
    node_id: str
    outputs: str
    run_id: str | None
    edited: bool
    pinned_by: str | None
    pinned_at: float


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A named payload; `payload` is JSON text."""

    workflow_id: str
    name: str
    payload: str
    saved_by: str | None
    saved_at: float


def keep_snapshot(connection: Connection, workflow_id: str, *, graph: str, plan: str, actor: str) -> str:
    """Store a draft as it is, unless it is known already; its id."""
    digest = hashlib.sha256(graph.encode()).hexdigest()
    mine = draft_snapshot.c.workflow_id == workflow_id, draft_snapshot.c.digest == digest
    query = select(draft_snapshot.c.id, draft_snapshot.c.plan, draft_snapshot.c.created_at).where(*mine)
    known = connection.execute(query).one_or_none()
    if known is not None:
        # node types may have learnt something since: what runs now is what is read later
        change: dict[str, object] = {"plan": plan} if known.plan != plan else {}
        if known.created_at < clock.now() - _DAY:
            # an old one must not be forgotten while its run is on its way
            change["created_at"] = clock.now()
        if change:
            connection.execute(update(draft_snapshot).where(*mine).values(change))
        return str(known.id)
    identifier = new_id("wfd")
    values = {"id": identifier, "workflow_id": workflow_id, "digest": digest, "graph": graph, "plan": plan}
    connection.execute(insert(draft_snapshot).values(**values, created_by=actor, created_at=clock.now()))
    return identifier


def forget_snapshots(connection: Connection, before: float, latest: int, limit: int = 200) -> int:
    """Forget drafts that were run before a moment (epoch seconds), oldest first, so many at most.

    The `latest` of each workflow stay, and all that a run or a file of rows refers to. How many went.
    """
    at = draft_snapshot.c
    place = func.row_number().over(partition_by=at.workflow_id, order_by=(at.created_at.desc(), at.id.desc()))
    ranked = select(at.id, at.created_at, place.label("place")).subquery()
    used = exists().where(run.c.version == 0, run.c.version_id == ranked.c.id)
    listed = exists().where(batch.c.draft_id == ranked.c.id)
    old = select(ranked.c.id).where(ranked.c.place > latest, ranked.c.created_at < before, ~used, ~listed)
    chosen = old.order_by(ranked.c.created_at).limit(limit)
    return int(connection.execute(delete(draft_snapshot).where(at.id.in_(chosen))).rowcount)


def any_before(connection: Connection, moment: float) -> bool:
    """Whether a draft was run before a moment, so that looking closer may be worth it."""
    query = select(draft_snapshot.c.id).where(draft_snapshot.c.created_at < moment).limit(1)
    return connection.execute(query).first() is not None


def pins(connection: Connection, workflow_id: str) -> tuple[PinRow, ...]:
    """What is pinned in a draft, by node."""
    query = select(*columns(draft_pin, PinRow)).where(draft_pin.c.workflow_id == workflow_id)
    return records(PinRow, connection.execute(query.order_by(draft_pin.c.node_id)))


def pin(connection: Connection, row: PinRow) -> None:
    """Pin a result, in place of the one that was pinned for this node."""
    unpin(connection, row.workflow_id, (row.node_id,))
    names = PinRow.__slots__
    connection.execute(insert(draft_pin).values({name: getattr(row, name) for name in names}))


def unpin(connection: Connection, workflow_id: str, node_ids: tuple[str, ...] = ()) -> int:
    """Take pins away, of some nodes or all; how many there were."""
    query = delete(draft_pin).where(draft_pin.c.workflow_id == workflow_id)
    if node_ids:
        query = query.where(draft_pin.c.node_id.in_(node_ids))
    return int(connection.execute(query).rowcount)


def samples(connection: Connection, workflow_id: str) -> tuple[SampleRow, ...]:
    """The named payloads of a workflow, by name."""
    query = select(*columns(sample_payload, SampleRow)).where(sample_payload.c.workflow_id == workflow_id)
    return records(SampleRow, connection.execute(query.order_by(sample_payload.c.name)))


def save_sample(connection: Connection, row: SampleRow) -> None:
    """Store a named payload, in place of one of the same name."""
    drop_sample(connection, row.workflow_id, row.name)
    connection.execute(
        insert(sample_payload).values({name: getattr(row, name) for name in SampleRow.__slots__})
    )


def drop_sample(connection: Connection, workflow_id: str, name: str) -> bool:
    """Forget a named payload; False when there is none."""
    mine = sample_payload.c.workflow_id == workflow_id, sample_payload.c.name == name
    return bool(connection.execute(delete(sample_payload).where(*mine)).rowcount)
