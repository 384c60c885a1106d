"""Between what people type and what settings hold. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from app.ui.forms.spec import FormField

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:\|[^{}]*)?\}\}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
REMOVE: Any = object()
# more steps than this are no longer met with a slider
_MOST_STEPS = 200


def shown(field: FormField, values: Mapping[str, Any]) -> Any:
    """What a field shows: its value, else its default."""
    return values.get(field.name, field.default)


def typed_number(field: FormField, raw: float | str | None) -> Any:
    """The number that was typed; ``REMOVE`` when the field is empty and falls back to its default."""
    if raw in (None, ""):
        return None if field.nullable else REMOVE
    number = float(raw or 0)
    return int(number) if number.is_integer() else number


def slider_step(field: FormField) -> float | None:
    """The step of a slider for a number; None when a bound is missing or they are too far apart to hit."""
    if field.minimum is None or field.maximum is None:
        return None
    step = 1 if field.kind == "integer" else 0.01
    return step if 0 < field.maximum - field.minimum <= _MOST_STEPS * step else None


def typed_text(field: FormField, raw: str | None) -> Any:
    """The text that was typed; empty is null where null is allowed."""
    return None if field.nullable and not raw else raw or ""


def to_text(value: Any) -> str:
    """Any JSON value as one editable line; a string stands for itself."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def to_value(raw: str | None, wanted: str | None = None) -> Any:
    """The JSON value of a line, as the wanted JSON type where that is possible; empty is null.

    A text that does not fit is kept as it was typed, so that the check can name what is wrong with it.
    """
    line = (raw or "").strip()
    if not line:
        return None
    if wanted == "string":
        return line
    if wanted in {"integer", "number"} or wanted is None:
        number = _number(line)
        if number is not None:
            return number
    if line in {"true", "false"}:
        return line == "true"
    return _structure(line)


def placeholders(template: str) -> tuple[str, ...]:
    """Names of the ``{{placeholders}}`` of a text, each once, in order."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(template)))


def with_entry(values: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """A copy with one entry set, or removed by ``REMOVE``."""
    changed = {key: each for key, each in values.items() if key != name or value is not REMOVE}
    return changed if value is REMOVE else {**changed, name: value}


def fresh_name(taken: Mapping[str, Any] | set[str], stem: str) -> str:
    """``stem``, or the first of ``stem_2``, ``stem_3`` … that is free."""
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def fresh_object(fields: tuple[FormField, ...]) -> dict[str, Any]:
    """A new entry: required fields filled with the most harmless value."""
    return {field.name: _harmless(field) for field in fields if field.required}


def _harmless(field: FormField) -> Any:
    if field.kind == "choice":
        return field.options[0]
    blanks: dict[str, Any] = {
        "switch": False,
        "list": [],
        "objects": [],
        "object": {},
        "map": {},
        "value": None,
    }
    if field.kind in {"integer", "number"}:
        return int(field.minimum or 0)
    return blanks.get(field.kind, "")


def _number(line: str) -> float | int | None:
    if not _NUMBER.fullmatch(line):
        return None
    return float(line) if any(mark in line for mark in ".eE") else int(line)


def _structure(line: str) -> Any:
    if line[0] not in '[{"':
        return line
    try:
        return json.loads(line)
    except ValueError:
        return line
