"""Turn untrusted bytes into a picture: bounded in bytes and pixels, still, upright, in sRGB."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from app.assets.imaging.errors import ImageRefusedError
from app.assets.imaging.sniff import ImageKind, sniff

MAX_PIXELS = 50_000_000
MAX_BYTES = 64 * 1024 * 1024

# what decoders raise over broken files
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    OverflowError,
    KeyError,
    IndexError,
    TypeError,
    struct.error,
    zlib.error,
    UnidentifiedImageError,
    Image.DecompressionBombError,
)


def open_image(data: bytes, *, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES) -> Image.Image:
    """Decode PNG, JPEG or WebP bytes into an RGB or RGBA picture in sRGB, EXIF orientation applied.

    Size and kind are read from the header before a decoder sees the bytes, so a bomb costs nothing.
    The picture carries no metadata. Above 178 million pixels the decoder's own guard refuses.

    Raises:
        ImageRefusedError: with reason `too_many_bytes`, `unknown_format`, `too_many_pixels`, `animated`,
            `trailing_data` (bytes after the end: a polyglot) or `damaged`.
    """
    kind = inspect(data, max_pixels=max_pixels, max_bytes=max_bytes)
    try:
        picture = _decode(data, kind)
    except BROKEN as error:
        raise ImageRefusedError("damaged", kind.format, kind.width, kind.height, len(data)) from error
    picture.info = {}
    return picture


def inspect(data: bytes, *, max_pixels: int = MAX_PIXELS, max_bytes: int = MAX_BYTES) -> ImageKind:
    """Apply every rule of `open_image` that needs no decoding, and return what the header says."""
    if len(data) > max_bytes:
        raise ImageRefusedError("too_many_bytes", size=len(data), limit=max_bytes)
    kind = sniff(data)
    if kind.width * kind.height > max_pixels:
        raise ImageRefusedError(
            "too_many_pixels", kind.format, kind.width, kind.height, len(data), max_pixels
        )
    if kind.animated:
        raise ImageRefusedError("animated", kind.format, kind.width, kind.height, len(data))
    if kind.trailing:
        raise ImageRefusedError("trailing_data", kind.format, kind.width, kind.height, kind.trailing)
    return kind


def _decode(data: bytes, kind: ImageKind) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=[kind.format.upper()]) as picture:
        # A second, contradicting header must not bring back the size that was just refused.
        if picture.size != (kind.width, kind.height):
            raise ValueError(picture.size)
        picture.load()
        profile = picture.info.get("icc_profile")
        return _plain(_to_srgb(_upright(picture), profile))


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except BROKEN:
        return picture


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile or picture.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return picture
        colours = picture.convert("RGB") if picture.mode == "RGBA" else picture
        converted = ImageCms.profileToProfile(
            colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, *BROKEN):
        return picture
    if converted is None:
        return picture
    if picture.mode == "RGBA":
        converted.putalpha(picture.getchannel("A"))
    return converted


def _plain(picture: Image.Image) -> Image.Image:
    if picture.mode in {"RGB", "RGBA"} and "transparency" not in picture.info:
        return picture.copy() if picture.readonly else picture
    if picture.mode.startswith("I"):
        # Pillow clips 16-bit grey at 255 instead of scaling it.
        grey = np.clip(np.asarray(picture).astype(np.int64) >> 8, 0, 255).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    seen_through = "transparency" in picture.info or picture.mode in {"LA", "La", "PA", "RGBa"}
    return picture.convert("RGBA" if seen_through else "RGB")
