"""The instant rehearsal model: real, valid pictures at almost no cost, for benchmarks and dry runs."""

import functools

import numpy as np
from PIL import Image

from app.providers.procedural.colour import rgb
from app.providers.procedural.png import save_png

MODEL_ID = "procedural/instant-1"
VARIANTS = 8

_TILES = 32  # crisp tiles, so that a sharpness check finds edges
_PAIRS = (
    "2a6fd6 fdebc8", "c4674a fffaf3", "2f6f5e f2c57c", "5b4bb0 f5a3b5",
    "1d3557 e85d75", "118ab2 fff6d6", "43aa8b fdf0d2", "786fa6 f8cdb0",
)  # fmt: skip


def solid(prompt: str, width: int, height: int, seed: int) -> bytes:  # noqa: ARG001  # the shape of a model
    """Return PNG bytes of a tiled gradient of exactly `width` x `height` pixels.

    The prompt changes nothing; the seed picks one of eight variants. Encoded once per size and variant,
    then served from memory (the 64 sizes used last are kept).
    """
    return _variant(width, height, seed % VARIANTS)


@functools.lru_cache(maxsize=64)
def _variant(width: int, height: int, number: int) -> bytes:
    first, second = map(rgb, _PAIRS[number].split())
    rows, columns = np.mgrid[0:_TILES, 0:_TILES]
    # A wave of its own per variant, so that no two pass for duplicates.
    wave = 0.5 + 0.5 * np.sin(columns / _TILES * np.pi * (number + 1) + number)
    share = 0.6 * rows / (_TILES - 1) + 0.4 * wave
    colours = first + (second - first) * share[..., None] - 0.16 * ((rows + columns) % 2)[..., None]
    mosaic = Image.fromarray((np.clip(colours, 0, 1) * 255).astype(np.uint8))
    image = mosaic.resize((width, height), Image.Resampling.NEAREST)
    return save_png(image, {"Model": MODEL_ID}, level=1)
