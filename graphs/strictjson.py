"""Strict JSON: what two readers could understand differently is refused, and the place is named.

Refused: other encodings than UTF-8, duplicate keys, NaN and infinities (``1e9999`` too), half surrogate
pairs, control characters, deep nesting, and keys that JavaScript gives a meaning of its own.
"""

import json
import math
import re
from typing import Any

Path = tuple[str | int, ...]
Trail = tuple["Trail", str | int] | None

MAX_DEPTH = 64
_FORBIDDEN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_FORBIDDEN_KEYS = frozenset({"__proto__", "constructor", "prototype"})


class StrictJsonError(ValueError):
    """The text is not strict JSON; ``path`` leads to the value at fault, the root is empty."""

    def __init__(self, reason: str, path: Path = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path


class _Ambiguous(dict[str, Any]):
    """An object in which one key came twice."""

    key: str


_PLAIN = frozenset({int, bool, type(None)})
_CONTAINERS = frozenset({dict, list, tuple, _Ambiguous})


def read(data: str | bytes) -> Any:
    """The value in a JSON text, not yet inspected (see ``inspect``).

    Raises:
        StrictJsonError: It is not JSON, or not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        return json.loads(text, object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise StrictJsonError(f"not UTF-8: byte {error.start} cannot be read") from None
    except json.JSONDecodeError as error:
        raise StrictJsonError(f"not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise StrictJsonError(f"nested deeper than {MAX_DEPTH} levels") from None
    except ValueError:
        raise StrictJsonError("not JSON: a number has too many digits") from None


def inspect(value: Any, *, max_chars: int) -> None:
    """Walk a JSON value and refuse what is unsafe to keep or to hand to a browser.

    Raises:
        StrictJsonError: With the path of the first value at fault.
    """
    budget = max_chars
    stack: list[tuple[Any, Trail, int]] = [([value], None, 0)]
    while stack:
        container, trail, depth = stack.pop()
        budget -= len(container)
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, item in pairs:
            fault = _fault(item, depth)
            if fault is None and type(item) in _CONTAINERS:
                stack.append((item, (trail, key), depth + 1))
            elif type(item) is str:
                budget -= len(item)
            if budget < 0:
                fault = f"larger than {max_chars} characters"
            if fault is not None:
                raise StrictJsonError(fault, _path((trail, key)))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    seen: set[str] = set()
    ambiguous = _Ambiguous(result)
    ambiguous.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return ambiguous


def _fault(item: Any, depth: int) -> str | None:
    kind = type(item)
    if kind is str:
        return _text_fault(item)
    if kind is float:
        return None if math.isfinite(item) else "must be a finite number"
    if kind in _PLAIN:
        return None
    if kind in _CONTAINERS:
        return _object_fault(item, depth) if isinstance(item, dict) else _depth_fault(depth)
    return f"{kind.__name__} is not a JSON value"


def _text_fault(text: str) -> str | None:
    if _FORBIDDEN_TEXT.search(text):
        return "holds a control character or half a surrogate pair"
    return None


def _object_fault(item: dict[Any, Any], depth: int) -> str | None:
    if isinstance(item, _Ambiguous):
        return f"has the key '{item.key}' twice"
    for key in item:
        if not isinstance(key, str):
            return "has a key that is not a string"
        if key in _FORBIDDEN_KEYS:
            return f"has the key '{key}', which is not allowed"
        if _text_fault(key):
            return "has a key with a control character or half a surrogate pair"
    return _depth_fault(depth)


def _depth_fault(depth: int) -> str | None:
    return f"nested deeper than {MAX_DEPTH} levels" if depth >= MAX_DEPTH else None


def _path(trail: Trail) -> Path:
    parts: list[str | int] = []
    while trail is not None:
        trail, part = trail
        parts.append(part)
    return tuple(reversed(parts[:-1]))
