"""Map (S74): the same workflow once for each item of a list."""

from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator

from graphs import node
from graphs.errors import PermanentError
from graphs.node import Context, Node, Socket
from graphs.sockets import Image, Payload
from graphs.spawn import MAX_ITEMS, MAX_PARALLEL, Call, Spawn
from nodes.calling import Name, Slug
from nodes.conditions import plain

_LIST = "items"


class Settings(node.Settings):
    workflow: Slug = Field("", description="The workflow to run for each item, by its slug.")
    version: int | None = Field(
        None, ge=1, description="A certain version of it; empty: the one that is published."
    )
    item_field: str = Field(
        "",
        pattern="^([A-Za-z_][A-Za-z0-9_]*)?$",
        max_length=64,
        description="Its trigger field that gets the item; empty: each item is an object of fields.",
    )
    shared: tuple[Name, ...] = Field(
        (), max_length=100, description="Trigger fields that are the same for all; each becomes an input."
    )
    parallel: int = Field(5, ge=1, le=MAX_PARALLEL, description="Runs open at the same time at most.")
    on_failure: Literal["fail", "skip", "collect"] = Field(
        "fail",
        description="When an item fails: fail this step, skip the item, or collect its error as its result.",
    )

    @field_validator("shared")
    @classmethod
    def _no_clash(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if _LIST in names:
            raise ValueError("'items' is the input for the list itself")
        return names


class Inputs(node.Open):
    items: list[Any] = Field(description="The list; one run for each item, 1,000 at most.")


class Outputs(BaseModel):
    images: list[Image] = Field(description="What the runs delivered, in the order of the items.")
    results: list[Payload] = Field(description="One result for each item, in their order.")
    failed: int = Field(description="How many items failed.")
    credits: float = Field(description="What the runs cost together, in credits.")


class Map(Node[Settings, Inputs, Outputs]):
    """Run a workflow once for each item of a list.

    Each item is a run of its own, with its own steps, retries and limits, and only so many are open at the
    same time. Whatever order they end in, pictures and results stand in the order of the items. An empty
    list is fine and gives empty lists.
    """

    kind = "map"
    title = "Map"
    group = "Flow"
    icon = "dynamic_feed"
    weight = "slow"

    @classmethod
    def inputs_for(cls, settings: Settings) -> tuple[Socket, ...]:
        """The list, and one input per shared field."""
        words = Inputs.model_fields[_LIST].description or ""
        shared = (Socket(name, "Any", False, f"Field {name}.") for name in dict.fromkeys(settings.shared))
        return (Socket(_LIST, "List[Any]", True, words), *shared)

    @classmethod
    def call_for(cls, settings: Settings) -> Call:
        """The workflow that is called; objects may bring any field."""
        own = (settings.item_field,) if settings.item_field else ()
        fields = frozenset((*settings.shared, *own))
        return Call(settings.workflow, settings.version, fields, open=not own)

    async def run(self, inputs: Inputs, context: Context) -> Outputs | Spawn:
        settings = self.settings
        if len(inputs.items) > MAX_ITEMS:
            words = f"The list has {len(inputs.items)} items; a map takes {MAX_ITEMS} at most."
            raise PermanentError("trigger.out_of_range", words, field=_LIST)
        done = context.run.children if inputs.items else ()
        if done is None:
            bodies = self._bodies(inputs)
            return Spawn(self.call_for(settings), bodies, settings.parallel, settings.on_failure)
        good = [child for child in done if child.status == "succeeded"]
        told = good if settings.on_failure == "skip" else done
        return Outputs(
            images=[image for child in good for image in child.images],
            results=[child.result or {} for child in told],
            failed=len(done) - len(good),
            credits=sum(child.credit_cost for child in done),
        )

    def _bodies(self, inputs: Inputs) -> tuple[Payload, ...]:
        given = inputs.model_extra or {}
        shared = {name: plain(value) for name, value in given.items() if value is not None}
        return tuple(shared | self._own(place, plain(item)) for place, item in enumerate(inputs.items))

    def _own(self, place: int, item: Any) -> Payload:
        if self.settings.item_field:
            return {self.settings.item_field: item}
        if not isinstance(item, dict):
            words = f"Item {place + 1} is no object of fields; name the field that gets the item."
            raise PermanentError("trigger.wrong_type", words, field=_LIST)
        return item
