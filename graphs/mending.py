"""Wrong settings of one node, mended: what is unknown is renamed or dropped, the rest reset. Pure."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from graphs import wording
from graphs.catalogue import Catalogue
from graphs.document import NodeSpec
from graphs.parts import Json, same

# a value for each type of a required setting without a default, the first that passes is taken
_PLAIN: tuple[Any, ...] = (0, 1, False, "", [], {})
Path = tuple[str | int, ...]


def mended(spec: NodeSpec, field: str, catalogue: Catalogue) -> Json | None:
    """Settings without the error at one field; None when nothing simple helps."""
    settings, model = dict(spec.settings), catalogue.get(spec.type).Settings
    item = _error_at(model, settings, field)
    if item is None:
        return None
    before = len(_errors(model, settings))
    for candidate in _candidates(settings, item, model):
        if len(_errors(model, candidate)) < before and not same(candidate, settings):
            return candidate
    return None


def _candidates(settings: Json, item: Any, model: type[BaseModel]) -> Iterator[Json]:
    path: Path = item["loc"]
    match item["type"]:
        case "extra_forbidden":
            yield from _renamed(settings, path, model)
            yield _without(settings, path)
        case "missing":
            for value in (*_choices(model, path), *_PLAIN):
                yield with_value(settings, path, value)
        case "literal_error" | "enum":
            close = get_close_matches(str(item["input"]), _choices(model, path), n=1)
            yield from (with_value(settings, path, each) for each in close)
    context = item.get("ctx") or {}
    for name in ("ge", "le", "gt", "lt"):
        if name in context:
            yield with_value(settings, path, context[name])
    if "max_length" in context and isinstance(item["input"], str | list):
        yield with_value(settings, path, item["input"][: context["max_length"]])
    yield _without(settings, path)
    if len(path) > 1:
        yield _without(settings, path[:1])


def _renamed(settings: Json, path: Path, model: type[BaseModel]) -> Iterator[Json]:
    """The unknown key under the most similar name that is free."""
    if len(path) != 1:
        return
    free = [name for name in model.model_fields if name not in settings]
    for close in get_close_matches(str(path[0]), free, n=1):
        yield {**_without(settings, path), close: settings[str(path[0])]}


def _choices(model: type[BaseModel], path: Path) -> list[str]:
    if len(path) != 1 or path[0] not in model.model_fields:
        return []
    shape = model.model_json_schema()["properties"].get(path[0], {})
    values = shape.get("enum") or [each for part in shape.get("anyOf", ()) for each in part.get("enum", ())]
    return [each for each in values if isinstance(each, str)]


def _errors(model: type[BaseModel], settings: Mapping[str, Any]) -> list[Any]:
    try:
        model.model_validate(settings)
    except ValidationError as error:
        return list(error.errors(include_url=False))
    except ValueError:
        return [None]
    return []


def _error_at(model: type[BaseModel], settings: Json, field: str) -> Any:
    found = (each for each in _errors(model, settings) if each is not None)
    return next((each for each in found if wording.path_text(("settings", *each["loc"])) == field), None)


def with_value(value: Any, path: Path, new: Any) -> Any:
    """A JSON value with something else at a path; where the path does not exist, as it was."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(value, dict) and (head in value or not rest):
        return {**value, head: with_value(value.get(head), rest, new)}
    if isinstance(value, list) and isinstance(head, int) and head < len(value):
        return [*value[:head], with_value(value[head], rest, new), *value[head + 1 :]]
    return value


def _without(value: Any, path: Path) -> Any:
    head, rest = path[0], path[1:]
    if isinstance(value, dict) and head in value:
        if not rest:
            return {name: each for name, each in value.items() if name != head}
        return {**value, head: _without(value[head], rest)}
    if isinstance(value, list) and isinstance(head, int) and head < len(value):
        inner = [_without(value[head], rest)] if rest else []
        return [*value[:head], *inner, *value[head + 1 :]]
    return value
