"""Painting as a top-level function over plain data, to be run in a process pool."""

import io
from dataclasses import asdict
from typing import Any

from PIL import Image, ImageOps

from app.providers.procedural.engine import encode_png, paint
from app.providers.procedural.look import Look, look_at


def look_job(data: bytes) -> Look:
    """Return what a painting may take over from the bytes of a stored picture."""
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
        upright = ImageOps.exif_transpose(image)
        return look_at(upright.convert("RGBA" if upright.has_transparency_data else "RGB"))


def paint_job(  # noqa: PLR0917 - a pool passes arguments by position
    prompt: str, style: str, width: int, height: int, seed: int, look: Look | None = None
) -> tuple[bytes, dict[str, Any]]:
    """Return PNG bytes and the fields of `Painting` as a dict.

    Raises:
        CanvasSizeError: see `paint`.
    """
    image, painting = paint(prompt, style, width, height, seed, look)
    return encode_png(image, painting), asdict(painting)
