"""What a settlement means for the budget of its run: pure (S65)."""

from dataclasses import replace

from app.engine.inherited import budget_of
from app.engine.money import MARK, Money, Terms
from app.engine.records import Settlement
from graphs.plan import Plan
from graphs.pricing import is_paid, micro


def with_money(settlement: Settlement, plan: Plan) -> Settlement:
    """The settlement with what it changes in the budget; as it was where the plan has none."""
    budget = budget_of(settlement.claimed.run, plan)
    if budget is None:
        return settlement
    terms = Terms.of(budget)
    over = tuple(
        (row.node_id, row.generation, micro(round(row.credits, 6)))
        for row in settlement.steps
        if is_paid(plan.node(row.node_id)) and row.status in {"succeeded", "skipped", "failed"}
    )
    again = _again(settlement, plan)
    money = Money(terms, over, again, ended=settlement.finish is not None)
    if again is None:
        return replace(settlement, money=money)
    detail = {**(settlement.detail or {}), MARK: terms.to_json((again[0],))}
    return replace(settlement, money=money, detail=detail)


def _again(settlement: Settlement, plan: Plan) -> tuple[str, int] | None:
    """The paid step that will be asked for once more; one whose job is on its way keeps its money."""
    detail = settlement.detail or {}
    node_id = detail.get("node")
    if settlement.state != "waiting" or settlement.wake_at is None or detail.get("state") is not None:
        return None
    if not isinstance(node_id, str) or not is_paid(plan.node(node_id)):
        return None
    return node_id, plan.generation(settlement.claimed.number)
