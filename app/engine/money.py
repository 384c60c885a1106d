"""What a run's cost monitor says, and what an execution means for it: plain records (S65)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from graphs.node import Json
from graphs.plan import Budget
from graphs.pricing import micro

Mode = Literal["hold", "refuse", "alert_only"]
# under this name a stage carries that money has to be reserved before it is worked on
MARK = "budget"


@dataclass(frozen=True, slots=True)
class Terms:
    """The settings of a cost monitor; the limit is in micro-credits a day."""

    limit: int
    mode: Mode
    alert_at: tuple[float, ...]

    @classmethod
    def of(cls, budget: Budget) -> "Terms":
        mode: Any = budget.when_exhausted
        return cls(micro(budget.daily_credits), mode, budget.alert_at)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Terms":
        return cls(int(data["limit"]), data["mode"], tuple(data["alert_at"]))

    def to_json(self, nodes: tuple[str, ...] = ()) -> Json:
        """As a stage carries it; with nodes, only their money is asked for."""
        found: Json = {"limit": self.limit, "mode": self.mode, "alert_at": list(self.alert_at)}
        return {**found, "nodes": list(nodes)} if nodes else found


@dataclass(frozen=True, slots=True)
class Money:
    """What one execution means for a budget.

    Args:
        terms: The settings of the cost monitor.
        over: Steps that have ended: (node, generation, micro-credits they cost).
        back: The step that waits for another try, whose money is given back meanwhile.
        ended: Whether the run is over, and nothing of it may cost any more.
    """

    terms: Terms
    over: tuple[tuple[str, int, int], ...] = ()
    back: tuple[str, int] | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose money it is: one workflow and caller, whose days are those of the project's time zone."""

    scope: str
    org_id: str
    workflow_id: str
    workflow: str
    caller_id: str
    caller: str
    zone: str


class BudgetExhaustedError(Exception):
    """The caller's credits of the day are used up, and its workflow refuses what does not fit."""

    def __init__(self, explanation: str, until: float) -> None:
        super().__init__(explanation)
        self.explanation = explanation
        self.until = until
