"""The rules of one trigger field, compiled to functions: value → what is wrong with it, or None."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from graphs.fields import MAX_PATTERN_VALUE, FieldSpec, compile_pattern, has_type

Rule = Callable[[Any], "Finding | None"]

MAX_INTEGER = 2**63 - 1
MAX_DEPTH = 64
MAX_GUESSED = 100
_FORBIDDEN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says against a value."""

    code: str
    detail: str
    allowed: tuple[Any, ...] | None = None
    did_you_mean: str | None = None


def rules(field: FieldSpec) -> tuple[Rule, ...]:
    """Every rule of a field, the type first: the others may rely on it."""
    return (_type_rule(field), *_value_rules(field))


def _type_rule(field: FieldSpec) -> Rule:
    kind, expected = field.type, f"{field.name} must be {_NAMES[field.type]}"

    def rule(value: Any) -> Finding | None:
        return None if has_type(value, kind) else Finding("wrong_type", expected)

    return rule


def _value_rules(field: FieldSpec) -> Iterable[Rule]:
    if field.type == "string":
        yield _text_rule(field)
    elif field.type in {"object", "array"}:
        yield _nested_rule(field)
    elif field.type in {"integer", "number"}:
        yield _number_rule(field)
    if field.enum is not None:
        yield _enum_rule(field, field.enum)
    if field.min_length is not None or field.max_length is not None:
        yield _length_rule(field)
    if field.pattern is not None:
        yield _pattern_rule(field, field.pattern)


def _text_rule(field: FieldSpec) -> Rule:
    refused = Finding(
        "bad_format", f"{field.name} must not hold control characters other than tab and newline"
    )

    def rule(value: str) -> Finding | None:
        return refused if _FORBIDDEN_TEXT.search(value) else None

    return rule


def _nested_rule(field: FieldSpec) -> Rule:
    controls = _text_rule(field)
    deep = Finding("bad_format", f"{field.name} must not be nested deeper than {MAX_DEPTH} levels")

    def rule(value: Any) -> Finding | None:
        stack = [(value, 1)]
        while stack:
            item, depth = stack.pop()
            if depth > MAX_DEPTH:
                return deep
            if isinstance(item, str):
                if finding := controls(item):
                    return finding
            elif isinstance(item, dict):
                stack.extend((part, depth + 1) for pair in item.items() for part in pair)
            elif isinstance(item, list):
                stack.extend((part, depth + 1) for part in item)
        return None

    return rule


def _number_rule(field: FieldSpec) -> Rule:
    floor, ceiling = (-math.inf, math.inf) if field.type == "number" else (-MAX_INTEGER - 1, MAX_INTEGER)
    low = floor if field.minimum is None else field.minimum
    high = ceiling if field.maximum is None else field.maximum
    refused = Finding("out_of_range", f"{field.name} must be {_range_words(field)}")

    def rule(value: float) -> Finding | None:
        return None if low <= value <= high and -math.inf < value < math.inf else refused

    return rule


def _range_words(field: FieldSpec) -> str:
    if field.minimum is not None and field.maximum is not None:
        return f"between {field.minimum} and {field.maximum}"
    if field.minimum is not None:
        return f"at least {field.minimum}"
    return f"at most {field.maximum}" if field.maximum is not None else "a finite number of at most 64 bits"


def _enum_rule(field: FieldSpec, allowed: list[Any]) -> Rule:
    choices, words = frozenset(allowed), [str(value) for value in allowed]
    detail = f"{field.name} must be one of {', '.join(words[:20])}{' …' if len(words) > 20 else ''}"

    def rule(value: Any) -> Finding | None:
        if value in choices:
            return None
        return Finding("unknown_value", detail, tuple(allowed), _guess(value, words))

    return rule


def _guess(value: Any, words: list[str]) -> str | None:
    if not isinstance(value, str) or len(value) > MAX_GUESSED:
        return None
    folded = {word.casefold(): word for word in words if len(word) <= MAX_GUESSED}
    close = get_close_matches(value.strip().casefold(), folded, n=1)
    return folded[close[0]] if close else None


def _length_rule(field: FieldSpec) -> Rule:
    unit = "characters" if field.type == "string" else "items"
    low, high = field.min_length or 0, math.inf if field.max_length is None else field.max_length
    short = Finding("out_of_range", f"{field.name} must have at least {low} {unit}")
    long = Finding("too_long", f"{field.name} must have at most {high} {unit}")

    def rule(value: str | list[Any]) -> Finding | None:
        size = len(value)
        return long if size > high else short if size < low else None

    return rule


def _pattern_rule(field: FieldSpec, pattern: str) -> Rule:
    matcher = compile_pattern(pattern)
    long = Finding("too_long", f"{field.name} must have at most {MAX_PATTERN_VALUE} characters")
    refused = Finding("bad_format", f"{field.name} must match {pattern}")

    def rule(value: str) -> Finding | None:
        if len(value) > MAX_PATTERN_VALUE:
            return long
        return None if matcher.isinstance_python(value) else refused

    return rule
