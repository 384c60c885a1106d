"""Small previews for lists and the canvas."""

import io

from PIL import Image


def thumbnail(image: Image.Image, edge: int = 256) -> bytes:
    """Return WebP bytes of the picture, at most `edge` pixels on its long side, never enlarged."""
    small = image.copy()
    small.thumbnail((edge, edge), Image.Resampling.LANCZOS, reducing_gap=2.0)
    small.info = {}
    target = io.BytesIO()
    small.save(target, "WEBP", quality=80, method=2)
    return target.getvalue()
