"""A miniature of a graph for lists. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_WIDTH, _HEIGHT, _MARGIN = 240.0, 130.0, 60.0
_TALLEST = 330.0
_MOST = 80
_TURN = 20


@dataclass(frozen=True, slots=True)
class Sketch:
    """Boxes as (x, y, width, height), lines as SVG path data, and the SVG view box around them."""

    boxes: tuple[tuple[float, float, float, float], ...]
    lines: tuple[str, ...]
    view: str


def sketch(document: Mapping[str, Any]) -> Sketch | None:
    """The first nodes of a document and the links between them; None for an empty one."""
    nodes = document.get("nodes", [])[:_MOST]
    if not nodes:
        return None
    places = {node["id"]: _box(node) for node in nodes}
    pairs = {(link["from"][0], link["to"][0]) for link in document.get("links", [])}
    known = sorted(pair for pair in pairs if pair[0] in places and pair[1] in places)
    lines = tuple(_line(places[source], places[target]) for source, target in known)
    boxes = tuple(places.values())
    left, top = min(box[0] for box in boxes) - _MARGIN, min(box[1] for box in boxes) - _MARGIN
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    view = f"{left:g} {top:g} {right + _MARGIN - left:g} {bottom + _MARGIN - top:g}"
    return Sketch(boxes, lines, view)


def shape(document: Mapping[str, Any]) -> float:
    """Width over height of the cards of a graph with the room a canvas leaves around them; 1.6 when empty."""
    boxes = [_box(node) for node in document.get("nodes", [])]
    if not boxes:
        return 1.6
    wide = max(box[0] for box in boxes) - min(box[0] for box in boxes) + _WIDTH + 2 * _MARGIN
    tall = max(box[1] for box in boxes) - min(box[1] for box in boxes) + _TALLEST + 2 * _MARGIN
    return wide / tall


def _box(node: Mapping[str, Any]) -> tuple[float, float, float, float]:
    x, y = node.get("position") or (0, 0)
    width, height = node.get("size") or (_WIDTH, _HEIGHT)
    return float(x), float(y), float(width), float(height)


def _line(source: tuple[float, ...], target: tuple[float, ...]) -> str:
    x1, y1 = source[0] + source[2], source[1] + source[3] / 2
    x2, y2 = target[0], target[1] + target[3] / 2
    if x2 < x1:
        return f"M{x1:g} {y1:g}h{_TURN}V{_between(source, target):g}H{x2 - _TURN:g}V{y2:g}h{_TURN}"
    bend = max(abs(x2 - x1) / 2, 40)
    return f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"


def _between(source: tuple[float, ...], target: tuple[float, ...]) -> float:
    """The height at which a line back to the left passes: between the two boxes where there is room."""
    above, below = sorted((source, target), key=lambda box: box[1])
    gap = (above[1] + above[3] + below[1]) / 2
    return gap if gap < below[1] else below[1] + below[3] + _TURN
