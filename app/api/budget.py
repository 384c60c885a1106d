"""The answer to a trigger that its caller's budget has no room for (contract §6)."""

import math

from app import clock
from app.api.problems import ProblemError
from app.engine.money import BudgetExhaustedError


def over_budget(error: BudgetExhaustedError) -> ProblemError:
    """402; Retry-After says when a new day begins (S65)."""
    seconds = max(1, math.ceil(error.until - clock.now()))
    return ProblemError("trigger.budget_exhausted", error.explanation, headers={"retry-after": str(seconds)})
