"""Workflows of ComfyUI in API format: node id → ``{class_type, inputs}``. Pure.

A link is ``[node id, output number]``; everything else in ``inputs`` is a value. Which values are worth a
socket is guessed from what nodes are for: texts that a sampler takes, seeds, sizes, pictures.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

SocketType = Literal["Text", "Integer", "Number", "Boolean", "Image"]
Graph = Mapping[str, Mapping[str, Any]]
MAX_NODES = 500
_LONGEST_TEXT = 20_000
SEEDS = ("seed", "noise_seed")
_CHOSEN = {"seed": "seed", "noise_seed": "seed", "width": "width", "height": "height"}
_FILES = {"ckpt_name": "checkpoint", "unet_name": "model", "lora_name": "lora", "vae_name": "vae"}
_SAMPLING = ("steps", "cfg", "sampler_name", "scheduler", "denoise", "batch_size")
_NOT_A_NAME = re.compile(r"[^a-z0-9_]+")


class ComfyFormatError(ValueError):
    """A file is not in the API format; the text says what to do, ``node`` and ``field`` where it is wrong."""

    def __init__(self, message: str, node: str = "", field: str = "") -> None:
        super().__init__(message)
        self.node = node
        self.field = field


class Place(Protocol):
    """Where the value of a socket goes."""

    @property
    def name(self) -> str: ...
    @property
    def node(self) -> str: ...
    @property
    def input(self) -> str: ...
    @property
    def type(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A value of a node that can become a socket; `chosen` when most people want it."""

    node: str
    class_type: str
    input: str
    name: str
    type: SocketType
    value: Any
    chosen: bool


def is_comfy(raw: object) -> bool:
    """Whether an object looks like ComfyUI wrote it, in either of its formats."""
    if not isinstance(raw, Mapping) or "format" in raw:
        return False
    if isinstance(raw.get("nodes"), list) and ("last_node_id" in raw or "links" in raw):
        return True
    bodies = raw.get("prompt") if isinstance(raw.get("prompt"), Mapping) else raw
    return isinstance(bodies, Mapping) and any(
        isinstance(each, Mapping) and "class_type" in each for each in bodies.values()
    )


def read(raw: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The nodes of a file, checked; a request body with ``prompt`` around them is understood too.

    Raises:
        ComfyFormatError: The editor's own format, or a node that is none.
    """
    if isinstance(raw.get("nodes"), list):
        told = (
            "This is the editor's own format of ComfyUI. Export the workflow there with “Save (API Format)”."
        )
        raise ComfyFormatError(told, field="nodes")
    inner = raw.get("prompt")
    nodes = inner if isinstance(inner, Mapping) else raw
    if len(nodes) > MAX_NODES:
        raise ComfyFormatError(f"It has {len(nodes)} nodes; at most {MAX_NODES} are taken.")
    found = {str(name): _node(str(name), each) for name, each in nodes.items()}
    for name, each in found.items():
        for field, value in each["inputs"].items():
            if is_link(value) and str(value[0]) not in found:
                raise ComfyFormatError(f"The link leads to node {value[0]}, which is not there.", name, field)
    return found


def is_link(value: object) -> bool:
    """Whether the value of an input comes from another node."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[1], int)
        and not isinstance(value[1], bool)
    )


def offers(graph: Graph) -> list[Offer]:
    """What can become a socket, the likeliest first; names are unique."""
    found = sorted(_offers(graph), key=lambda each: not each.chosen)
    taken: dict[str, int] = {}
    return [_named(each, taken) for each in found]


def seeds(graph: Graph) -> list[tuple[str, str]]:
    """Where numbers that make each picture another one stand: (node, input)."""
    return [
        (name, field)
        for name, node in graph.items()
        for field, value in node["inputs"].items()
        if field in SEEDS and type(value) is int
    ]


def filled(
    graph: Graph, places: Iterable[Place], given: Mapping[str, Any], seed: int | None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The workflow with values in their places, and pictures to upload first.

    Args:
        graph: The workflow as it was imported; it is not changed.
        places: Where each value goes, by the name of its socket.
        given: Values by name; those that are missing leave what the workflow says.
        seed: Put where seeds stand, before the values; None leaves them.
    """
    made: dict[str, Any] = {name: {**body, "inputs": dict(body["inputs"])} for name, body in graph.items()}
    for node, field in seeds(graph) if seed is not None else ():
        made[node]["inputs"][field] = seed
    pictures = []
    for each in places:
        value = given.get(each.name)
        if value is None or each.node not in made:
            continue
        if each.type == "Image":
            pictures.append({"node": each.node, "input": each.input, **_picture(value)})
        else:
            made[each.node]["inputs"][each.input] = value
    return made, pictures


def _picture(value: Any) -> dict[str, Any]:
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, Mapping):
        return {"sha256": first.get("sha256"), "format": first.get("format")}
    return {"sha256": getattr(first, "sha256", None), "format": getattr(first, "format", None)}


def _node(name: str, body: object) -> dict[str, Any]:
    if not isinstance(body, Mapping) or not isinstance(body.get("class_type"), str):
        raise ComfyFormatError(
            "Each node needs a class_type. This is no workflow in API format.", name, "class_type"
        )
    inputs = body.get("inputs", {})
    if not isinstance(inputs, Mapping):
        raise ComfyFormatError("inputs must be an object.", name, "inputs")
    long = next(
        (key for key, each in inputs.items() if isinstance(each, str) and len(each) > _LONGEST_TEXT), None
    )
    if long is not None:
        raise ComfyFormatError(f"A text may have at most {_LONGEST_TEXT} characters.", name, str(long))
    return {"class_type": body["class_type"], "inputs": dict(inputs)}


def _offers(graph: Graph) -> Iterator[Offer]:
    roles = _roles(graph)
    for node, body in graph.items():
        kind = str(body["class_type"])
        for field, value in body["inputs"].items():
            kind_of = _type(kind, field, value)
            if kind_of is not None:
                name, chosen = _guess(kind, field, roles.get(node, ""))
                yield Offer(node, kind, field, name, kind_of, value, chosen)


def _type(kind: str, field: str, value: object) -> SocketType | None:
    if kind.startswith("LoadImage") and field == "image":
        return "Image"
    if isinstance(value, bool):
        return "Boolean"
    known: dict[type, SocketType] = {str: "Text", int: "Integer", float: "Number"}
    return known.get(type(value))


def _guess(kind: str, field: str, role: str) -> tuple[str, bool]:
    """Name of a socket, and whether it is wanted without asking."""
    if kind.startswith("LoadImage") and field == "image":
        return "image", True
    if field in {"text", "prompt", "text_g", "text_l"} and (role or "TextEncode" in kind):
        return role or "prompt", field != "text_l"
    if field in _CHOSEN:
        return _CHOSEN[field], field in SEEDS or "Latent" in kind
    if field in _FILES:
        return _FILES[field], False
    if field in _SAMPLING:
        return field, False
    return _NOT_A_NAME.sub("_", f"{kind}_{field}".lower()).strip("_")[:50] or "value", False


def _roles(graph: Graph) -> dict[str, str]:
    """Which texts a sampler takes as positive and which as negative, followed back through other nodes."""
    found: dict[str, str] = {}
    for body in graph.values():
        for field, name in (("negative", "negative"), ("positive", "prompt")):
            link = body["inputs"].get(field)
            if is_link(link):
                for node in _back(graph, str(link[0])):
                    found[node] = name
    return found


def _back(graph: Graph, start: str) -> set[str]:
    seen, waiting = set[str](), [start]
    while waiting:
        node = waiting.pop()
        if node in seen or node not in graph:
            continue
        seen.add(node)
        waiting += [
            str(value[0])
            for field, value in graph[node]["inputs"].items()
            if is_link(value) and field not in {"model", "clip", "vae", "positive", "negative", "image"}
        ]
    return seen


def _named(offer: Offer, taken: dict[str, int]) -> Offer:
    count = taken[offer.name] = taken.get(offer.name, 0) + 1
    if count == 1:
        return offer
    name = f"{offer.name}_{count}"
    return Offer(offer.node, offer.class_type, offer.input, name, offer.type, offer.value, offer.chosen)
