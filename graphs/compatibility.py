"""Which output may be linked to which input, and what happens to the value on the way: one rule for all."""

from collections.abc import Iterable
from typing import Any, Literal

Conversion = Literal["", "text", "wrap", "text_wrap", "each_text", "listed"]

_ITEM_OF = {"": "wrap", "text": "text_wrap"}
_EACH_OF = {"": "", "text": "each_text"}


def conversion(output: str, target: str) -> Conversion | None:
    """How a value of one socket type becomes one of another; None when it cannot.

    Equal types and Any pass. Integer passes as Number, and both as Text. A single value passes into a list
    as its only item, a list into a list item by item. True and false are no text.
    """
    if target in {output, "Any"}:
        return ""
    inner = _item(target)
    if inner is not None:
        return _into_list(output, inner)
    if output == "Any" or (output, target) == ("Integer", "Number"):
        return ""
    return "text" if target == "Text" and output in {"Integer", "Number"} else None


def fits(output_type: str, input_type: str) -> bool:
    """Whether a link from an output of one type to an input of the other is allowed."""
    return conversion(output_type, input_type) is not None


def accepts(types: Iterable[str]) -> dict[str, list[str]]:
    """For each type as an input, the output types that may be linked to it, both sorted; for the canvas."""
    names = sorted(set(types))
    return {target: [output for output in names if fits(output, target)] for target in names}


def convert(value: Any, how: str) -> Any:
    """Apply a conversion."""
    if how == "text":
        return _text(value)
    if how == "wrap":
        return [value]
    if how == "text_wrap":
        return [_text(value)]
    if how == "each_text":
        return [_text(item) for item in value]
    if how == "listed":
        return value if isinstance(value, list | tuple) else [value]
    return value


def _item(kind: str) -> str | None:
    return kind[5:-1] if kind.startswith("List[") else None


def _into_list(output: str, inner: str) -> Conversion | None:
    if output == "Any":
        return "listed"
    item = _item(output)
    if item is None:
        return _known(_ITEM_OF, conversion(output, inner))
    return _known(_EACH_OF, conversion(item, inner))


def _known(table: dict[str, Any], how: Conversion | None) -> Conversion | None:
    return None if how is None else table.get(how)


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
