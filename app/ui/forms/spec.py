"""From a JSON Schema (pydantic's dialect) to a description of form fields. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.ui.words import title

Kind = Literal[
    "choice",
    "switch",
    "integer",
    "number",
    "text",
    "lines",
    "colour",
    "list",
    "objects",
    "object",
    "map",
    "value",
    "secret",
    "asset",
]
Schema = Mapping[str, Any]
LONG_TEXT = 400
_COLOUR_PATTERNS = ("^#[0-9a-f]{6}$", "^#[0-9a-fA-F]{6}$")
_DEPTH = 6


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    Attributes:
        kind: How it is edited; ``value`` is any JSON, typed as text.
        nullable: Whether empty means null.
        options: Values to choose from (``choice``).
        item: What an entry of a ``list`` or ``map`` is.
        fields: What an ``object``, or an entry of ``objects``, consists of.
        template: Whether ``{{placeholders}}`` make sense in it.
        pictured: Those of its options that have a picture; then all of them are shown as tiles.
        verbatim: Whether its options are somebody's own words, which are never translated.
        shelf: Where the names of a ``secret``, or the pictures of an ``asset``, come from.
    """

    name: str
    label: str
    kind: Kind
    help: str = ""
    required: bool = False
    nullable: bool = False
    default: Any = None
    options: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    template: bool = False
    pictured: frozenset[str] = frozenset()
    verbatim: bool = False
    item: "FormField | None" = None
    fields: tuple["FormField", ...] = field(default=())
    shelf: Any = field(default=None, compare=False, repr=False)


def form_fields(schema: Schema) -> tuple[FormField, ...]:
    """The fields of an object schema, in its order."""
    return _properties(schema, schema.get("$defs", {}), 0)


def _properties(schema: Schema, defs: Schema, depth: int) -> tuple[FormField, ...]:
    required = set(schema.get("required", ()))
    return tuple(
        _field(name, each, defs, depth, required=name in required)
        for name, each in schema.get("properties", {}).items()
        # what people do not edit by hand
        if each.get("format") != "hidden"
    )


def _field(name: str, raw: Schema, defs: Schema, depth: int, *, required: bool = False) -> FormField:
    schema, nullable = _resolved(raw, defs)
    kind = _kind(schema, defs, depth)
    help_text = str(raw.get("description") or schema.get("description") or "")
    return FormField(
        name=name,
        label=str(raw.get("label") or title(name)),
        kind=kind,
        help=help_text,
        required=required,
        nullable=nullable,
        default=raw.get("default", schema.get("default")),
        options=_options(schema),
        minimum=_bound(schema, "minimum", "exclusiveMinimum"),
        maximum=_bound(schema, "maximum", "exclusiveMaximum"),
        max_length=schema.get("maxLength"),
        template="{{" in help_text,
        item=_item(kind, schema, defs, depth),
        fields=_inner(kind, schema, defs, depth),
    )


def _resolved(raw: Schema, defs: Schema) -> tuple[dict[str, Any], bool]:
    """Follow references and take the null out of a union; several other members stay a union."""
    schema = dict(raw)
    if "$ref" in schema:
        target = defs.get(str(schema.pop("$ref")).rpartition("/")[2], {})
        schema = {**target, **schema}
    members = schema.get("anyOf") or schema.get("oneOf") or ()
    if not members:
        return schema, False
    others = [member for member in members if member.get("type") != "null"]
    nullable = len(others) < len(members)
    schema = {key: value for key, value in schema.items() if key not in {"anyOf", "oneOf"}}
    if len({_scalar(member) for member in others}) == 1:
        inner, _ = _resolved(others[0], defs)
        return {**inner, **schema}, nullable
    return schema, nullable


def _scalar(member: Schema) -> str:
    kind = str(member.get("type", member.get("$ref", "")))
    return "number" if kind == "integer" else kind


def _kind(schema: Schema, defs: Schema, depth: int) -> Kind:
    if "enum" in schema or "const" in schema:
        return "choice"
    simple: dict[str, Kind] = {"boolean": "switch", "integer": "integer", "number": "number"}
    kind = str(schema.get("type", ""))
    if kind == "string":
        return _text_kind(schema)
    return (
        _nested_kind(kind, schema, defs)
        if depth < _DEPTH and kind not in simple
        else simple.get(kind, "value")
    )


def _nested_kind(kind: str, schema: Schema, defs: Schema) -> Kind:
    if kind == "array":
        return _array_kind(schema, defs)
    if kind == "object":
        return "object" if schema.get("properties") else _map_kind(schema)
    return "value"


def _text_kind(schema: Schema) -> Kind:
    if schema.get("format") == "secret":
        return "secret"
    if schema.get("format") == "asset":
        return "asset"
    if schema.get("format") == "color" or schema.get("pattern") in _COLOUR_PATTERNS:
        return "colour"
    long = schema.get("format") in {"textarea", "multiline"} or (schema.get("maxLength") or 0) > LONG_TEXT
    return "lines" if long else "text"


def _array_kind(schema: Schema, defs: Schema) -> Kind:
    item, _ = _resolved(schema.get("items") or {}, defs)
    if item.get("type") == "object" and item.get("properties"):
        return "objects"
    return "list" if item.get("type") in {"string", "integer", "number"} else "value"


def _map_kind(schema: Schema) -> Kind:
    return "map" if isinstance(schema.get("additionalProperties"), Mapping) else "value"


def _options(schema: Schema) -> tuple[Any, ...]:
    return (
        tuple(schema["enum"]) if "enum" in schema else tuple([schema["const"]] if "const" in schema else ())
    )


def _bound(schema: Schema, inclusive: str, exclusive: str) -> float | None:
    value = schema.get(inclusive, schema.get(exclusive))
    return None if value is None else float(value)


def _item(kind: Kind, schema: Schema, defs: Schema, depth: int) -> FormField | None:
    if kind == "list":
        return _field("", schema.get("items") or {}, defs, depth + 1)
    if kind == "map":
        return _field("", schema["additionalProperties"], defs, depth + 1)
    return None


def _inner(kind: Kind, schema: Schema, defs: Schema, depth: int) -> tuple[FormField, ...]:
    if kind == "object":
        return _properties(schema, defs, depth + 1)
    if kind == "objects":
        item, _ = _resolved(schema.get("items") or {}, defs)
        return _properties(item, defs, depth + 1)
    return ()
