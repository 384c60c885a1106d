"""What a settlement means for the money: of its run's budget, or of nobody's; pure (S61, S65)."""

from dataclasses import replace

from app.engine.inherited import budget_of
from app.engine.money import MARK, Money, Terms
from app.engine.records import Settlement, StepRow
from graphs.kinds import SPAWNING
from graphs.plan import Plan
from graphs.pricing import is_paid, micro

_OVER = frozenset({"succeeded", "skipped", "failed"})


def with_money(settlement: Settlement, plan: Plan) -> Settlement:
    """The settlement with what it changes in the budget, or with what it cost where the plan has none."""
    budget = budget_of(settlement.claimed.run, plan)
    if budget is None:
        return _with_costs(settlement, plan)
    terms = Terms.of(budget)
    over = tuple(
        _cost(row)
        for row in settlement.steps
        if row.status in _OVER and (is_paid(plan.node(row.node_id)) or _costs(row, plan))
    )
    again = _again(settlement, plan)
    money = Money(terms, over, again, ended=settlement.finish is not None)
    if again is None:
        return replace(settlement, money=money)
    detail = {**(settlement.detail or {}), MARK: terms.to_json((again[0],))}
    return replace(settlement, money=money, detail=detail)


def _with_costs(settlement: Settlement, plan: Plan) -> Settlement:
    costs = tuple(_cost(row) for row in settlement.steps if row.credits and _costs(row, plan))
    return replace(settlement, costs=costs) if costs else settlement


def _costs(row: StepRow, plan: Plan) -> bool:
    """Whether a step cost something itself: what runs it started cost is theirs."""
    return row.credits > 0 and row.status in _OVER and plan.node(row.node_id).kind not in SPAWNING


def _cost(row: StepRow) -> tuple[str, int, int]:
    return row.node_id, row.generation, micro(round(row.credits, 6))


def _again(settlement: Settlement, plan: Plan) -> tuple[str, int] | None:
    """The paid step that will be asked for once more; one whose job is on its way keeps its money."""
    detail = settlement.detail or {}
    node_id = detail.get("node")
    if settlement.state != "waiting" or settlement.wake_at is None or detail.get("state") is not None:
        return None
    if not isinstance(node_id, str) or not is_paid(plan.node(node_id)):
        return None
    return node_id, plan.generation(settlement.claimed.number)
