"""Smart crop: find the window of a given shape that keeps what the eye goes to."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from app.assets.imaging.measure import on_white

_EDGE = 128
_COLOUR_WEIGHT = 0.35
_CENTRE_PULL = 0.45
_FLAT = 1.0

Field = NDArray[np.float32]
Box = tuple[int, int, int, int]


def best_box(image: Image.Image, aspect: float, focus: tuple[float, float] | None = None) -> Box:
    """Return (x, y, width, height) in pixels of the largest window of the aspect (width / height).

    The window is centred on `focus` (fractions 0 to 1 of width and height, from the top left) as far as
    the edges allow, or on what stands out most when no focus is given.

    Raises:
        ValueError: aspect is not positive, or focus lies outside the picture.
    """
    if aspect <= 0:
        raise ValueError(f"aspect must be positive, not {aspect}")
    if focus is not None and not all(0 <= part <= 1 for part in focus):
        raise ValueError(f"focus must lie between 0 and 1 in both directions, not {focus}")
    width, height = _window(image.size, aspect)
    if (width, height) == image.size:
        return 0, 0, width, height
    if focus is not None:
        return _around(image.size, (width, height), focus)
    attention = saliency(image)
    if width < image.width:
        return _best_start(attention.sum(0), width, image.width), 0, width, height
    return 0, _best_start(attention.sum(1), height, image.height), width, height


def saliency(image: Image.Image) -> Field:
    """Return where the eye goes, at most 128 px on the long edge, all values positive.

    Spectral residual (what the spectrum does not predict) plus vivid colour, pulled towards the centre.
    """
    scale = _EDGE / max(image.size)
    size = (max(8, round(image.width * scale)), max(8, round(image.height * scale)))
    small = on_white(image.resize(size, Image.Resampling.BOX))
    grey = np.asarray(small.convert("L"), np.float32)
    vivid = np.asarray(small.convert("HSV"), np.float32)
    field = _residual(grey) + _COLOUR_WEIGHT * vivid[..., 1] * vivid[..., 2] / 255**2
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    away = np.hypot((columns / size[0] - 0.5) * 1.2, rows / size[1] - 0.5)
    result: Field = (field * (1 - _CENTRE_PULL * away)).astype(np.float32)
    return result


def _residual(grey: Field) -> Field:
    if grey.std() < _FLAT:
        return np.zeros_like(grey)
    spectrum = np.fft.fft2(grey)
    loudness = np.log(np.abs(spectrum) + 1e-6)
    expected = sum(np.roll(loudness, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)) / 9
    surprise = np.abs(np.fft.ifft2(np.exp(loudness - expected + 1j * np.angle(spectrum)))) ** 2
    levels = (surprise / (surprise.max() or 1) * 255).astype(np.uint8)
    blurred = np.asarray(Image.fromarray(levels).filter(ImageFilter.GaussianBlur(3)), np.float32)
    result: Field = blurred / (blurred.max() or 1)
    return result


def _window(size: tuple[int, int], aspect: float) -> tuple[int, int]:
    width, height = size
    if width / height > aspect:
        return max(1, min(width, round(height * aspect))), height
    return width, max(1, min(height, round(width / aspect)))


def _around(size: tuple[int, int], window: tuple[int, int], focus: tuple[float, float]) -> Box:
    x, y = (
        min(max(0, round(point * whole - part / 2)), whole - part)
        for point, whole, part in zip(focus, size, window, strict=True)
    )
    return x, y, window[0], window[1]


def _best_start(profile: Field, part: int, whole: int) -> int:
    window = max(1, round(part * len(profile) / whole))
    sums = np.convolve(profile, np.ones(window), "valid")
    best = np.flatnonzero(sums >= sums.max() * (1 - 1e-6))
    # Equal neighbours: take their middle, so that a plain picture is cut evenly.
    tied = best[: int(np.argmax(np.diff(best, append=best[-1] + 2) > 1)) + 1]
    travel = len(sums) - 1
    share = tied.mean() / travel if travel else 0.5
    return round(float(share) * (whole - part))
