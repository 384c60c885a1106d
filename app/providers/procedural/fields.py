"""Scalar fields over the picture: noise, blur, hills, shifts."""

import numpy as np
from PIL import Image, ImageFilter

from app.providers.procedural.brush import Field

Size = tuple[int, int]


def noise(rng: np.random.Generator, size: Size, cells: float, octaves: int = 4, gain: float = 0.5) -> Field:
    """Return smooth noise between 0 and 1; `size` is (width, height), `cells` the coarsest count down."""
    width, height = size
    coarser = 1 if cells > height // 5 else 2 if cells * 2**octaves > 300 else 4
    inner = (max(2, width // coarser), max(2, height // coarser))
    resample = Image.Resampling.BILINEAR if coarser == 1 else Image.Resampling.BICUBIC
    total = np.zeros((inner[1], inner[0]), np.float32)
    for octave in range(octaves):
        rows = max(2, min(int(cells * 2**octave), inner[1]))
        grid = rng.random((rows, max(2, rows * width // height)), dtype=np.float32)
        total += np.float32(gain**octave) * np.asarray(Image.fromarray(grid).resize(inner, resample))
    total -= total.min()
    total /= total.max() or 1
    return total if inner == size else stretch(total, size)


def stretch(field: Field, size: Size) -> Field:
    """Return the field resized to (width, height)."""
    return np.asarray(Image.fromarray(field).resize(size, Image.Resampling.BILINEAR), np.float32)


def blur(field: Field, radius: float) -> Field:
    """Return a field of values 0 to 1 blurred by a radius in pixels; wide blurs run on a smaller copy."""
    if min(field.shape) < 1:
        return field
    image = Image.fromarray((np.clip(field, 0, 1) * 255).astype(np.uint8))
    factor = 8 if radius > 40 else 4 if radius > 8 else 2 if radius > 4 else 1
    if factor > 1 and min(image.size) > 16:
        small = image.reduce(factor).filter(ImageFilter.GaussianBlur(radius / factor))
        image = small.resize(image.size, Image.Resampling.BILINEAR)
    else:
        image = image.filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(image, np.float32) / np.float32(255)


def skyline(rng: np.random.Generator, width: int, amplitude: float, octaves: int = 5) -> Field:
    """Return a rolling line of `width` values around 0, as fractions of the height."""
    x = np.linspace(0, 1, width)
    line = np.zeros(width)
    for octave in range(octaves):
        knots = 3 * 2**octave + 1
        line += 0.5**octave * np.interp(x, np.linspace(0, 1, knots), rng.random(knots) - 0.5)
    return (amplitude * line).astype(np.float32)


def shifted(field: Field, right: int, down: int) -> Field:
    """Return the field moved by whole pixels; the rows and columns at the border repeat."""
    rows = np.clip(np.arange(field.shape[0]) - down, 0, max(0, field.shape[0] - 1))
    columns = np.clip(np.arange(field.shape[1]) - right, 0, max(0, field.shape[1] - 1))
    return field[rows][:, columns]
