"""Render a picture for one platform: exact size, format, byte limit, clean metadata."""

import base64
import io
import math
from dataclasses import dataclass
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.assets.imaging import xmp
from app.assets.imaging.crop import best_box
from app.assets.imaging.embed import put_in
from app.assets.imaging.errors import ExportTooLargeError
from app.assets.imaging.presets import Fit, Platform
from app.assets.imaging.sniff import MIME, ImageFormat

_BEST_QUALITY: dict[str, int] = {"jpeg": 88, "webp": 82}
_LEAST_QUALITY = 60
_SMALLEST_EDGE = 16


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file says beside its picture."""

    description: str | None
    digital_source: str | None
    recipe: bytes | None

    def packet(self, form: ImageFormat) -> bytes | None:
        """The XMP packet for a format; only a WebP carries its recipe in it."""
        recipe = base64.b64encode(self.recipe).decode() if self.recipe and form == "webp" else None
        return xmp.packet(self.description, self.digital_source, recipe)


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
    recipe: bytes | None = None,
) -> Encoded:
    """As `rendered`, the file alone."""
    carried = Carried(description, digital_source, recipe)
    return rendered(image, platform, carried, fit=fit, focus=focus)[0]


def rendered(
    image: Image.Image,
    platform: Platform,
    carried: Carried,
    *,
    fit: Fit | None = None,
    focus: tuple[float, float] | None = None,
) -> tuple[Encoded, Image.Image]:
    """Return a file in the size and format of the platform, under its `max_bytes`, and the picture in it.

    `crop` cuts around `focus` (fractions of width and height) or what stands out; `pad` keeps the whole
    picture on the platform's background. Quality is lowered first (not below 60), then the size, so
    `width` and `height` are the platform's unless the limit is too tight. Nothing of the original's
    metadata is kept; `description` and `digital_source` (IPTC term) are written as XMP when given, and the
    packed `recipe` (see `embed`) into PNG and WebP.

    Raises:
        ExportTooLargeError: even a tiny picture does not fit.
        ValueError: `focus` lies outside the picture.
    """
    picture = shape(image, platform, fit or platform.fit, focus)
    while min(picture.size) >= _SMALLEST_EDGE:
        encoded = _best_quality(picture, platform, carried)
        if len(encoded.data) <= platform.max_bytes:
            return encoded, picture
        picture = _smaller(picture, platform.max_bytes / len(encoded.data))
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
    recipe: bytes | None = None,
) -> Encoded:
    """Encode a picture as it is; `packet` is XMP to embed, `recipe` goes into a PNG beside it."""
    target = io.BytesIO()
    picture.save(target, form.upper(), **_options(form, quality, packet))
    data = put_in(target.getvalue(), recipe) if recipe else target.getvalue()
    return Encoded(data, form, picture.width, picture.height, quality)


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


def _best_quality(picture: Image.Image, platform: Platform, carried: Carried) -> Encoded:
    """Return the best encoding that fits, found by bisecting the quality, or the smallest one tried."""
    best = _BEST_QUALITY.get(platform.format)
    packet = carried.packet(platform.format)
    recipe = carried.recipe if platform.format == "png" else None
    encoded = encode(picture, platform.format, best, packet, recipe)
    if best is None or len(encoded.data) <= platform.max_bytes:
        return encoded
    fitting = encode(picture, platform.format, _LEAST_QUALITY, packet)
    if len(fitting.data) > platform.max_bytes:
        return fitting
    low, high = _LEAST_QUALITY + 1, best - 1
    while low <= high:
        quality = (low + high) // 2
        encoded = encode(picture, platform.format, quality, packet)
        if len(encoded.data) <= platform.max_bytes:
            fitting, low = encoded, quality + 1
        else:
            high = quality - 1
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


def _smaller(picture: Image.Image, share: float) -> Image.Image:
    """Shrink towards a share of the bytes, which grow with the area, in steps of 10 to 70 percent."""
    scale = min(0.9, max(0.3, 0.97 * math.sqrt(share)))
    size = (int(picture.width * scale), int(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)
