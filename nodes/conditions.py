"""Comparing a value of a run with what a person typed: numbers as numbers, text as text."""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic_core import to_jsonable_python

from graphs.errors import PermanentError
from graphs.source import Source, SourceError


@dataclass(frozen=True, slots=True)
class Question:
    """One condition: how to compare, and with what."""

    how: str
    value: str = ""
    values: tuple[str, ...] = ()
    ignore_case: bool = True


def plain(value: Any) -> Any:
    """The value as JSON, whether it comes from a node before or from the history."""
    return value if isinstance(value, str | int | float | None) else to_jsonable_python(value)


def picked(value: Any, expression: str) -> Any:
    """A part of a value by JMESPath; the value itself without an expression.

    Raises:
        PermanentError: The expression does not fit the value.
    """
    if not expression:
        return value
    if not isinstance(value, dict | list):
        return None
    try:
        return _compiled(expression).find(value)  # type: ignore[arg-type]
    except SourceError as error:
        words = f"'{expression[:80]}' cannot be applied to the value: {error}"
        raise PermanentError("node.template_error", words, field="value") from error


def holds(question: Question, value: Any) -> bool:
    """Whether a value, as JSON, meets the condition; what cannot be compared does not."""
    return _HOW[question.how](question, value)


def in_words(how: str, value: str, values: tuple[str, ...]) -> str:
    """A condition as the end of a sentence that begins with the value."""
    if how == "one_of":
        return f"is one of {', '.join(values)[:200]}"
    words = {"equals": "is", "greater": "is greater than", "less": "is less than", "expression": "fits"}
    return "is empty" if how == "empty" else f"{words.get(how, how)} {value[:200]}"


def number(value: Any) -> float | None:
    """A number, or text that reads as one; true and false are none."""
    try:
        found = exact(value)
        return None if found is None else float(found)
    except OverflowError:
        return None


def exact(value: Any) -> int | float | None:
    """As ``number``, and a whole number with all its digits: ids are longer than a float is exact."""
    if isinstance(value, str):
        return _read(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) or math.isfinite(value) else None


def is_empty(value: Any) -> bool:
    """Nothing, blanks, an empty list or an empty object."""
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _same(typed: str, value: Any, ignore_case: bool) -> bool:
    if value is None or isinstance(value, dict | list):
        return False
    if isinstance(value, int | float) and not isinstance(value, bool):
        wanted = exact(typed)
        return wanted is not None and exact(value) == wanted
    return _folded(_text(value), ignore_case) == _folded(typed, ignore_case)


def _contains(question: Question, value: Any) -> bool:
    if isinstance(value, list):
        return any(_same(question.value, item, question.ignore_case) for item in value)
    if isinstance(value, dict):
        return any(_same(question.value, key, question.ignore_case) for key in value)
    if value is None:
        return False
    return _folded(question.value, question.ignore_case) in _folded(_text(value), question.ignore_case)


def _against(compare: Callable[[float, float], bool]) -> Callable[[Question, Any], bool]:
    def how(question: Question, value: Any) -> bool:
        found, typed = exact(value), exact(question.value)
        return found is not None and typed is not None and compare(found, typed)

    return how


def _read(text: str) -> int | float | None:
    # Python would take 1_000 too
    if "_" in text:
        return None
    with suppress(ValueError):
        return int(text)
    with suppress(ValueError):
        return found if math.isfinite(found := float(text)) else None
    return None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _folded(text: str, ignore_case: bool) -> str:
    return text.strip().casefold() if ignore_case else text


_HOW: dict[str, Callable[[Question, Any], bool]] = {
    "equals": lambda question, value: _same(question.value, value, question.ignore_case),
    "one_of": lambda question, value: any(
        _same(each, value, question.ignore_case) for each in question.values
    ),
    "contains": _contains,
    "greater": _against(lambda found, typed: found > typed),
    "less": _against(lambda found, typed: found < typed),
    "empty": lambda _, value: is_empty(value),
}


@lru_cache(maxsize=512)
def _compiled(expression: str) -> Source:
    return Source(expression)
