"""JSON read strictly: what two readers could read differently is refused (S4).

UTF-8 without a byte order mark, no key twice, finite numbers, no half surrogate pairs, at most 64 levels.
One reader serves triggers, requests and graph files.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]

MAX_DEPTH = 64

_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{\]}]', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_CONTAINERS = (dict, list)
_BOM = b"\xef\xbb\xbf"
_KEY_SHOWN = 80


class StrictJsonError(ValueError):
    """The text is not strict JSON.

    Attributes:
        code: The last part of the error code: malformed_json, not_an_object, duplicate_key or too_deep.
        reason: What is wrong, as the end of a sentence that begins with what was read ("the body …").
        path: Leads to the value at fault, None where it is not known; the root is empty.
        value: What could be read all the same, None where nothing could.
    """

    def __init__(self, code: str, reason: str, path: Path | None = None, value: Any = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.path = path
        self.value = value


class _DuplicateKeyError(ValueError):
    pass


class _Twice(dict[str, Any]):
    """An object in which a key came twice."""

    key = ""


def read_object(data: str | bytes) -> dict[str, Any]:
    """The object in a JSON text.

    Raises:
        StrictJsonError: With the code, the reason and, where known, the place.
    """
    value = read_value(data)
    if type(value) is not dict:
        raise StrictJsonError("not_an_object", f"must be a JSON object, not {_name(value)}", ())
    return value


def read_value(data: str | bytes) -> Any:
    """Any JSON value, as strictly.

    Raises:
        StrictJsonError: As `read_object`.
    """
    text = _decode(data) if isinstance(data, bytes) else data
    may_be_deep = text.count("[") + text.count("{") > MAX_DEPTH
    try:
        value = _DECODER.decode(text)
    except _DuplicateKeyError:
        raise _duplicate(text) from None
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        if may_be_deep and _opens_deep(text[: error.pos]):
            raise _too_deep() from None
        where = f"line {error.lineno}, column {error.colno}"
        raise StrictJsonError("malformed_json", f"is not JSON: {error.msg}, {where}") from None
    except ValueError as error:
        raise StrictJsonError("malformed_json", f"is not JSON: {_plain(error)}") from None
    if may_be_deep and _is_deep(value):
        raise _too_deep()
    if _SURROGATE.search(text):
        _check_surrogates(value)
    return value


def pointer(*parts: str | int) -> str:
    """A JSON Pointer (RFC 6901) from its parts; half a surrogate pair becomes a question mark."""
    return _safe("".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts))


def _decode(data: bytes) -> str:
    if data.startswith(_BOM):
        raise StrictJsonError("malformed_json", "begins with a byte order mark; send UTF-8 without one")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise StrictJsonError("malformed_json", f"is not UTF-8: byte {error.start}") from None


def _too_deep() -> StrictJsonError:
    return StrictJsonError("too_deep", f"is nested deeper than {MAX_DEPTH} levels")


def _is_deep(value: Any) -> bool:
    """Level by level, looking at containers only."""
    level = [value] if type(value) in _CONTAINERS else []
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if type(item) is dict else item)
            if type(child) in _CONTAINERS
        ]
    return bool(level)


def _opens_deep(text: str) -> bool:
    """Whether text that broke off was deeper than allowed by then."""
    depth = 0
    for match in _TOKENS.finditer(text):
        mark = match[0]
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif mark in "]}":
            depth -= 1
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _DuplicateKeyError
    return result


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:30]} is out of range")
    return value


def _constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_finite, parse_constant=_constant)


def _duplicate(text: str) -> StrictJsonError:
    """Read again, marking instead of stopping, to name the place."""
    value = json.loads(text, object_pairs_hook=_marked)
    for item, path in _walk(value):
        if isinstance(item, _Twice):
            reason = f"has the key '{item.key[:_KEY_SHOWN]}' twice in one object"
            return StrictJsonError("duplicate_key", _safe(reason), (*path, item.key), value)
    return StrictJsonError("duplicate_key", "has a key twice in one object")


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = _Twice(pairs)
    if len(result) == len(pairs):
        return dict(result)
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            result.key = key
            break
        seen.add(key)
    return result


def _check_surrogates(value: Any) -> None:
    for item, path in _walk(value):
        texts = list(item) if isinstance(item, dict) else [item] if isinstance(item, str) else []
        if not all(_is_whole(text) for text in texts):
            raise StrictJsonError("malformed_json", "holds half a surrogate pair", path, value)


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _walk(value: Any) -> Iterator[tuple[Any, tuple[str | int, ...]]]:
    stack: list[tuple[Any, tuple[str | int, ...]]] = [(value, ())]
    while stack:
        item, path = stack.pop()
        yield item, path
        if isinstance(item, dict):
            stack.extend((child, (*path, key)) for key, child in item.items())
        elif isinstance(item, list):
            stack.extend((child, (*path, index)) for index, child in enumerate(item))


def _safe(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _plain(error: Exception) -> str:
    return "a number has too many digits" if "digits" in str(error) else str(error)


def _name(value: Any) -> str:
    names = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "null")
