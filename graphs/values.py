"""What flows along links while a run goes on: gathered before a node, taken off after it.

An output that was left unset does not fire. A node is skipped when a required input did not fire, or when
it has links and none of them fired; that is how branches are cut and joins go on (design §3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from graphs.compatibility import convert
from graphs.node import Json
from graphs.plan_parts import PlanNode

Outputs = Mapping[str, Mapping[str, Any]]
MISSING: Any = object()
_NO_OUTPUTS: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Unfired:
    """The node is skipped: these inputs did not fire."""

    sockets: tuple[str, ...]


def gather(node: PlanNode, outputs_by_node: Outputs) -> dict[str, Any] | Unfired:
    """The inputs of a node by socket, ready for its Inputs model; optional ones that did not fire are absent.

    Args:
        node: A node of a plan.
        outputs_by_node: Node id → its fired outputs by socket, as objects or as their JSON; a skipped node
            is absent or empty.
    """
    inputs: dict[str, Any] = {}
    for binding in node.inputs:
        value = outputs_by_node.get(binding.source_node, _NO_OUTPUTS).get(binding.source_socket, MISSING)
        if value is not MISSING:
            inputs[binding.socket] = convert(value, binding.convert) if binding.convert else value
        elif binding.required:
            return _unfired(node, outputs_by_node)
    return inputs if inputs or not node.inputs else _unfired(node, outputs_by_node)


def fired(outputs: BaseModel) -> dict[str, Any]:
    """The outputs a node has set, by socket, as objects."""
    # read from the dictionaries: a field called "json" or "copy" would find a method
    values = outputs.__dict__
    if outputs.__pydantic_extra__:
        values = {**values, **outputs.__pydantic_extra__}
    return {name: values[name] for name in outputs.__pydantic_fields_set__}


def fired_json(outputs: BaseModel) -> Json:
    """The outputs a node has set, by socket, as JSON for the step's row; ``gather`` takes it back."""
    return outputs.model_dump(mode="json", exclude_unset=True)


def written(outputs: BaseModel) -> str:
    """The text of ``fired_json``, past pydantic's work for options that nobody uses here.

    Raises:
        PydanticSerializationError: Something in there is no JSON.
    """
    return outputs.__pydantic_serializer__.to_json(outputs, exclude_unset=True).decode()


def _unfired(node: PlanNode, outputs_by_node: Outputs) -> Unfired:
    return Unfired(
        tuple(
            binding.socket
            for binding in node.inputs
            if binding.source_socket not in outputs_by_node.get(binding.source_node, _NO_OUTPUTS)
        )
    )
