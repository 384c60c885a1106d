"""A graph out of a file that somebody brings: a graph file, or a picture that carries its recipe.

Everything here comes from outside and is bounded; a refusal says which node and field, and changes nothing.
"""

from dataclasses import dataclass
from typing import Any

from app.assets.imaging.embed import RecipeDamagedError, find, unpack
from graphs import document
from graphs.comfy import ComfyFormatError, is_comfy, read
from graphs.document import Document, parse
from graphs.errors import MalformedDocumentError
from graphs.recipe import FORMAT
from graphs.strictjson import StrictJsonError, read_value

MAX_BYTES = 32 * 1024 * 1024
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"RIFF", b"\xff\xd8\xff")
_MOST_FAULTS = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, and where; node and field are empty where it concerns the whole."""

    message: str
    node: str = ""
    field: str = ""


class FileRefusedError(ValueError):
    """A file cannot be opened; ``faults`` says why, the first one first."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Opened:
    """A graph from a file; ``recipe`` is what the picture says that it came in, without the graph."""

    document: Document
    recipe: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class OpenedComfy:
    """A workflow of ComfyUI in API format."""

    workflow: dict[str, dict[str, Any]]


def open_file(data: bytes) -> Opened | OpenedComfy:
    """The graph in a file of any name.

    Raises:
        FileRefusedError: There is none, or it cannot be read.
    """
    if len(data) > MAX_BYTES:
        raise FileRefusedError(Fault(f"The file is larger than {MAX_BYTES // 1024 // 1024} MiB."))
    if data.startswith(_PICTURES):
        return _from_picture(data)
    return _from_comfy(data) or Opened(_parsed(data))


def is_picture(data: bytes) -> bool:
    """Whether a file begins as the pictures do that are known here."""
    return data.startswith(_PICTURES)


def carries_recipe(data: bytes) -> bool:
    """Whether a picture has a recipe in it, readable or not."""
    try:
        return find(data) is not None
    except RecipeDamagedError:
        return True


def _from_comfy(data: bytes) -> OpenedComfy | None:
    """The workflow of a file that ComfyUI wrote; what is no JSON at all is told by others."""
    if len(data) > document.MAX_BYTES or (b'"class_type"' not in data and b'"last_node_id"' not in data):
        return None
    try:
        raw = read_value(data)
    except StrictJsonError:
        return None
    if not is_comfy(raw):
        return None
    try:
        return OpenedComfy(read(raw))
    except ComfyFormatError as error:
        raise FileRefusedError(Fault(str(error), error.node, error.field)) from error


def _from_picture(data: bytes) -> Opened:
    try:
        packed = find(data)
        text = unpack(packed) if packed is not None else None
    except RecipeDamagedError as error:
        raise FileRefusedError(Fault(f"The recipe in this picture cannot be read: {error}.")) from error
    if text is None:
        told = (
            "This picture carries no recipe. PNG and WebP pictures that Sakuga made do, unless switched off."
        )
        raise FileRefusedError(Fault(told))
    return _from_recipe(text)


def _from_recipe(text: bytes) -> Opened:
    try:
        recipe = read_value(text)
    except StrictJsonError as error:
        raise FileRefusedError(Fault(f"The recipe in this picture {error.reason}.")) from error
    if not isinstance(recipe, dict) or recipe.get("format") != FORMAT:
        raise FileRefusedError(Fault("The recipe in this picture is of a kind that is not known here."))
    graph = recipe.pop("graph", None)
    if not isinstance(graph, dict):
        raise FileRefusedError(Fault("The recipe in this picture has no graph in it."))
    return Opened(_parsed(graph), recipe)


def _parsed(data: bytes | dict[str, Any]) -> Document:
    try:
        return parse(data)
    except MalformedDocumentError as error:
        raise FileRefusedError(*map(_fault, (error, *error.others)[:_MOST_FAULTS])) from error


def _fault(error: MalformedDocumentError) -> Fault:
    reason = error.reason if hasattr(error, "reason") else str(error)
    return Fault(reason, error.node_id or "", error.field or "")
