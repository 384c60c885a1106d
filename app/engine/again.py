"""What the next generation of a run's steps will cost: owed before any of them starts (S45, S65)."""

from collections.abc import Collection

from sqlalchemy import Connection, insert

from app.engine.budget import NOT_YET
from app.engine.inherited import account_of, budget_of
from app.engine.money import MARK, Terms
from app.engine.prices import prices
from app.engine.records import RunRow
from app.store.tables import reservation
from graphs.node import Json
from graphs.plan import Plan
from graphs.pricing import estimate, micro


def owe_again(
    connection: Connection, run_: RunRow, plan: Plan, generation: int, nodes: Collection[str]
) -> Json | None:
    """Write down what these nodes cost in their next generation.

    Returns:
        The mark for the stage that opens: its claim reserves the money, or holds the run. None where the
        run has no budget, or nothing of it is paid again.
    """
    budget = budget_of(run_, plan)
    if budget is None:
        return None
    kept = {node.id for node in plan.nodes if node.id not in nodes}
    found = estimate(plan, run_.inputs, prices(connection, run_.org_id), kept)
    amounts = dict(found.nodes)
    if found.unknown and budget.credits_per_run is not None:
        amounts[found.unknown[0]] = max(0, micro(budget.credits_per_run) - found.total)
    if not amounts:
        return None
    known = {"run_id": run_.id, "scope": account_of(run_, plan), "day": NOT_YET}
    rows = [
        {**known, "node_id": node, "generation": generation, "amount": amount}
        for node, amount in amounts.items()
    ]
    connection.execute(insert(reservation), rows)
    return {MARK: Terms.of(budget).to_json(tuple(amounts))}
