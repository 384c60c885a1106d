"""The graph file: reading, writing and naming what is wrong with it (contract §8).

``parse`` answers for the form: types, ids, limits. What a graph means is judged by ``check``, so that a draft
with a duplicate id or a loose link can be opened and mended.
"""

import codecs
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
)

from graphs import wording
from graphs.errors import MalformedDocumentError
from graphs.inspection import inspect
from graphs.strictjson import StrictJsonError, read_value

FORMAT = "sakuga.graph/1"
MAX_NODES = 5_000
MAX_LINKS = 20_000
MAX_BYTES = 4 * 1024 * 1024
MAX_REMARKS = 1_000
MAX_BENDS = 50
# a year, in seconds
MAX_CACHE = 31_536_000
ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
SocketName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Coordinate = Annotated[float, Field(strict=True, ge=-1e7, le=1e7)]
Extent = Annotated[float, Field(strict=True, ge=0, le=1e5)]
Remark = dict[str, JsonValue]
# a change that takes a flag away says null
Flag = Annotated[bool, Field(strict=True), BeforeValidator(lambda given: given is not None and given)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)


class Cache(_Part):
    """Reuse earlier results of a node that are not older than so many seconds."""

    seconds: Annotated[int, Field(strict=True, ge=1, le=MAX_CACHE)]


class NodeSpec(_Part):
    """One node of a file; ``settings`` are checked by its node type, not here."""

    id: Id
    type: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    title: Annotated[str, StringConstraints(max_length=200)] = ""
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    position: tuple[Coordinate, Coordinate] = (0, 0)
    size: tuple[Extent, Extent] | None = None
    version: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1
    cache: Cache | None = None
    collapsed: Flag = False
    pinned: Flag = False


class Link(_Part):
    """From an output socket to an input socket, each as (node id, socket name).

    ``via`` are the points that the drawn line passes, in their order; they mean nothing to a run.
    """

    source: tuple[Id, SocketName] = Field(alias="from")
    target: tuple[Id, SocketName] = Field(alias="to")
    via: Annotated[tuple[tuple[Coordinate, Coordinate], ...], Field(max_length=MAX_BENDS)] = ()


class Document(_Part):
    """A graph as it is drawn and stored."""

    format: Literal["sakuga.graph/1"] = "sakuga.graph/1"
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    nodes: list[NodeSpec]
    links: list[Link] = Field(default_factory=list)
    groups: Annotated[list[Remark], Field(max_length=MAX_REMARKS)] = Field(default_factory=list)
    notes: Annotated[list[Remark], Field(max_length=MAX_REMARKS)] = Field(default_factory=list)
    # what pictures say of their making: see graphs.recipe
    recipe: Literal["on", "values", "off"] = "on"


def parse(data: str | bytes | Mapping[str, Any]) -> Document:
    """Read a graph file, or the JSON object of one.

    Raises:
        MalformedDocumentError: With node and field; every further error is in ``others``.
    """
    raw = _read(data)
    if not isinstance(raw, dict):
        raise MalformedDocumentError("a graph file is a JSON object")
    _refuse_oversize(raw)
    try:
        inspect(raw, max_chars=MAX_BYTES)
    except StrictJsonError as error:
        raise _malformed(raw, error.path or (), error.reason) from None
    _refuse_other_format(raw)
    try:
        return Document.model_validate(raw)
    except ValidationError as error:
        raise _first_of(raw, error) from None


def dump(doc: Document) -> str:
    """The file's text: sorted keys, one value per line; ``parse`` gives the same document back."""
    return json.dumps(to_json(doc), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def to_json(doc: Document) -> dict[str, Any]:
    """The JSON object of a document; what says nothing (no size, no bends, not pinned) is left out."""
    result = doc.model_dump(mode="json", by_alias=True)
    if doc.recipe == "on":
        del result["recipe"]
    for node in result["nodes"]:
        if node["size"] is None:
            del node["size"]
        if node["version"] == 1:
            del node["version"]
        if node["cache"] is None:
            del node["cache"]
        for flag in ("collapsed", "pinned"):
            if not node[flag]:
                del node[flag]
    for link in result["links"]:
        if not link["via"]:
            del link["via"]
    return result


def document_hash(doc: Document) -> str:
    """SHA-256 (hex) over what changes a run: ids, types, versions, settings, caches, links, in any order."""
    nodes = [
        [node.id, node.type, node.version, node.settings, *([node.cache.seconds] if node.cache else [])]
        for node in doc.nodes
    ]
    links = sorted([*link.source, *link.target] for link in doc.links)
    more = [] if doc.recipe == "on" else [doc.recipe]
    return hashlib.sha256(_canonical([sorted(nodes, key=_canonical), links, *more]).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _read(data: str | bytes | Mapping[str, Any]) -> Any:
    if isinstance(data, Mapping):
        return dict(data)
    if len(data) > MAX_BYTES or (isinstance(data, str) and _utf8_size(data) > MAX_BYTES):
        raise MalformedDocumentError(f"the file is larger than {MAX_BYTES} bytes", code="graph.too_large")
    try:
        # a file that an editor saved may begin with a mark
        return read_value(data.removeprefix(codecs.BOM_UTF8) if isinstance(data, bytes) else data)
    except StrictJsonError as error:
        if error.path is None or not isinstance(error.value, dict):
            raise MalformedDocumentError(f"the file {error.reason}") from None
        place = error.path[:-1] if error.code == "duplicate_key" else error.path
        raise _malformed(error.value, place, error.reason) from None


def _utf8_size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _refuse_oversize(raw: dict[str, Any]) -> None:
    for field, limit in (("nodes", MAX_NODES), ("links", MAX_LINKS)):
        found = raw.get(field)
        if isinstance(found, list) and len(found) > limit:
            reason = f"{field}: {len(found)} are too many; a graph holds at most {limit}"
            raise MalformedDocumentError(reason, field=field, code="graph.too_large")


def _refuse_other_format(raw: dict[str, Any]) -> None:
    if raw.get("format") != FORMAT:
        found = raw.get("format", "nothing")
        shown = found[:40] if isinstance(found, str) else type(found).__name__
        raise MalformedDocumentError(f'format must be "{FORMAT}"; this file says {shown}', field="format")


def _first_of(raw: dict[str, Any], error: ValidationError) -> MalformedDocumentError:
    found = [
        _malformed(raw, item["loc"], wording.explain({**item, "loc": ()}, None).removeprefix("it "))
        for item in error.errors(include_url=False)[:100]
    ]
    found[0].others = tuple(found[1:])
    return found[0]


def _malformed(raw: dict[str, Any], path: tuple[str | int, ...], reason: str) -> MalformedDocumentError:
    node_id, rest = _place(raw, path)
    field = wording.path_text(rest) or None
    where = " ".join(part for part in (f"node '{node_id}':" if node_id else "", field or "the file") if part)
    code = "graph.too_large" if reason.startswith("larger than") else "graph.malformed"
    return MalformedDocumentError(f"{where} {reason}", node_id=node_id, field=field, code=code)


def _place(raw: dict[str, Any], path: tuple[str | int, ...]) -> tuple[str | None, tuple[str | int, ...]]:
    """Node id and the path inside that node; no id when the place is outside a node or it has none."""
    nodes = raw.get("nodes")
    if path[:1] == ("nodes",) and len(path) > 1 and isinstance(nodes, list):
        node = nodes[int(path[1])]
        name = node.get("id") if isinstance(node, dict) else None
        if isinstance(name, str) and 0 < len(name) <= 64 and name.isprintable():
            return name, path[2:]
    return None, path
