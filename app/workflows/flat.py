"""Business fields as people fill them in, one value each, and the request body they make together."""

import json
import math
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from graphs.fields import FieldSpec
from graphs.source import Source, SourceError
from graphs.strictjson import StrictJsonError, read_value

Json = dict[str, Any]
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


class CellError(ValueError):
    """A text is not of its field's type; says what would be right."""


def fillable(fields: tuple[FieldSpec, ...]) -> tuple[FieldSpec, ...]:
    """The fields that a single value can fill: their source is a plain path, not an expression."""
    return tuple(field for field in fields if Source(field.source or field.name).path is not None)


def body_of(fields: tuple[FieldSpec, ...], values: Mapping[str, Any]) -> Json:
    """The request body in which each field's source finds its value."""
    body: Json = {}
    for field in fields:
        path = Source(field.source or field.name).path
        if field.name not in values or path is None:
            continue
        place = body
        for key in path[:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                break
        else:
            place[path[-1]] = values[field.name]
    return body


def values_in(fields: tuple[FieldSpec, ...], body: Mapping[str, Any]) -> Json:
    """What each field's source finds in a body, by field name; fields that find nothing are absent."""
    found: Json = {}
    for field in fields:
        try:
            value = Source(field.source or field.name).find(body)
        except SourceError:
            continue
        if value is not None:
            found[field.name] = value
    return found


def body_with(fields: tuple[FieldSpec, ...], values: Mapping[str, Any], base: Mapping[str, Any]) -> Json:
    """A body like another one, in which each fillable field has its value of `values`, or none."""
    body: Json = deepcopy(dict(base))
    for field in fillable(fields):
        path = Source(field.source or field.name).path or ()
        place: Any = body
        for key in path[:-1]:
            place = place.setdefault(key, {}) if field.name in values else place.get(key)
            if not isinstance(place, dict):
                break
        else:
            if field.name in values:
                place[path[-1]] = values[field.name]
            else:
                place.pop(path[-1], None)
    return body


def typed(field: FieldSpec, text: str, *, comma: bool = False) -> Any:
    """The value of a text; None for an empty one, so that the field's default applies.

    Args:
        field: Whose type is wanted.
        text: As it was written.
        comma: Whether ``1,5`` may stand for 1.5, as in files that part their cells by semicolons.

    Raises:
        CellError
    """
    plain = text.strip()
    if plain == "":
        return None
    if field.type == "string":
        return text
    if field.type == "integer":
        if not _INTEGER.fullmatch(plain):
            raise CellError("must be a whole number, such as 12")
        return int(plain)
    if field.type == "number":
        return _number(plain, comma=comma)
    if field.type == "boolean":
        return _boolean(plain)
    return _structure(plain, field.type)


def _number(text: str, *, comma: bool) -> float | int:
    if _INTEGER.fullmatch(text):
        return int(text)
    if comma and _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise CellError("must be a number, such as 1.5")
    return float(text)


def _boolean(text: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise CellError("must be true or false (or yes, no, 1, 0)")


def _structure(text: str, kind: str) -> Any:
    wanted, example = (dict, {"key": "value"}) if kind == "object" else (list, ["one", "two"])
    try:
        value = read_value(text)
    except StrictJsonError as error:
        raise CellError(f"must be JSON, such as {json.dumps(example)}; this {error.reason}") from None
    if not isinstance(value, wanted):
        raise CellError(f"must be a JSON {kind}, such as {json.dumps(example)}")
    return value
