"""What an open breaker holds, grouped by content: reads only, the engine decides."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from app.store.tables import run, stage


@dataclass(frozen=True, slots=True)
class Group:
    """Held triggers of one content; `sample` is the payload of the first as JSON text, times are seconds."""

    content: str
    count: int
    first_at: float
    last_at: float
    run_id: str
    sample: str


def groups(connection: Connection, org_id: str, gate: str, limit: int = 100) -> tuple[Group, ...]:
    """The largest groups first."""
    held = (
        stage.c.gate == gate,
        stage.c.state == "waiting",
        stage.c.wake_at.is_(None),
        stage.c.fence == 0,
        run.c.org_id == org_id,
    )
    first, last = func.min(run.c.created_at), func.max(run.c.created_at)
    query = (
        select(run.c.input_version, func.count(), first, last, func.min(run.c.id))
        .join(stage, stage.c.run_id == run.c.id)
        .where(*held)
        .group_by(run.c.input_version)
        .order_by(func.count().desc(), run.c.input_version)
        .limit(limit)
    )
    found = connection.execute(query).all()
    payloads = select(run.c.id, run.c.trigger).where(run.c.id.in_([row[4] for row in found]))
    samples = {row.id: row.trigger for row in connection.execute(payloads)}
    return tuple(Group(row[0], row[1], row[2], row[3], row[4], samples[row[4]]) for row in found)
