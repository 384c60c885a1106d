"""The steps of one run by generation: those that hold, and those that a redo opened again (S45)."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.store.rows import columns, records
from app.store.runs import StepRow
from app.store.tables import run, step
from graphs.generations import Redoing, load, split


@dataclass(frozen=True, slots=True)
class History:
    """What a run did.

    Attributes:
        steps: The rows that hold, by position.
        earlier: Rows of generations that were opened again, oldest first.
        redos: Why they were, in order; empty for most runs.
    """

    steps: tuple[StepRow, ...]
    earlier: tuple[StepRow, ...] = ()
    redos: tuple[Redoing, ...] = ()


def history(connection: Connection, run_id: str) -> History:
    """The steps of a run; one query more only for a run that has redos."""
    query = select(*columns(step, StepRow)).where(step.c.run_id == run_id)
    rows = records(StepRow, connection.execute(query.order_by(step.c.position, step.c.node_id)))
    if not any(row.status == "redone" for row in rows):
        return History(rows)
    redos = load(connection.scalar(select(run.c.redos).where(run.c.id == run_id)))
    holding, earlier = split(rows, redos)
    ordered = sorted(holding.values(), key=lambda row: (row.position, row.node_id))
    return History(tuple(ordered), earlier, redos)


def steps(connection: Connection, run_id: str) -> tuple[StepRow, ...]:
    """The rows that hold, by position."""
    return history(connection, run_id).steps
