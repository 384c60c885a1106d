"""Colours as three float32 between 0 and 1."""

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float32]


def rgb(code: str) -> Colour:
    """Read six hex digits."""
    return np.frombuffer(bytes.fromhex(code), np.uint8).astype(np.float32) / np.float32(255)


def grey(level: float) -> Colour:
    return np.full(3, level, np.float32)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the first colour with a share of the second."""
    return first + (second - first) * np.float32(share)


def distance(first: Colour, second: Colour) -> float:
    """Return 0 (equal) to about 1 (black and white), weighted as the eye weighs."""
    weights = np.array([0.3, 0.59, 0.11], np.float32)
    return float(np.sqrt((weights * (first - second) ** 2).sum()))


WHITE = grey(1)
BLACK = grey(0)
