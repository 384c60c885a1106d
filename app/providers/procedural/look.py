"""What a painting takes over from a reference picture: its colours, its light, where something stands out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.providers.procedural.colour import BLACK, WHITE, Colour, distance, grey, mix

Pixels = NDArray[np.float32]
_EDGE = 48
_LIGHTS = 8
# rows of the small picture that give a role its colour: from the sky down to what is near
_BANDS = {
    "top": (0, 10),
    "middle": (10, 22),
    "horizon": (22, 30),
    "far": (28, 35),
    "mid": (34, 42),
    "near": (41, 48),
}
_WEIGHTS = np.array([0.3, 0.59, 0.11], np.float32)
_AT_MOST, _AT_LEAST = 0.68, 0.32
_STRENGTH, _RANGE = 0.55, 0.34


@dataclass(frozen=True, slots=True)
class Look:
    """A reference picture as painters see it; plain values, so that it travels between processes.

    Attributes:
        colours: Ten roles of a palette (`palettes.ROLES`), each red, green, blue from 0 to 1.
        middle: Where what stands out is, from 0 (left) to 1 (right).
        light: Rows of how bright the picture is, from 0 to 1, 8 by 8.
    """

    colours: dict[str, tuple[float, float, float]]
    middle: float
    light: tuple[tuple[float, ...], ...]

    def palette(self, style: str) -> dict[str, Colour]:
        """The colours as a style wears them: noir is grey but for one, neon glows out of the dark."""
        found = {role: np.array(colour, np.float32) for role, colour in self.colours.items()}
        if style == "noir":
            return {role: each if role == "accent" else _grey(each, role) for role, each in found.items()}
        if style == "neon":
            bright = {"main", "accent", "light", "horizon"}
            return {role: _lit(each) if role in bright else each * 0.28 for role, each in found.items()}
        return found

    def shine(self, pixels: Pixels) -> None:
        """Let the light fall on a painting as it falls on the reference; changes the pixels in place."""
        lights = np.array(self.light, np.float32)
        height, width, _ = pixels.shape
        soft = Image.fromarray(lights - lights.mean()).resize((width, height), Image.Resampling.BICUBIC)
        field = np.clip(np.asarray(soft, np.float32) * np.float32(_STRENGTH), -_RANGE, _RANGE)
        pixels *= (1 + field)[..., None]


def look_at(image: Image.Image) -> Look:
    """See what a picture is like; equal pixels give an equal look."""
    small = _small(image, _EDGE)
    standing = _standing_out(small)
    main = _prevailing(small[standing >= 0.5 * standing.max()])
    bands = {role: small[first:last].mean((0, 1)) for role, (first, last) in _BANDS.items()}
    brightness = (small @ _WEIGHTS).ravel()
    flat = small.reshape(-1, 3)
    light = mix(flat[brightness >= np.quantile(brightness, 0.95)].mean(0), WHITE, 0.45)
    dark = mix(flat[brightness <= np.quantile(brightness, 0.05)].mean(0), BLACK, 0.35)
    roles = {**bands, "main": main, "accent": _accent(small, main), "light": light, "dark": dark}
    columns = np.linspace(0, 1, _EDGE, dtype=np.float32)
    weight = standing.sum(0)
    middle = float((columns * weight).sum() / max(float(weight.sum()), 1e-6))
    lights = _small(image, _LIGHTS) @ _WEIGHTS
    return Look(
        {role: _rounded(colour) for role, colour in roles.items()},
        round(min(max(middle, _AT_LEAST), _AT_MOST), 4),
        tuple(tuple(round(float(each), 4) for each in row) for row in lights),
    )


def _small(image: Image.Image, edge: int) -> Pixels:
    """A square of few pixels; what is seen through is white."""
    reduced = image.resize((edge, edge), Image.Resampling.BOX)
    if reduced.mode == "RGBA":
        ground = Image.new("RGBA", reduced.size, "white")
        reduced = Image.alpha_composite(ground, reduced)
    return np.asarray(reduced.convert("RGB"), np.float32) / np.float32(255)


def _standing_out(small: Pixels) -> Pixels:
    """How far each pixel is from the colours around the picture and beside its row, less at the edges."""
    sides = np.concatenate([small[:, :3], small[:, -3:]], 1)
    beside = np.median(sides, 1)[:, None]
    around = np.median(np.concatenate([small[:3].reshape(-1, 3), sides.reshape(-1, 3)]), 0)
    away = np.minimum(_apart(small, beside), _apart(small, around))
    place = np.abs(np.linspace(-1, 1, _EDGE, dtype=np.float32))
    inside = 1 - 0.6 * np.maximum(place[:, None], place[None, :]) ** 2
    found: Pixels = np.clip(away - np.quantile(away, 0.5), 0, None) * inside
    return found


def _apart(pixels: Pixels, colour: Pixels) -> Pixels:
    found: Pixels = np.sqrt((_WEIGHTS * (pixels - colour) ** 2).sum(-1))
    return found


def _prevailing(pixels: Pixels) -> Colour:
    """The colour that most of some pixels have about."""
    row = Image.fromarray((pixels[None] * 255).astype(np.uint8))
    few = row.quantize(4, Image.Quantize.MEDIANCUT)
    found: Any = max(few.getcolors() or [(0, 0)])[1]
    table = np.array((few.getpalette() or [0, 0, 0])[3 * found :][:3], np.float32)
    return table / np.float32(255)


def _accent(small: Pixels, main: Colour) -> Colour:
    """The most vivid colour that is not the main one."""
    flat = small.reshape(-1, 3)
    vivid = flat.max(-1) - flat.min(-1)
    away = _apart(flat, main)
    score = (vivid**2 + 0.02) * np.minimum(away, 0.4)
    chosen: Colour = flat[score >= np.quantile(score, 0.985)].mean(0)
    return chosen if distance(chosen, main) > 0.1 else mix(chosen, WHITE, 0.4)


def _grey(colour: Colour, role: str) -> Colour:
    level = float(colour @ _WEIGHTS)
    return grey(level if role == "light" else 0.03 + 0.38 * level)


def _lit(colour: Colour) -> Colour:
    return colour / np.float32(max(float(colour.max()), 0.05))


def _rounded(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = (round(float(each), 4) for each in colour)
    return red, green, blue
