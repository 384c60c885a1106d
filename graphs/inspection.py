"""What is unsafe to keep in a graph or to hand to a browser, found and named.

Refused: control characters, half surrogate pairs, numbers that are not finite, deep nesting, too much of it
all, and keys that JavaScript gives a meaning of its own.
"""

import math
import re
from typing import Any

from graphs.strictjson import MAX_DEPTH, Path, StrictJsonError

Trail = tuple["Trail", str | int] | None

_FORBIDDEN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_FORBIDDEN_KEYS = frozenset({"__proto__", "constructor", "prototype"})
_PLAIN = frozenset({int, bool, type(None)})
_CONTAINERS = frozenset({dict, list, tuple})


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
                raise StrictJsonError("malformed_json", fault, _path((trail, key)))


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
