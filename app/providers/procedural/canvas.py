"""The picture being painted: float pixels, relative coordinates, three ways to lay colour."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.providers.procedural.brush import Field, Spot, Stamp, press
from app.providers.procedural.colour import Colour
from app.providers.procedural.shapes import Shape

Blend = Literal["cover", "stain", "light"]

_VISIBLE = 0.004


class Canvas:
    """Pixels (height, width, 3) as float32 from 0 to 1; `unit` is the shorter edge in pixels.

    `x` (1, width) and `y` (height, 1) run from 0 to 1 across the picture.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.size = (width, height)
        self.unit = min(width, height)
        self.pixels: Field = np.zeros((height, width, 3), np.float32)
        self.x: Field = np.linspace(0, 1, width, dtype=np.float32)[None, :]
        self.y: Field = np.linspace(0, 1, height, dtype=np.float32)[:, None]

    def blank(self) -> Field:
        """Return an empty field of the picture's size."""
        return np.zeros((self.height, self.width), np.float32)

    def spread(self, field: Field) -> Field:
        """Return a row or column field over the whole picture."""
        return np.broadcast_to(field, (self.height, self.width))

    def spot(self, x: float, y: float) -> Spot:
        """Return the pixel of relative coordinates."""
        return x * self.width, y * self.height

    def gradient(self, stops: Sequence[tuple[float, Colour]]) -> None:
        """Fill from top to bottom through (y, colour) stops."""
        places = [place for place, _ in stops]
        channels = [np.interp(self.y[:, 0], places, [colour[c] for _, colour in stops]) for c in range(3)]
        self.pixels[:] = np.stack(channels, -1)[:, None, :]

    def stamp(self, shape: Shape, at: Spot, scale: float, margin: float = 0.0) -> Stamp:
        return press(shape, self.size, at, scale, margin)

    def draw(
        self,
        shape: Shape,
        colour: Colour,
        at: Spot = (0, 0),
        scale: float | None = None,
        *,
        alpha: float = 1.0,
        blend: Blend = "cover",
    ) -> None:
        """Paint a shape with its origin at a pixel; scale defaults to the canvas unit."""
        stamp = self.stamp(shape, at, self.unit if scale is None else scale)
        self.paint(stamp, colour, alpha, blend)

    def paint(
        self,
        mask: Stamp | Field,
        colour: Colour | NDArray[np.float32],
        alpha: float = 1.0,
        blend: Blend = "cover",
    ) -> None:
        """Lay a colour, or a (rows, columns, 3) field of colours, through a mask.

        cover replaces, stain multiplies (pigment on paper), light screens (glow).
        """
        stamp = mask if isinstance(mask, Stamp) else self._touched(mask)
        if not stamp.mask.size:
            return
        below = self.pixels[stamp.area]
        weight = (stamp.mask * np.float32(alpha))[..., None]
        if blend == "stain":
            below *= 1 + (colour - 1) * weight
        elif blend == "light":
            below += (1 - below) * (colour * weight)
        else:
            below += (colour - below) * weight

    def whole(self, stamp: Stamp) -> Field:
        """Return the stamp as a field of the picture's size."""
        field = self.blank()
        field[stamp.area] = stamp.mask
        return field

    def image(self) -> Image.Image:
        """Return the painting as an RGB picture."""
        return Image.fromarray((np.clip(self.pixels, 0, 1) * 255 + 0.5).astype(np.uint8))

    def _touched(self, field: Field) -> Stamp:
        field = self.spread(field)
        rows = np.flatnonzero(field.max(1) > _VISIBLE)
        if not len(rows):
            return Stamp((slice(0, 0), slice(0, 0)), field[:0, :0])
        band = slice(int(rows[0]), int(rows[-1]) + 1)
        return Stamp((band, slice(None)), field[band])
