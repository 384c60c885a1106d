"""Shapes in unit space (the subject spans about -1 to 1, y points down), free of any pixel."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Kind = Literal["ellipse", "ring", "rounded", "polygon", "line"]

_STEPS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A filled outline, ring or line.

    `points` has shape (n, 2): two corners of the box for ellipse, ring and rounded, else the outline.
    `size` is the corner radius of rounded, the thickness of ring and line.
    """

    kind: Kind
    points: Points
    size: float = 0.0


def ellipse(x: float, y: float, radius_x: float, radius_y: float) -> Shape:
    return Shape("ellipse", _box(x - radius_x, y - radius_y, x + radius_x, y + radius_y))


def disc(radius: float) -> Shape:
    return ellipse(0, 0, radius, radius)


def ring(x: float, y: float, radius_x: float, radius_y: float, thickness: float) -> Shape:
    return Shape("ring", _box(x - radius_x, y - radius_y, x + radius_x, y + radius_y), thickness)


def rounded(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Shape:
    return Shape("rounded", _box(left, top, right, bottom), radius)


def polygon(points: object) -> Shape:
    return Shape("polygon", _points(points))


def smooth(points: object) -> Shape:
    """Return a closed outline running smoothly through the points."""
    return Shape("polygon", _through(_points(points), closed=True))


def line(points: object, thickness: float) -> Shape:
    return Shape("line", _points(points), thickness)


def curve(points: object, thickness: float) -> Shape:
    """Return an open line running smoothly through the points."""
    return Shape("line", _through(_points(points), closed=False), thickness)


def _box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, bottom)], np.float64)


def _points(points: object) -> Points:
    return np.asarray(points, np.float64).reshape(-1, 2)


def _through(knots: Points, *, closed: bool) -> Points:
    """Catmull-Rom spline through the knots."""
    if closed:
        ring_of = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        ring_of = np.concatenate([knots[:1], knots, knots[-1:]])
    t = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(ring_of, ring_of[1:], ring_of[2:], ring_of[3:], strict=False)
    ]
    return np.concatenate(pieces if closed else [*pieces, knots[-1:]])
