"""A document with its node types looked up, settings validated and sockets known."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError

from graphs import wording
from graphs.catalogue import AnyNode, Catalogue
from graphs.document import Document, Link, NodeSpec
from graphs.errors import UnknownKindError
from graphs.kinds import TRIGGER
from graphs.node import Socket
from graphs.problem import Problem

SocketMap = dict[str, Socket]


@dataclass(frozen=True, slots=True)
class ResolvedNode:
    """A node of known type; ``inputs`` and ``outputs`` are None when its settings do not tell them."""

    spec: NodeSpec
    type: type[AnyNode]
    settings: BaseModel | None
    inputs: SocketMap | None
    outputs: SocketMap | None


@dataclass(slots=True)
class Resolved:
    """What looking up brought.

    Attributes:
        nodes: By id, the first of each id; nodes of unknown type and further triggers are absent.
        ids: All ids.
        problems: duplicate_id, unknown_node_type and bad_settings.
    """

    nodes: dict[str, ResolvedNode] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def resolve(doc: Document, catalogue: Catalogue) -> Resolved:
    """Look up every node of a document; of several triggers, the first."""
    result = Resolved()
    triggers = 0
    for spec in doc.nodes:
        if spec.id in result.ids:
            message = f"two nodes have the id '{spec.id}'; ids must be unique"
            result.problems.append(Problem("graph.duplicate_id", spec.id, "id", message))
            continue
        result.ids.add(spec.id)
        if spec.type != TRIGGER or not triggers:
            _add(spec, catalogue, result)
        triggers += spec.type == TRIGGER
    return result


def sound_links(doc: Document, resolved: Resolved) -> Iterator[Link]:
    """The links whose two nodes exist."""
    return (link for link in doc.links if link.source[0] in resolved.ids and link.target[0] in resolved.ids)


def _add(spec: NodeSpec, catalogue: Catalogue, result: Resolved) -> None:
    try:
        result.nodes[spec.id] = _resolved(spec, catalogue)
    except UnknownKindError as error:
        message = f"node '{spec.id}': {error}"
        result.problems.append(Problem("graph.unknown_node_type", spec.id, "type", message))
    except ValueError as error:
        result.problems.extend(_settings_problems(spec, error, catalogue.get(spec.type)))
        result.nodes[spec.id] = _half_resolved(spec, catalogue)


def _resolved(spec: NodeSpec, catalogue: Catalogue) -> ResolvedNode:
    settings = catalogue.settings(spec.type, spec.settings, spec.version)
    inputs, outputs = catalogue.sockets(spec.type, settings)
    return ResolvedNode(spec, catalogue.get(spec.type), settings, _by_name(inputs), _by_name(outputs))


def _settings_problems(spec: NodeSpec, error: ValueError, node_type: type[AnyNode]) -> Iterator[Problem]:
    if not isinstance(error, ValidationError):
        yield Problem("graph.bad_settings", spec.id, "settings", f"node '{spec.id}': {error}")
        return
    schema = node_type.Settings.model_json_schema()
    for item in error.errors(include_url=False)[:100]:
        field_path = wording.path_text(("settings", *item["loc"]))
        message = f"node '{spec.id}': {wording.explain(item, schema)}"
        yield Problem("graph.bad_settings", spec.id, field_path, message)


def _half_resolved(spec: NodeSpec, catalogue: Catalogue) -> ResolvedNode:
    node_type, declared = catalogue.get(spec.type), catalogue.declared(spec.type)
    if declared is None:
        return ResolvedNode(spec, node_type, None, None, None)
    return ResolvedNode(spec, node_type, None, _by_name(declared[0]), _by_name(declared[1]))


def _by_name(sockets: tuple[Socket, ...]) -> SocketMap:
    return {socket.name: socket for socket in sockets}
