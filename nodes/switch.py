"""Switch (S74): one of several branches goes on, the others are cut."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from graphs import node
from graphs.node import Context, Node, Socket
from graphs.source import Source
from nodes.conditions import Question, exact, holds, in_words, picked, plain

ELSE = "else"
When = Literal["equals", "one_of", "contains", "greater", "less", "empty", "expression"]


class Case(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        "match",
        pattern="^[a-z][a-z0-9_]*$",
        max_length=60,
        description="Name of the output, in lowercase letters, digits and underscores.",
    )
    when: When = Field("equals", description="How the value is compared.")
    value: str = Field(
        "", max_length=400, description="What it is compared with; for expression, a JMESPath that is true."
    )
    values: tuple[str, ...] = Field((), max_length=200, description="The values of one_of.")

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.name == ELSE:
            raise ValueError("name: 'else' is the output for everything that no case takes")
        if self.when in {"greater", "less"} and exact(self.value) is None:
            raise ValueError(f"value: '{self.when}' compares numbers; '{self.value[:60]}' is none")
        if self.when == "one_of" and not self.values:
            raise ValueError("values: one_of needs at least one value")
        if self.when == "expression":
            Source(self.value or "!")
        return self


class Settings(node.Settings):
    pick: str = Field(
        "",
        max_length=400,
        description="JMESPath to the part that is compared, e.g. product.category; empty: the value itself.",
    )
    cases: tuple[Case, ...] = Field(
        (Case(),), max_length=50, description="Tried in this order; the first that holds is taken."
    )
    ignore_case: bool = Field(True, description="Compare text without regard to capitals and outer blanks.")

    @field_validator("pick")
    @classmethod
    def _readable(cls, text: str) -> str:
        if text:
            Source(text)
        return text

    @field_validator("cases")
    @classmethod
    def _unique(cls, cases: tuple[Case, ...]) -> tuple[Case, ...]:
        for name, count in Counter(case.name for case in cases).items():
            if count > 1:
                raise ValueError(f"two cases are called '{name}'; each is an output of its own")
        return cases


class Inputs(BaseModel):
    value: Any = Field(description="What is decided by: text, a number, a list or a whole payload.")
    through: Any = Field(None, description="What is passed on instead of the value, e.g. pictures.")


class Outputs(node.Open):
    pass


class Switch(Node[Settings, Inputs, Outputs]):
    """Decide which branch of the graph goes on.

    Each case is an output. The first case that holds passes the value on; the other outputs give nothing,
    and what hangs on them alone is skipped. When no case holds, `else` is taken. Branches come together
    again in a join.
    """

    kind = "switch"
    title = "Switch"
    group = "Flow"
    icon = "call_split"

    @classmethod
    def outputs_for(cls, settings: Settings) -> tuple[Socket, ...]:
        """One output per case, in their order, and the one for everything else."""
        return (*_sockets(settings), Socket(ELSE, "Any", False, "Taken when no case holds."))

    async def run(self, inputs: Inputs, context: Context) -> Outputs:
        whole = plain(inputs.value)
        part = picked(whole, self.settings.pick)
        taken = next((case.name for case in self.settings.cases if self._holds(case, part, whole)), ELSE)
        given = inputs.through if "through" in inputs.model_fields_set else inputs.value
        return Outputs(**{taken: given})

    def _holds(self, case: Case, part: Any, whole: Any) -> bool:
        if case.when == "expression":
            return bool(picked(whole, case.value))
        question = Question(case.when, case.value, case.values, self.settings.ignore_case)
        return holds(question, part)


def _sockets(settings: Settings) -> Iterator[Socket]:
    for case in settings.cases:
        words = in_words(case.when, case.value, case.values)
        yield Socket(case.name, "Any", False, f"Taken when the value {words}.")
