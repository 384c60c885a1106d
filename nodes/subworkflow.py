"""Sub-workflow (S74): a part that has a workflow of its own."""

from typing import Any

from pydantic import BaseModel, Field

from graphs import node
from graphs.errors import PermanentError
from graphs.node import Context, Node, Socket
from graphs.sockets import Image, Payload
from graphs.spawn import Call, Spawn
from nodes.calling import Name, Slug
from nodes.conditions import plain


class Settings(node.Settings):
    workflow: Slug = Field("", description="The workflow to run, by its slug.")
    version: int | None = Field(
        None, ge=1, description="A certain version of it; empty: the one that is published."
    )
    fields: tuple[Name, ...] = Field(
        (), max_length=100, description="Its trigger fields that are sent; each becomes an input."
    )


class Inputs(node.Open):
    pass


class Outputs(BaseModel):
    images: list[Image] = Field(description="The pictures it delivered.")
    result: Payload = Field(description="Its outputs, metadata and status, as its callback would say them.")
    passed: bool = Field(description="Whether all pictures passed its quality control.")
    credits: float = Field(description="What it cost, in credits.")


class Subworkflow(Node[Settings, Inputs, Outputs]):
    """Run another workflow and go on with what it delivers.

    The other workflow runs as a run of its own, with its own steps, for the same caller; this run waits for
    it, and cancelling this run cancels it. When it fails, this step fails with its reason. Workflows may
    call each other five levels deep, and none may call itself.
    """

    kind = "subworkflow"
    title = "Sub-workflow"
    group = "Flow"
    icon = "account_tree"
    weight = "slow"

    @classmethod
    def inputs_for(cls, settings: Settings) -> tuple[Socket, ...]:
        """One input per field that is sent."""
        return tuple(
            Socket(name, "Any", False, f"Field {name} of the workflow.")
            for name in dict.fromkeys(settings.fields)
        )

    @classmethod
    def call_for(cls, settings: Settings) -> Call:
        """The workflow that is called, with its fields."""
        return Call(settings.workflow, settings.version, frozenset(settings.fields))

    async def run(self, inputs: Inputs, context: Context) -> Outputs | Spawn:
        children = context.run.children
        if children is None:
            given: dict[str, Any] = inputs.model_extra or {}
            body = {name: plain(value) for name, value in given.items() if value is not None}
            return Spawn(self.call_for(self.settings), (body,))
        child = children[0]
        if child.status != "succeeded":
            raise PermanentError(child.error_code or "run.internal", child.error_description)
        return Outputs(
            images=list(child.images),
            result=child.result or {},
            passed=not child.quality_warning,
            credits=child.credit_cost,
        )
