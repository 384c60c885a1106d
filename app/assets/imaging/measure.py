"""Measure a picture: the numbers that quality control compares with its thresholds (S43)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SHARPNESS_EDGE = 1024
_PALETTE_EDGE = 96
_PALETTE_COLOURS = 6
_CLIP_LOW, _CLIP_HIGH = 2, 252

Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Measures:
    """Facts about one picture.

    Pixels for width and height; `sharpness` is the variance of the Laplacian of the grey picture,
    shrunk to at most 1024 px on its long edge; `clip_low`/`clip_high` are shares (0 to 1) of pixels at or
    below 2 and above 252; `median`, `contrast` (standard deviation) are grey levels 0 to 255; `entropy` is
    in bits; `colourfulness` after Hasler and Suesstrunk (0 grey, above 60 vivid); `colours` lists
    (hex without #, share) from the most to the least used; `dhash` is 16 hex digits, near duplicates
    differ in at most 6 bits.
    """

    width: int
    height: int
    aspect: float
    sharpness: float
    clip_low: float
    clip_high: float
    median: int
    contrast: float
    entropy: float
    colourfulness: float
    colours: tuple[tuple[str, float], ...]
    dhash: str


def measure(image: Image.Image) -> Measures:
    """Measure an RGB or RGBA picture (transparency is seen on white)."""
    colour = on_white(image)
    grey = colour.convert("L")
    counts = np.asarray(grey.histogram(), np.float64)
    shares = counts / counts.sum()
    below = shares.cumsum()
    levels = np.arange(256)
    mean = float((shares * levels).sum())
    used = shares[shares > 0]
    return Measures(
        width=image.width,
        height=image.height,
        aspect=round(image.width / image.height, 4),
        sharpness=round(sharpness(grey), 2),
        clip_low=round(float(below[_CLIP_LOW]), 4),
        clip_high=round(float(1 - below[_CLIP_HIGH]), 4),
        median=int(np.searchsorted(below, 0.5)),
        contrast=round(float(np.sqrt((shares * (levels - mean) ** 2).sum())), 2),
        entropy=round(abs(float((used * np.log2(used)).sum())), 3),
        colourfulness=round(colourfulness(colour), 2),
        colours=dominant_colours(colour),
        dhash=dhash(grey),
    )


def on_white(image: Image.Image) -> Image.Image:
    """Return the picture as RGB, what is transparent becoming white."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def sharpness(grey: Image.Image) -> float:
    """Return the variance of the Laplacian; blurring lowers it."""
    longest = max(grey.size)
    if longest > _SHARPNESS_EDGE:
        scale = _SHARPNESS_EDGE / longest
        size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        grey = grey.resize(size, Image.Resampling.BOX)
    if min(grey.size) < 3:
        return 0.0
    pixels: Grey = np.asarray(grey, np.float32)
    laplacian = pixels[1:-1, 1:-1] * -4
    laplacian += pixels[:-2, 1:-1]
    laplacian += pixels[2:, 1:-1]
    laplacian += pixels[1:-1, :-2]
    laplacian += pixels[1:-1, 2:]
    return float(laplacian.var())


def colourfulness(image: Image.Image) -> float:
    """Return the Hasler-Suesstrunk colourfulness of an RGB picture, from every second pixel."""
    red, green, blue = np.moveaxis(np.asarray(image)[::2, ::2].astype(np.float32), -1, 0)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    return float(spread + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))


def dominant_colours(image: Image.Image) -> tuple[tuple[str, float], ...]:
    """Return up to six (hex, share) pairs by median cut over a 96 px copy."""
    size = (min(image.width, _PALETTE_EDGE), min(image.height, _PALETTE_EDGE))
    small = image.resize(size, Image.Resampling.BOX).quantize(_PALETTE_COLOURS, Image.Quantize.MEDIANCUT)
    palette = small.getpalette() or []
    counts = np.bincount(np.asarray(small).ravel(), minlength=_PALETTE_COLOURS)
    order = [int(index) for index in np.argsort(-counts, kind="stable") if counts[index]]
    total = size[0] * size[1]
    return tuple(
        (bytes(palette[3 * index : 3 * index + 3]).hex(), round(int(counts[index]) / total, 4))
        for index in order
    )


def dhash(grey: Image.Image) -> str:
    """Return the 64-bit difference hash of a grey picture as 16 hex digits."""
    small = np.asarray(grey.resize((9, 8), Image.Resampling.BOX), np.int16)
    bits = np.packbits(small[:, 1:] > small[:, :-1])
    return bits.tobytes().hex()
