"""Painting as a top-level function over plain data, to be run in a process pool."""

from dataclasses import asdict
from typing import Any

from app.providers.procedural.engine import encode_png, paint


def paint_job(prompt: str, style: str, width: int, height: int, seed: int) -> tuple[bytes, dict[str, Any]]:
    """Return PNG bytes and the fields of `Painting` as a dict.

    Raises:
        CanvasSizeError: see `paint`.
    """
    image, painting = paint(prompt, style, width, height, seed)
    return encode_png(image, painting), asdict(painting)
