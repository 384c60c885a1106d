"""Press a shape into an antialiased mask, cut to the pixels it touches."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.providers.procedural.shapes import Shape

Field = NDArray[np.float32]
Area = tuple[slice, slice]
Spot = tuple[float, float]

_OVERSAMPLE = 2


class Stamp(NamedTuple):
    """A mask of values 0 to 1 and the rows and columns of the picture it covers."""

    area: Area
    mask: Field


def press(shape: Shape, frame: tuple[int, int], at: Spot, scale: float, margin: float = 0.0) -> Stamp:
    """Return the shape as a mask.

    Frame is (width, height) in pixels, `at` the pixel of the shape's origin, `scale` pixels per unit,
    `margin` extra empty pixels around it (for shadows and bleeding).
    """
    points = shape.points * scale + at
    reach = (shape.size * scale if shape.kind == "line" else 0) + 3 + margin
    left, top = np.maximum(np.floor(points.min(0) - reach), 0).astype(int)
    right, bottom = np.minimum(np.ceil(points.max(0) + reach), frame).astype(int)
    if right <= left or bottom <= top:
        return Stamp((slice(0, 0), slice(0, 0)), np.zeros((0, 0), np.float32))
    sheet = Image.new("L", ((right - left) * _OVERSAMPLE, (bottom - top) * _OVERSAMPLE))
    _draw(ImageDraw.Draw(sheet), shape, (points - (left, top)) * _OVERSAMPLE, scale * _OVERSAMPLE)
    mask = np.asarray(sheet.reduce(_OVERSAMPLE), np.float32) / np.float32(255)
    return Stamp((slice(int(top), int(bottom)), slice(int(left), int(right))), mask)


def _draw(pen: ImageDraw.ImageDraw, shape: Shape, points: NDArray[np.float64], scale: float) -> None:
    flat = [float(number) for number in points.ravel()]
    thickness = max(2, int(shape.size * scale))
    match shape.kind:
        case "ellipse":
            pen.ellipse(flat, fill=255)
        case "ring":
            pen.ellipse(flat, outline=255, width=thickness)
        case "rounded":
            pen.rounded_rectangle(flat, shape.size * scale, fill=255)
        case "line":
            pen.line(flat, fill=255, width=thickness, joint="curve")
        case "polygon":
            pen.polygon(flat, fill=255)
