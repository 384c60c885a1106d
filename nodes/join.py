"""Join (S74): branches that were parted come together again."""

from typing import Any, Literal

from pydantic import Field

from graphs import node
from graphs.node import Context, Node, Socket


class Settings(node.Settings):
    branches: int = Field(2, ge=2, le=20, description="How many branches come together.")
    take: Literal["first", "all"] = Field(
        "first", description="Pass on the first branch that gave something, or all of them as one list."
    )


class Inputs(node.Open):
    pass


class Outputs(node.Open):
    pass


class Join(Node[Settings, Inputs, Outputs]):
    """Go on with whatever branch was taken.

    Waits until each branch has given something or was cut, and runs when at least one gave something.
    The branches count in their order: `first` passes on the value of the first one that is not cut; `all`
    gives a list, to which a branch that gives a list adds its items.
    """

    kind = "join"
    title = "Join"
    group = "Flow"
    icon = "merge"

    @classmethod
    def inputs_for(cls, settings: Settings) -> tuple[Socket, ...]:
        """One optional input per branch."""
        return tuple(Socket(name, "Any", False, "A branch; it may be cut.") for name in _names(settings))

    @classmethod
    def outputs_for(cls, settings: Settings) -> tuple[Socket, ...]:
        """A single value of the first branch, or the list of all."""
        if settings.take == "first":
            return (Socket("value", "Any", False, "What the first branch gave that was not cut."),)
        return (Socket("values", "List[Any]", False, "What the branches gave, in their order."),)

    async def run(self, inputs: Inputs, context: Context) -> Outputs:
        given = inputs.model_extra or {}
        found = [given[name] for name in _names(self.settings) if name in given]
        if self.settings.take == "all":
            return Outputs(values=[item for value in found for item in _items(value)])
        # without any link there is nothing to pass on, and what follows is skipped
        return Outputs(value=found[0]) if found else Outputs()


def _names(settings: Settings) -> list[str]:
    return [f"branch_{number}" for number in range(1, settings.branches + 1)]


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
