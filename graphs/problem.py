"""What can be wrong with a readable graph."""

from dataclasses import dataclass
from typing import Literal

from graphs.errors import GraphError

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its ``graph.*`` code, the node and field at fault, and what would be right."""

    code: str
    node_id: str | None
    field: str | None
    message: str
    severity: Severity = "error"
    did_you_mean: str | None = None


class InvalidGraphError(GraphError):
    """A graph cannot be compiled; ``problems`` holds every error of it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems[:10]))
        self.problems = problems


def errors_in(problems: list[Problem]) -> list[Problem]:
    """Without the warnings: empty means that the graph can be published."""
    return [problem for problem in problems if problem.severity == "error"]
