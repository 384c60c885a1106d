"""The body of a trigger as JSON Schema, for OpenAPI 3.1 documents and forms."""

from typing import Any

from graphs.fields import MAX_PATTERN_VALUE, FieldSpec
from graphs.source import Source

Schema = dict[str, Any]

_LENGTHS = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems")}


def trigger_schema(fields: tuple[FieldSpec, ...]) -> Schema:
    """An object schema; a field with a dotted source sits where the source finds it.

    A field whose source is more than a path is listed under ``x-computed`` with its expression.
    """
    root: Schema = {"type": "object", "properties": {}, "additionalProperties": True}
    computed: dict[str, Schema] = {}
    for field in fields:
        path = Source(field.source or field.name).path
        if path is None:
            computed[field.name] = {**field_schema(field), "x-source": field.source}
        else:
            _place(root, path, field)
    for name, schema in _reserved().items():
        root["properties"].setdefault(name, schema)
    return {**root, "x-computed": computed} if computed else root


def field_schema(field: FieldSpec) -> Schema:
    """The schema of one field's value; an optional field may be null."""
    optional = not _demanded(field)
    schema: Schema = {"type": [field.type, "null"] if optional else field.type}
    if field.description:
        schema["description"] = field.description
    if field.enum is not None:
        schema["enum"] = [*field.enum, None] if optional else list(field.enum)
    if field.default is not None:
        schema["default"] = field.default
    least, most = _LENGTHS.get(field.type, ("", ""))
    longest = field.max_length
    if field.pattern is not None and longest is None:
        longest = MAX_PATTERN_VALUE
    bounds = {
        least: field.min_length,
        most: longest,
        "pattern": field.pattern,
        "minimum": field.minimum,
        "maximum": field.maximum,
    }
    schema.update({name: bound for name, bound in bounds.items() if bound is not None})
    return schema


def _demanded(field: FieldSpec) -> bool:
    return field.required and field.default is None


def _place(root: Schema, path: tuple[str, ...], field: FieldSpec) -> None:
    parent = root
    for key in path[:-1]:
        if _demanded(field):
            _require(parent, key)
        parent = parent["properties"].setdefault(key, {})
        parent.setdefault("type", ["object", "null"])
        parent.setdefault("properties", {})
        if _demanded(field):
            parent["type"] = "object"
    if _demanded(field):
        _require(parent, path[-1])
    parent["properties"][path[-1]] = {**parent["properties"].get(path[-1], {}), **field_schema(field)}


def _require(parent: Schema, key: str) -> None:
    required = parent.setdefault("required", [])
    if key not in required:
        required.append(key)


def _reserved() -> dict[str, Schema]:
    text: Schema = {"type": ["string", "null"]}
    return {
        "callback_url": {**text, "format": "uri", "description": "Where the result is POSTed."},
        "idempotency_key": {
            **text,
            "minLength": 1,
            "maxLength": 255,
            "description": "The same key and payload start one run only.",
        },
        "external_id": {**text, "description": "The caller's own id, given back unchanged."},
        "project_id": {**text, "description": "The project the run belongs to."},
    }
