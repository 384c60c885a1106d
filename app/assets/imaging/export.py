"""Render a picture for one platform: exact size, format, byte limit, clean metadata."""

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.assets.imaging import xmp
from app.assets.imaging.crop import best_box
from app.assets.imaging.errors import ExportTooLargeError
from app.assets.imaging.presets import Fit, Platform
from app.assets.imaging.sniff import MIME, ImageFormat

_BEST_QUALITY: dict[str, int] = {"jpeg": 88, "webp": 82}
_LEAST_QUALITY = 60
_SHRINK = 0.85
_SMALLEST_EDGE = 16


@dataclass(frozen=True, slots=True)
class Encoded:
    """One encoded picture; `quality` is None for PNG, sizes are pixels."""

    data: bytes
    format: ImageFormat
    width: int
    height: int
    quality: int | None

    @property
    def mime(self) -> str:
        """Media type for `Content-Type`."""
        return MIME[self.format]


def render(
    image: Image.Image,
    platform: Platform,
    *,
    fit: Fit | None = None,
    focus: tuple[float, float] | None = None,
    description: str | None = None,
    digital_source: str | None = None,
) -> Encoded:
    """Return the picture in the size and format of the platform, under its `max_bytes`.

    `crop` cuts around `focus` (fractions of width and height) or what stands out; `pad` keeps the whole
    picture on the platform's background. Quality is lowered first (not below 60), then the size, so
    `width` and `height` are the platform's unless the limit is too tight. Nothing of the original's
    metadata is kept; `description` and `digital_source` (IPTC term) are written as XMP when given.

    Raises:
        ExportTooLargeError: even a tiny picture does not fit.
        ValueError: `focus` lies outside the picture.
    """
    packet = xmp.packet(description, digital_source)
    picture = shape(image, platform, fit or platform.fit, focus)
    while min(picture.size) >= _SMALLEST_EDGE:
        encoded = _under_limit(picture, platform, packet)
        if encoded:
            return encoded
        picture = _smaller(picture)
    raise ExportTooLargeError(platform.key, platform.max_bytes)


def shape(
    image: Image.Image, platform: Platform, fit: Fit, focus: tuple[float, float] | None = None
) -> Image.Image:
    """Return the picture cut or padded to the exact pixels of the platform, without metadata."""
    if fit == "pad":
        return _padded(image, platform)
    x, y, width, height = best_box(image, platform.aspect, focus)
    cut = image.resize(
        (platform.width, platform.height),
        Image.Resampling.LANCZOS,
        box=(x, y, x + width, y + height),
        reducing_gap=3.0,
    )
    return _clean(cut if platform.format != "jpeg" else _on_background(cut, platform.background))


def encode(
    picture: Image.Image,
    form: ImageFormat,
    quality: int | None,
    packet: bytes | None,
) -> Encoded:
    """Encode a picture as it is; `packet` is XMP to embed."""
    target = io.BytesIO()
    picture.save(target, form.upper(), **_options(form, quality, packet))
    return Encoded(target.getvalue(), form, picture.width, picture.height, quality)


def _options(form: ImageFormat, quality: int | None, packet: bytes | None) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if form == "png" and packet:
        info = PngInfo()
        info.add_itxt(xmp.PNG_KEYWORD, packet.decode())
        options["pnginfo"] = info
    elif packet:
        options["xmp"] = packet
    if form == "jpeg":
        options |= {"quality": quality, "optimize": True, "progressive": True}
    if form == "webp":
        options |= {"quality": quality, "method": 4}
    return options


def _under_limit(picture: Image.Image, platform: Platform, packet: bytes | None) -> Encoded | None:
    """Return the best encoding that fits, found by bisecting the quality, or None."""
    best = _BEST_QUALITY.get(platform.format)
    encoded = encode(picture, platform.format, best, packet)
    if len(encoded.data) <= platform.max_bytes:
        return encoded
    if best is None:
        return None
    fitting, low, high = None, _LEAST_QUALITY, best - 1
    while low <= high:
        # The first try is the lowest quality: if that is too large, size must go, not quality.
        quality = (low + high + 1) // 2 if fitting else low
        encoded = encode(picture, platform.format, quality, packet)
        if len(encoded.data) > platform.max_bytes:
            high = quality - 1
            if not fitting:
                return None
        else:
            fitting, low = encoded, quality + 1
    return fitting


def _padded(image: Image.Image, platform: Platform) -> Image.Image:
    scale = min(platform.width / image.width, platform.height / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    inner = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    sheet = Image.new("RGB", (platform.width, platform.height), platform.background)
    corner = ((platform.width - size[0]) // 2, (platform.height - size[1]) // 2)
    sheet.paste(inner, corner, inner.getchannel("A") if inner.mode == "RGBA" else None)
    return sheet


def _on_background(picture: Image.Image, background: str) -> Image.Image:
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    sheet = Image.new("RGB", picture.size, background)
    sheet.paste(picture, mask=picture.getchannel("A"))
    return sheet


def _clean(picture: Image.Image) -> Image.Image:
    picture.info = {}
    return picture


def _smaller(picture: Image.Image) -> Image.Image:
    size = (int(picture.width * _SHRINK), int(picture.height * _SHRINK))
    return picture.resize(size, Image.Resampling.LANCZOS)
