"""Plain words for pydantic's findings, so that a person reads what would be right."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]

_KINDS = {
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
}
_UNITS = {"string": ("characters", "minLength", "maxLength"), "array": ("items", "minItems", "maxItems")}


def path_text(path: Iterable[str | int]) -> str:
    """``("fields", 0, "name")`` as ``fields[0].name``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def explain(error: ErrorDetails, schema: Mapping[str, Any] | None = None) -> str:
    """One pydantic error as ``<field> must be …``; the schema of the model tells both bounds of a range."""
    name = path_text(error["loc"]) or "it"
    rule = _KINDS.get(error["type"]) or _bounds(error, schema or {}) or _from_context(error)
    return f"{name} {rule}"


def _from_context(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if error["type"] in {"literal_error", "enum"}:
        return f"must be one of {context['expected']}"
    if error["type"] in {"value_error", "assertion_error"}:
        return f"is refused: {context['error']}"
    if error["type"] == "string_pattern_mismatch":
        return f"must match {context['pattern']}"
    return "is refused: " + error["msg"][:1].lower() + error["msg"][1:]


def _bounds(error: ErrorDetails, schema: Mapping[str, Any]) -> str | None:
    field = _resolve(schema, error["loc"])
    kind = error["type"]
    if kind.startswith(("greater_than", "less_than")):
        return _number_bounds({**_own_bound(error), **field})
    if kind.endswith(("too_short", "too_long")):
        return _length_bounds(error, field)
    return None


def _own_bound(error: ErrorDetails) -> dict[str, Any]:
    names = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
    return {names[key]: bound for key, bound in error.get("ctx", {}).items() if key in names}


def _number_bounds(field: Mapping[str, Any]) -> str:
    low, above = field.get("minimum"), field.get("exclusiveMinimum")
    high, below = field.get("maximum"), field.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f"must be between {low} and {high}"
    parts = [("at least", low), ("more than", above), ("at most", high), ("less than", below)]
    return "must be " + " and ".join(f"{words} {bound}" for words, bound in parts if bound is not None)


def _length_bounds(error: ErrorDetails, field: Mapping[str, Any]) -> str:
    text = error["type"].startswith("string")
    unit, least, most = _UNITS["string" if text else "array"]
    context = error.get("ctx", {})
    low, high = field.get(least, context.get("min_length")), field.get(most, context.get("max_length"))
    if low is not None and high is not None:
        return f"must have {low} to {high} {unit}"
    return f"must have at least {low} {unit}" if low is not None else f"must have at most {high} {unit}"


def _resolve(schema: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    node: Any = schema
    for part in path:
        node = _step(_follow(schema, node), part)
    return _follow(schema, node)


def _step(node: Mapping[str, Any], part: str | int) -> Any:
    if isinstance(part, str):
        return node.get("properties", {}).get(part, {})
    prefix = node.get("prefixItems", [])
    return prefix[part] if part < len(prefix) else node.get("items", {})


def _follow(schema: Mapping[str, Any], node: Any) -> Mapping[str, Any]:
    """Past references and ``X | None`` to the schema that carries the bounds."""
    while isinstance(node, Mapping):
        choices = [choice for choice in node.get("anyOf", ()) if choice.get("type") != "null"]
        if "$ref" in node:
            node = schema.get("$defs", {}).get(str(node["$ref"]).rpartition("/")[2], {})
        elif len(choices) == 1:
            node = choices[0]
        else:
            return node
    return {}
