"""Socket types from pydantic annotations (design §3)."""

import types
from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue

from graphs.errors import NodeDefinitionError
from graphs.node import Socket

_NAMES: dict[Any, str] = {str: "Text", int: "Integer", float: "Number", bool: "Boolean", dict: "Payload"}
_LISTS = (list, tuple, Sequence)


def socket_type(annotation: Any) -> str:
    """The name of a socket type: ``str`` → ``Text``, ``list[Image]`` → ``List[Image]``, ``X | None`` → X.

    Raises:
        NodeDefinitionError: The annotation has no socket type.
    """
    if annotation is Any or annotation is JsonValue:
        return "Any"
    if isinstance(annotation, type) and annotation in _NAMES:
        return _NAMES[annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.__name__
    if isinstance(annotation, type) and issubclass(annotation, str | Enum):
        return "Text"
    return _generic_type(annotation)


def model_sockets(model: type[BaseModel], *, inputs: bool) -> tuple[Socket, ...]:
    """The sockets a model declares; outputs are never required."""
    found = []
    for name, field in model.model_fields.items():
        try:
            kind = socket_type(field.annotation)
        except NodeDefinitionError as error:
            raise NodeDefinitionError(f"{model.__qualname__}.{name}: {error}") from None
        found.append(Socket(name, kind, inputs and field.is_required(), field.description or ""))
    return tuple(found)


def _generic_type(annotation: Any) -> str:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return socket_type(args[0])
    if origin in {Union, types.UnionType}:
        return _union_type(annotation, args)
    if origin in _LISTS and args:
        return f"List[{socket_type(args[0])}]"
    if origin is dict:
        return "Payload"
    if origin is Literal:
        return _same([socket_type(type(value)) for value in args], annotation)
    raise NodeDefinitionError(f"{annotation!r} has no socket type")


def _union_type(annotation: Any, args: tuple[Any, ...]) -> str:
    return _same([socket_type(arg) for arg in args if arg is not types.NoneType], annotation)


def _same(kinds: list[str], annotation: Any) -> str:
    if len(set(kinds)) != 1:
        raise NodeDefinitionError(f"{annotation!r} has no single socket type")
    return kinds[0]
