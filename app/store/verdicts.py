"""What people decided about the results of rows; every verdict about every run of a row is kept."""

from sqlalchemy import Connection, and_, delete, insert, select

from app import clock
from app.store.tables import batch_row, row_verdict, run

APPROVED, REJECTED = "approved", "rejected"
VERDICTS = (APPROVED, REJECTED)


def judge(  # noqa: PLR0917
    connection: Connection, batch_id: str, number: int, run_id: str, verdict: str | None, note: str, by: str
) -> None:
    """Store a verdict about a row's run in place of an earlier one; None takes it back."""
    mine = (
        row_verdict.c.batch_id == batch_id,
        row_verdict.c.number == number,
        row_verdict.c.run_id == run_id,
    )
    connection.execute(delete(row_verdict).where(*mine))
    if verdict is None:
        return
    values = {"batch_id": batch_id, "number": number, "run_id": run_id, "verdict": verdict, "note": note}
    connection.execute(insert(row_verdict).values(**values, decided_by=by, decided_at=clock.now()))


def counts(connection: Connection, batch_id: str) -> dict[str, int]:
    """How many rows are approved, rejected, and succeeded but not judged yet (``open``)."""
    query = (
        select(row_verdict.c.verdict)
        .select_from(batch_row)
        .join(run, run.c.id == batch_row.c.run_id)
        .outerjoin(
            row_verdict,
            and_(
                row_verdict.c.batch_id == batch_row.c.batch_id,
                row_verdict.c.number == batch_row.c.number,
                row_verdict.c.run_id == batch_row.c.run_id,
            ),
        )
        .where(batch_row.c.batch_id == batch_id, run.c.status == "succeeded")
    )
    found = {APPROVED: 0, REJECTED: 0, "open": 0}
    for verdict in connection.execute(query).scalars():
        found[verdict or "open"] += 1
    return found
