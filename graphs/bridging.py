"""Node types that stand between two sockets which do not fit, ready as soon as they are in. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from graphs.catalogue import Catalogue, Sockets
from graphs.compatibility import fits
from graphs.kinds import CIRCUIT_BREAKER, COST_MONITOR, DELIVERY, RATE_LIMITER, SPAWNING, TRIGGER
from graphs.node import Socket

_NEVER = frozenset({TRIGGER, RATE_LIMITER, CIRCUIT_BREAKER, COST_MONITOR, DELIVERY}) | SPAWNING


@dataclass(frozen=True, slots=True)
class Bridge:
    """A node type with the input that takes one type and the output that gives the other."""

    kind: str
    input: str
    output: str


def bridge(catalogue: Catalogue, output: str, target: str) -> Bridge | None:
    """The best node type that turns one type into another; None when none does so by itself."""
    found = [
        (score, kind, each)
        for kind in catalogue.kinds()
        if kind not in _NEVER and (each := _bridge(catalogue, kind, output, target))
        for score in [_score(catalogue, each, output, target)]
    ]
    return min(found, key=lambda each: each[:2])[2] if found else None


def _bridge(catalogue: Catalogue, kind: str, output: str, target: str) -> Bridge | None:
    inputs, outputs = _ready(catalogue, kind)
    into, out = _fitting(inputs, output, source=True), _fitting(outputs, target, source=False)
    if into is None or out is None or any(each.required and each is not into for each in inputs):
        return None
    return Bridge(kind, into.name, out.name)


def _ready(catalogue: Catalogue, kind: str) -> Sockets:
    try:
        return catalogue.sockets(kind, {})
    except (ValidationError, ValueError):
        return (), ()


def _fitting(sockets: Sequence[Socket], other: str, *, source: bool) -> Socket | None:
    """The socket that meets the other type best; what takes or gives anything is no converter."""
    known = [
        each
        for each in sockets
        if "Any" not in each.type and (fits(other, each.type) if source else fits(each.type, other))
    ]
    return min(known, key=lambda each: (each.type != other, not each.required), default=None)


def _score(catalogue: Catalogue, made: Bridge, output: str, target: str) -> int:
    inputs, outputs = _ready(catalogue, made.kind)
    exact_in = any(each.name == made.input and each.type == output for each in inputs)
    exact_out = any(each.name == made.output and each.type == target for each in outputs)
    return -(exact_in + exact_out)
