"""Runs that end because their budget is used up and their workflow does not wait."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, insert, select

from app.delivery.body import Failure, error, failed
from app.engine.ending import facts_of
from app.engine.finish import close_stages, delivery_values, finish_runs
from app.engine.records import Finish, RunRow
from app.store.audit import Actor, write
from app.store.database import Dialect
from app.store.tables import delivery, step


def over_budget(
    connection: Connection, dialect: Dialect, found: Sequence[RunRow], reasons: Mapping[str, str], now: float
) -> None:
    """Fail these open runs with run.budget_stopped, for their reasons, and tell their callers."""
    if not found:
        return
    costs = _costs(connection, [each.id for each in found])
    endings = [(each, _ending(each, reasons[each.id], now, costs.get(each.id, 0.0))) for each in found]
    finish_runs(connection, dialect, endings, now)
    close_stages(connection, [each.id for each in found])
    for each in found:
        write(connection, Actor(each.org_id, "system"), "run.budget_stop", each.id)
    letters = [delivery_values(each, end, now) for each, end in endings if each.callback_url]
    if letters:
        connection.execute(insert(delivery), letters)


def _costs(connection: Connection, ids: Sequence[str]) -> dict[str, float]:
    query = select(step.c.run_id, func.sum(step.c.credits)).where(step.c.run_id.in_(ids))
    return {run_id: float(cost) for run_id, cost in connection.execute(query.group_by(step.c.run_id))}


def _ending(found: RunRow, explanation: str, now: float, cost: float) -> Finish:
    failure = Failure("run.budget_stopped", explanation)
    body = failed(facts_of(found, now, cost, 1), failure)
    return Finish("failed", "job.failed", body, cost, error_code=failure.error_code, error=error(failure))
