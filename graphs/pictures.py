"""Settings that name a picture of the asset store, and whether the pictures are there. Pure."""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, Field

from graphs.document import Document
from graphs.problem import Problem
from graphs.resolved import Resolved

FORMAT = "asset"
PREFIX = "ast_"
PATTERN = r"^(ast_[0-9a-f]{32})?$"
# empty: none was chosen yet
PictureId = Annotated[str, Field(pattern=PATTERN, max_length=40, json_schema_extra={"format": FORMAT})]


@cache
def picture_fields(settings: type[BaseModel]) -> tuple[str, ...]:
    """The settings of a node type that hold the id of a picture."""
    return tuple(
        name for name, field in settings.model_fields.items() if _is_picture(field.json_schema_extra)
    )


def pictures_of(resolved: Resolved) -> list[tuple[str, str, str]]:
    """Node, setting and id of every picture that a graph's settings name; the id is empty where none is."""
    return [
        (node_id, name, str(getattr(node.settings, name)))
        for node_id, node in resolved.nodes.items()
        if node.settings is not None
        for name in picture_fields(type(node.settings))
    ]


def picture_ids(document: Document) -> Iterator[tuple[str, str]]:
    """Node and picture id, for all settings of a graph that look like one."""
    for node in document.nodes:
        for value in node.settings.values():
            if isinstance(value, str) and value.startswith(PREFIX):
                yield node.id, value


def missing_pictures(resolved: Resolved, known: Collection[str] | None) -> Iterator[Problem]:
    """Nodes without a picture, and nodes whose picture is not here; the latter only where that is known."""
    for node_id, name, found in pictures_of(resolved):
        where = f"settings.{name}"
        if not found:
            yield Problem("graph.bad_settings", node_id, where, f"node '{node_id}': {name} needs a picture")
        elif known is not None and found not in known:
            message = f"node '{node_id}': there is no picture '{found}' here; choose another one"
            yield Problem("graph.bad_settings", node_id, where, message)


def _is_picture(extra: Any) -> bool:
    return isinstance(extra, Mapping) and extra.get("format") == FORMAT
