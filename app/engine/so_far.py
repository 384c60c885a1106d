"""What a run that has not ended has cost until now: its row says so only at the end (S65)."""

from dataclasses import replace

from sqlalchemy import Connection

from app.engine import family
from app.store.runs import RunRow


def counted(connection: Connection, run: RunRow) -> RunRow:
    """The run with the credits of its steps, calls and ended child runs; one that has ended is as it is."""
    return replace(run, credit_cost=family.cost(connection, run.id)) if run.is_open else run
