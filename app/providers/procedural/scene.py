"""What a style renderer receives, and the subject placed in the picture."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from app.providers.procedural.brush import Field, Spot, Stamp
from app.providers.procedural.canvas import Canvas
from app.providers.procedural.colour import Colour
from app.providers.procedural.palettes import Palette
from app.providers.procedural.shapes import Shape
from app.providers.procedural.subjects import extent, parts_of
from app.providers.procedural.words import Reading


@dataclass(frozen=True, slots=True)
class Scene:
    """One commission: a blank canvas, the random stream, the colours and what the prompt asks for.

    `middle` is where the subject stands, from 0 (left) to 1 (right).
    """

    canvas: Canvas
    rng: np.random.Generator
    colours: Palette
    reading: Reading
    subject: str | None
    middle: float = 0.5


class Piece(NamedTuple):
    """A part of the subject as pixels."""

    role: str
    shape: Shape
    stamp: Stamp

    @property
    def solid(self) -> bool:
        """False for lines and for slivers too small to be shaded."""
        return self.shape.kind != "line" and min(self.stamp.mask.shape) > 8


@dataclass(frozen=True, slots=True)
class Figure:
    """The subject at its place: `at` is the pixel of its origin, `scale` pixels per unit."""

    canvas: Canvas
    subject: str
    at: Spot
    scale: float
    short_hair: bool = False

    @property
    def is_person(self) -> bool:
        return self.subject == "person"

    @property
    def foot(self) -> Spot:
        """The pixel of the middle of its base."""
        return self.at[0], self.at[1] + extent(self.subject)[0] * self.scale

    @property
    def half_width(self) -> float:
        """Half of its width in pixels."""
        return extent(self.subject)[1] * self.scale

    def pieces(self, line: float | None = None, margin: float = 0.0) -> Iterator[Piece]:
        """Yield the parts back to front; `line` overrides the thickness of lines, margin is pixels."""
        for part in parts_of(self.subject):
            if part.role == "back" and self.short_hair:
                continue
            shape = part.shape
            if line is not None and shape.kind == "line":
                shape = replace(shape, size=line)
            yield Piece(part.role, shape, self.canvas.stamp(shape, self.at, self.scale, margin))

    def silhouette(self) -> Field:
        """Return the joined mask of all parts but steam."""
        whole = self.canvas.blank()
        for role, _, (area, mask) in self.pieces():
            if role != "steam":
                np.maximum(whole[area], mask, out=whole[area])
        return whole

    def draw(self, shape: Shape, colour: Colour, aside: float = 0.0, *, alpha: float = 1.0) -> None:
        """Paint a shape in the subject's own space, moved aside by units."""
        at = (self.at[0] + aside * self.scale, self.at[1])
        self.canvas.draw(shape, colour, at, self.scale, alpha=alpha)


def stand(
    scene: Scene, ground: float, size: float, x: float = 0.0, bust: float | None = None
) -> Figure | None:
    """Put the subject on a ground line (fraction of the height); None for a scene without one.

    `x` counts from the scene's own middle, `size` canvas units per shape unit. A person is a bust of size
    `bust` (default `size`) that runs out of the bottom of the picture.
    """
    if scene.subject is None:
        return None
    canvas = scene.canvas
    person = scene.subject == "person"
    scale = (bust or size if person else size) * canvas.unit
    y = canvas.height - 1.02 * scale if person else ground * canvas.height - extent(scene.subject)[0] * scale
    return Figure(
        canvas, scene.subject, ((scene.middle + x) * canvas.width, y), scale, scene.reading.short_hair
    )
