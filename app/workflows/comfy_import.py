"""A node, or a whole graph, from a workflow of ComfyUI and the inputs that somebody chose. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphs.comfy import SEEDS, Offer
from graphs.document import Document, parse

KIND = "comfy_workflow"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_TYPES = {"Text": "string", "Integer": "integer", "Number": "number", "Boolean": "boolean"}
_LONGEST = 4_000
_RESERVED = {"callback_url", "idempotency_key", "external_id", "project_id", "trigger"}
Picked = Sequence[tuple[Offer, str]]


class SocketNameError(ValueError):
    """A chosen input has a ``name`` that no socket can have; the text says what would be right."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name


def node_settings(workflow: Mapping[str, Any], picked: Picked, provider: str, model: str) -> dict[str, Any]:
    """The settings of a ComfyUI node.

    Raises:
        SocketNameError: A name is wrong, or used twice.
    """
    seen = set[str]()
    for _, name in picked:
        if not _NAME.fullmatch(name) or name in _RESERVED:
            raise SocketNameError(name, "letters, digits and _ only, not beginning with a digit")
        if name in seen:
            raise SocketNameError(name, "used twice")
        seen.add(name)
    sockets = [
        {"name": name, "node": offer.node, "input": offer.input, "type": offer.type} for offer, name in picked
    ]
    return {"provider": provider, "model": model, "sockets": sockets, "workflow": dict(workflow)}


def whole_graph(name: str, settings: Mapping[str, Any], picked: Picked) -> Document:
    """A graph that can be published: trigger fields for the chosen inputs, the node, the delivery."""
    given = [(offer, called) for offer, called in picked if offer.type in _TYPES]
    links = [{"from": ["input", called], "to": ["comfy", called]} for _, called in given]
    nodes = [
        _node("input", "webhook_input", (0, 60), {"fields": [_field(*each) for each in given]}),
        _node("comfy", KIND, (340, 0), dict(settings)),
        _node("delivery", "webhook_delivery", (680, 40), {}),
    ]
    links.append({"from": ["comfy", "images"], "to": ["delivery", "images"]})
    return parse({"format": "sakuga.graph/1", "name": name, "nodes": nodes, "links": links})


def _field(offer: Offer, name: str) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "type": _TYPES[offer.type]}
    if offer.type == "Text":
        field["max_length"] = _LONGEST
    if name == "prompt":
        return {**field, "required": True, "min_length": 1}
    # without a seed each run draws its own; a field's default fits its rules, as a value may not
    unfit = offer.input in SEEDS or (isinstance(offer.value, str) and len(offer.value) > _LONGEST)
    return field if unfit else {**field, "default": offer.value}


def _node(name: str, kind: str, position: tuple[int, int], settings: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "type": kind, "position": list(position), "settings": settings}
