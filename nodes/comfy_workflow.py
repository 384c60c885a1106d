"""ComfyUI workflow: a workflow that was built there makes the pictures, fed by sockets."""

import hashlib
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from graphs import node
from graphs.comfy import filled, read
from graphs.errors import PermanentError
from graphs.node import Context, GenerationRequest, Node, Socket, Wait
from graphs.secrecy import PastedKey
from graphs.sockets import Image
from nodes import pasted_keys

Body = dict[str, JsonValue]
_HIDDEN: Body = {"format": "hidden"}


class Place(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$", max_length=64, description="Name of the socket.")
    node: str = Field(max_length=64, description="Id of the node in ComfyUI.")
    input: str = Field(max_length=100, description="Input of that node.")
    type: Literal["Text", "Integer", "Number", "Boolean", "Image"] = Field(
        "Text", description="What it takes."
    )


class Settings(node.Settings):
    provider: str = Field("comfyui", min_length=1, max_length=60, description="ComfyUI server.")
    model: str = Field("workflow", min_length=1, max_length=200, description="Its model; it sets the price.")
    sockets: tuple[Place, ...] = Field((), max_length=100, description="Inputs that became sockets.")
    new_seeds: bool = Field(True, description="Draw new seeds in each run, where no socket gives one.")
    workflow: dict[str, Body] = Field(
        default_factory=dict, description="The workflow in API format.", json_schema_extra=_HIDDEN
    )

    @field_validator("workflow")
    @classmethod
    def _readable(cls, found: dict[str, Body]) -> dict[str, Body]:
        return dict(read(found))


class Outputs(BaseModel):
    images: list[Image] = Field(description="The pictures, already in the asset store.")


class ComfyWorkflow(Node[Settings, node.Open, Outputs]):
    """Run a workflow of ComfyUI on a connected server.

    Drop a file that ComfyUI saved in API format on a canvas to make one. Sockets without a link keep what
    the workflow says; a picture is uploaded first.
    """

    kind = "comfy_workflow"
    title = "ComfyUI workflow"
    group = "Generate"
    icon = "hub"
    weight = "slow"
    private = frozenset({"provider"})

    @classmethod
    def inputs_for(cls, settings: Settings) -> tuple[Socket, ...]:
        """One socket per input that was chosen."""
        return tuple(Socket(each.name, each.type, False, f"Input {each.input}.") for each in settings.sockets)

    @classmethod
    def pasted_for(cls, settings: Settings) -> tuple[PastedKey, ...]:
        """Keys that nodes of ComfyUI were given."""
        return tuple(pasted_keys.in_workflow(settings.workflow))

    async def run(self, inputs: node.Open, context: Context) -> Outputs | Wait:
        settings, given, run = self.settings, inputs.model_extra or {}, context.run
        if not settings.workflow:
            raise PermanentError("node.input_missing", "The node has no workflow yet.", field="workflow")
        digest = hashlib.sha256(f"{run.job_id}|{run.node_id}|{run.generation}".encode()).digest()
        seed = int.from_bytes(digest[:4], "big") >> 1
        graph, pictures = filled(
            settings.workflow, settings.sockets, given, seed if settings.new_seeds else None
        )
        options: dict[str, Any] = {"workflow": graph, "pictures": pictures}
        words = [str(given.get(name) or "") for name in ("prompt", "negative")]
        result = await context.services.generate(
            GenerationRequest(
                settings.provider, settings.model, words[0], words[1], "", 0, 0, 1, seed, options
            )
        )
        return result if isinstance(result, Wait) else Outputs(images=list(result.images))
