"""Rows of a file become runs, some at a time: the runs and the count of what is left are one write (S1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, update

from app.delivery.body import Failure
from app.engine.accept import accept
from app.engine.money import BudgetExhaustedError
from app.engine.records import NewRun, Started
from app.engine.reject import Refused, Rejections
from app.points import Point, reached
from app.store import bulk
from app.store.database import Dialect
from app.store.tables import batch, batch_row

_TAKE = (
    update(batch_row)
    .where(
        batch_row.c.batch_id == bindparam("key_batch"),
        batch_row.c.number == bindparam("key_number"),
    )
    .values(run_id=bindparam("new_run"))
)


@dataclass(frozen=True, slots=True)
class Portion:
    """The next rows of a file with their runs, in order; void when another process was faster.

    Attributes:
        seen: How many rows of the file had no run when these were read.
        refused: Why the file cannot go on; then there are no runs, and its other rows are given up.
    """

    batch_id: str
    seen: int
    numbers: tuple[int, ...]
    news: tuple[NewRun, ...]
    refused: str | None = None


class Rows:
    """The operation that turns rows into runs."""

    def __init__(self, dialect: Dialect) -> None:
        self._rejections = Rejections(dialect)

    def take(self, connection: Connection, items: Sequence[Portion]) -> list[list[str]]:
        """Store the runs of each portion; the ids of those that start."""
        return [self._take(connection, item) for item in items]

    def _take(self, connection: Connection, item: Portion) -> list[str]:
        if not _claim(connection, item):
            return []
        answers = accept(connection, item.news)
        runs = [self._run(connection, new, answer) for new, answer in zip(item.news, answers, strict=True)]
        taken = [
            {"key_batch": item.batch_id, "key_number": number, "new_run": run_id}
            for number, run_id in zip(item.numbers, runs, strict=True)
        ]
        bulk.many(connection, _TAKE, taken)
        reached(Point.ROWS_WRITTEN)
        return [each.run_id for each in answers if isinstance(each, Started)]

    def _run(self, connection: Connection, new: NewRun, answer: Started | Exception) -> str:
        """The run of a row; what the budget refuses stands in the history, for nobody waits for a 402."""
        if isinstance(answer, Started):
            return answer.run_id
        if not isinstance(answer, BudgetExhaustedError):
            raise answer
        over = Refused(new, Failure("trigger.budget_exhausted", answer.explanation))
        return self._rejections.reject(connection, [over])[0].run_id


def _claim(connection: Connection, item: Portion) -> bool:
    """Whether these rows are this process's to serve; counts them as served then."""
    mine = update(batch).where(batch.c.id == item.batch_id, batch.c.pending == item.seen)
    left = 0 if item.refused else item.seen - len(item.numbers)
    values = {"pending": left, "error": item.refused} if item.refused else {"pending": left}
    if connection.execute(mine.values(values)).rowcount != 1 or not item.news:
        return False
    free = select(func.count()).where(
        batch_row.c.batch_id == item.batch_id,
        batch_row.c.number.in_(item.numbers),
        batch_row.c.run_id.is_(None),
    )
    if connection.scalar(free) == len(item.numbers):
        return True
    # served and released again since they were read
    connection.execute(update(batch).where(batch.c.id == item.batch_id).values(pending=item.seen))
    return False
