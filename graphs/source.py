"""Where in a request body a field is found: a JMESPath expression, compiled once."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

MISSING: Any = object()
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_PROJECTIONS = {"projection", "value_projection", "filter_projection", "flatten"}
_RELATIVE_AFTER_FIRST = frozenset({"subexpression", "index_expression", "pipe"} | _PROJECTIONS)


class SourceError(Exception):
    """The expression cannot be applied to this body."""


class Source:
    """A compiled expression.

    Attributes:
        find: body → value; ``None`` when there is none. Raises SourceError.
        roots: Top-level keys it reads; None when it may read all.
        path: The keys to walk, when the expression is no more than that.

    Raises:
        ValueError: The expression cannot be read.
    """

    __slots__ = ("find", "path", "roots")

    def __init__(self, expression: str) -> None:
        self.path: tuple[str, ...] | None = None
        if _PLAIN.fullmatch(expression):
            self.path = tuple(expression.split("."))
            self.roots: frozenset[str] | None = frozenset(self.path[:1])
            self.find = _walker(self.path)
        else:
            compiled = _compile(expression)
            self.roots = _roots(compiled.parsed)
            self.find = _searcher(compiled)


def _compile(expression: str) -> Any:
    try:
        compiled = jmespath.compile(expression)
        _refuse_unknown_functions(compiled.parsed)
    except RecursionError:
        raise ValueError("source: the expression is nested too deeply") from None
    except JMESPathError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"source: not a JMESPath expression: {reason}") from None
    return compiled


def _refuse_unknown_functions(node: Mapping[str, Any]) -> None:
    if node["type"] == "function_expression" and node["value"] not in Functions.FUNCTION_TABLE:
        known = ", ".join(sorted(Functions.FUNCTION_TABLE))
        raise ValueError(f"source: no JMESPath function '{node['value']}'; there are: {known}")
    for child in node["children"]:
        if isinstance(child, Mapping):
            _refuse_unknown_functions(child)


def _walker(path: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Any]:
    def find(body: Mapping[str, Any]) -> Any:
        value: Any = body
        for depth, key in enumerate(path):
            if value is None:
                return None
            if not isinstance(value, dict):
                raise SourceError(f"{'.'.join(path[:depth])} in the body must be an object")
            value = value.get(key)
        return value

    return find


def _searcher(compiled: Any) -> Callable[[Mapping[str, Any]], Any]:
    def find(body: Mapping[str, Any]) -> Any:
        try:
            return compiled.search(body)
        except RecursionError:
            raise SourceError("the body is nested too deeply for the expression") from None
        except (JMESPathError, ArithmeticError, TypeError, ValueError):
            raise SourceError("the expression does not fit the values in the body") from None

    return find


def _roots(node: Mapping[str, Any]) -> frozenset[str] | None:
    """Top-level keys of an expression tree; None stands for the whole body."""
    kind = node["type"]
    if kind == "field":
        return frozenset({node["value"]})
    if kind in {"current", "identity"}:
        return None
    children = node["children"]
    if kind in _RELATIVE_AFTER_FIRST:
        return _roots(children[0])
    found = [_roots(child) for child in children if isinstance(child, Mapping)]
    if None in found:
        return None
    return frozenset().union(*(part for part in found if part is not None))
