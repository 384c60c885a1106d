"""The node types there are: found, described, and asked for their sockets."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError

from graphs.annotations import model_sockets, socket_type
from graphs.errors import NodeDefinitionError, UnknownKindError
from graphs.node import Node, Socket

__all__ = ["AnyNode", "Catalogue", "Sockets", "discover", "socket_type"]

AnyNode = Node[Any, Any, Any]
Sockets = tuple[tuple[Socket, ...], tuple[Socket, ...]]


class Catalogue:
    """Node types by kind.

    Raises:
        NodeDefinitionError: Two types share a kind, or a socket's annotation has no socket type.
    """

    def __init__(self, types: Iterable[type[AnyNode]]) -> None:
        self._types: dict[str, type[AnyNode]] = {}
        for node_type in types:
            other = self._types.setdefault(node_type.kind, node_type)
            if other is not node_type:
                names = f"{other.__module__}.{other.__name__} and {node_type.__module__}.{node_type.__name__}"
                raise NodeDefinitionError(f"two node types are of kind '{node_type.kind}': {names}")
        self._static = {kind: _declared(node_type) for kind, node_type in self._types.items()}

    def __contains__(self, kind: object) -> bool:
        return kind in self._types

    def __iter__(self) -> Iterator[type[AnyNode]]:
        return iter(self._types.values())

    def kinds(self) -> list[str]:
        """All kinds, sorted."""
        return sorted(self._types)

    def get(self, kind: str) -> type[AnyNode]:
        """The node type of a kind.

        Raises:
            UnknownKindError: With the most similar kind there is.
        """
        found = self._types.get(kind)
        if found is None:
            similar = get_close_matches(kind[:100], self._types, n=1)
            raise UnknownKindError(kind, similar[0] if similar else None)
        return found

    def settings(self, kind: str, settings: Mapping[str, Any], version: int | None = None) -> BaseModel:
        """Settings of a saved node, lifted from an older version and validated.

        Raises:
            UnknownKindError: No such node type.
            pydantic.ValidationError: The settings are wrong.
        """
        node_type = self.get(kind)
        raw = dict(settings)
        if version is not None and version < node_type.version:
            raw = node_type.migrate(raw, version)
        return node_type.Settings.model_validate(raw)

    def sockets(self, kind: str, settings: BaseModel | Mapping[str, Any]) -> Sockets:
        """Input and output sockets of a node with these settings; raises as ``settings`` does."""
        node_type, (inputs, outputs) = self.get(kind), self._static[kind]
        if not _is_dynamic(node_type):
            return inputs, outputs
        ready = settings if isinstance(settings, BaseModel) else self.settings(kind, settings)
        own_inputs, own_outputs = node_type.inputs_for(ready), node_type.outputs_for(ready)
        return (
            inputs if own_inputs is None else tuple(own_inputs),
            outputs if own_outputs is None else tuple(own_outputs),
        )

    def declared(self, kind: str) -> Sockets | None:
        """Sockets that hold whatever the settings; None when they depend on them."""
        return None if _is_dynamic(self.get(kind)) else self._static[kind]

    def describe(self) -> list[dict[str, Any]]:
        """Every node type as JSON, by group and title: palette, sockets, forms and help."""
        ordered = sorted(self._types.values(), key=lambda each: (each.group, each.title, each.kind))
        return [self._description(node_type) for node_type in ordered]

    def _description(self, node_type: type[AnyNode]) -> dict[str, Any]:
        inputs, outputs = self._fresh_sockets(node_type)
        return {
            "type": node_type.kind,
            "title": node_type.title,
            "group": node_type.group,
            "icon": node_type.icon,
            "version": node_type.version,
            "weight": node_type.weight,
            "cacheable": node_type.cacheable,
            "description": _help(node_type),
            "inputs": [_socket_json(socket) for socket in inputs],
            "outputs": [_socket_json(socket) for socket in outputs],
            "settings_schema": node_type.Settings.model_json_schema(),
            "dynamic": _is_dynamic(node_type),
        }

    def _fresh_sockets(self, node_type: type[AnyNode]) -> Sockets:
        """Sockets of a node just dragged in; its settings may still be incomplete."""
        try:
            return self.sockets(node_type.kind, {})
        except ValidationError:
            return self._static[node_type.kind]


def discover(package: ModuleType) -> Catalogue:
    """The node types defined in the modules of a package; a module whose name starts with ``_`` holds none.

    Raises:
        NodeDefinitionError: A type is defined wrongly, or two share a kind.
    """
    found: list[type[AnyNode]] = []
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda each: each.name):
        if not info.name.startswith("_"):
            found.extend(_defined_in(importlib.import_module(f"{package.__name__}.{info.name}")))
    return Catalogue(found)


def _defined_in(module: ModuleType) -> list[type[AnyNode]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Node) and value.__module__ == module.__name__
    ]


def _declared(node_type: type[AnyNode]) -> Sockets:
    try:
        return model_sockets(node_type.Inputs, inputs=True), model_sockets(node_type.Outputs, inputs=False)
    except NodeDefinitionError as error:
        raise NodeDefinitionError(f"{node_type.__name__}: {error}") from None


def _is_dynamic(node_type: type[AnyNode]) -> bool:
    hooks = ("inputs_for", "outputs_for")
    return any(getattr(node_type, hook).__func__ is not getattr(Node, hook).__func__ for hook in hooks)


def _help(node_type: type[AnyNode]) -> str:
    return "\n".join(line.strip() for line in (node_type.__doc__ or "").strip().splitlines())


def _socket_json(socket: Socket) -> dict[str, Any]:
    return {
        "name": socket.name,
        "type": socket.type,
        "required": socket.required,
        "description": socket.description,
    }
