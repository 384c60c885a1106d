"""Whether a value is one of a socket type, said so that people understand it. Pure."""

from functools import cache
from types import GenericAlias
from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from graphs import wording
from graphs.sockets import Value

_PLAIN: dict[str, Any] = {
    "Text": str,
    "Integer": int,
    "Number": float,
    "Boolean": bool,
    "Payload": dict[str, JsonValue],
    "Any": JsonValue,
}
_WORDS = {
    "Text": "a text",
    "Integer": "a whole number",
    "Number": "a number",
    "Boolean": "true or false",
    "Payload": "an object of fields",
    "Image": "a picture",
}


def wrong_value(kind: str, value: Any) -> str | None:
    """Why a JSON value cannot travel on a socket of this type; None when it can.

    A type that nobody here knows takes any value.
    """
    known = _adapter(kind)
    if known is None:
        return None
    try:
        known.validate_json(_json(value), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = wording.path_text(first["loc"])
        return f"must be {named(kind)}" + (f": {where} {_reason(first)}" if where else f": {_reason(first)}")
    return None


def named(kind: str) -> str:
    """A socket type in words: ``a list of pictures`` for ``List[Image]``."""
    if kind.startswith("List["):
        inner = kind[5:-1]
        return "a list, each item " + named(inner)
    return _WORDS.get(kind, f"a value of type {kind}")


def _reason(item: Any) -> str:
    text = str(item["msg"])
    return text[:1].lower() + text[1:]


def _json(value: Any) -> bytes:
    return TypeAdapter(Any).dump_json(value)


@cache
def _adapter(kind: str) -> TypeAdapter[Any] | None:
    found = _python(kind)
    return None if found is None else TypeAdapter(found)


def _python(kind: str) -> Any:
    if kind.startswith("List["):
        inner = _python(kind[5:-1])
        return None if inner is None else GenericAlias(list, (inner,))
    return _PLAIN.get(kind) or next((each for each in _values(Value) if each.__name__ == kind), None)


def _values(base: type[Value]) -> list[type[Value]]:
    return [found for each in base.__subclasses__() for found in (each, *_values(each))]
