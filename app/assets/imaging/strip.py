"""A picture file without what it tells besides the picture: places, cameras, names, remarks.

No pixel is touched: parts of the file are left out (PNG chunks, JPEG segments, WebP chunks). Colour profiles
stay, and so does which way is up, in a record that says nothing else (EXIF 2.32, tag 0x0112).
"""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from app.assets.imaging.decode import BROKEN, inspect
from app.assets.imaging.sniff import END_OF_IMAGE, ImageFormat, jpeg_segments, sniff

_ORIENTATION = 0x0112
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"}
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ICCP"})
_HAS_EXIF, _HAS_XMP = 0x08, 0x04
_COMMENT, _JFIF, _ICC, _ADOBE = 0xFE, 0xE0, 0xE2, 0xEE
_PNG_HEAD, _WEBP_HEAD = 8, 12


def stripped(data: bytes) -> bytes:
    """The same picture, with nothing else in its file; what follows its end is cut off.

    Raises:
        ImageRefusedError: As `decode.inspect` does.
    """
    form = sniff(data).format
    whole = _cut(data, form)
    inspect(whole)
    upright = _orientation(whole, form)
    return {"png": _png, "jpeg": _jpeg, "webp": _webp}[form](whole, upright)


def _cut(data: bytes, form: ImageFormat) -> bytes:
    """Up to the end of the first picture: phones put films and further pictures behind it."""
    if form == "png":
        ends = [after for name, _, after in _png_chunks(data) if name == b"IEND"]
    elif form == "jpeg":
        ends = [after for marker, _, after in jpeg_segments(data, 0) if marker == END_OF_IMAGE]
    else:
        size = 8 + int.from_bytes(data[4:8], "little")
        ends = [size + size % 2]
    return data[: ends[0]] if ends else data


def _orientation(data: bytes, form: ImageFormat) -> int:
    try:
        with Image.open(io.BytesIO(data), formats=[form.upper()]) as picture:
            # a PNG may say it behind its pixels
            picture.load()
            said = picture.getexif().get(_ORIENTATION, 1)
    except BROKEN:
        return 1
    return said if isinstance(said, int) and 1 <= said <= 8 else 1


def _exif(upright: int) -> bytes:
    """A TIFF header with one entry: tag, type SHORT, count 1, value."""
    return b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, upright, 0, 0)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = _PNG_HEAD
    while at + 12 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        after = at + 12 + size
        if after > len(data):
            return
        yield name, at, after
        at = after


def _png(data: bytes, upright: int) -> bytes:
    parts = [data[:_PNG_HEAD]]
    for name, at, after in _png_chunks(data):
        if name in _PNG_KEPT:
            parts.append(data[at:after])
        if name == b"IHDR" and upright != 1:
            parts.append(_png_chunk(b"eXIf", _exif(upright)))
    return b"".join(parts)


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


def _jpeg(data: bytes, upright: int) -> bytes:
    segments = list(jpeg_segments(data, 0))
    starts = [at for _, at, _ in segments]
    ends = [*starts[1:], len(data)]
    parts = [data[:2]]
    if upright != 1:
        body = b"Exif\0\0" + _exif(upright)
        parts.append(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
    for (marker, at, after), end in zip(segments, ends, strict=True):
        # behind the start of a scan come its pixels, up to the next marker
        parts.append(data[at:end] if _wanted(data, marker, at) else data[after:end])
    return b"".join(parts)


def _wanted(data: bytes, marker: int, at: int) -> bool:
    body = data[at + 4 : at + 16]
    if marker == _ICC:
        return body.startswith(b"ICC_PROFILE\0")
    if marker == _JFIF:
        return body.startswith(b"JFIF\0")
    if marker == _ADOBE:
        return body.startswith(b"Adobe")
    return marker != _COMMENT and not 0xE0 <= marker <= 0xEF


def _webp(data: bytes, upright: int) -> bytes:
    chunks = list(_webp_chunks(data))
    head = next((body for name, body in chunks if name == b"VP8X"), None)
    parts = [each for each in chunks if each[0] in _WEBP_KEPT]
    if head is not None:
        flags = head[0] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if upright != 1 else 0)
        parts.insert(0, (b"VP8X", bytes([flags]) + head[1:]))
        if upright != 1:
            parts.append((b"EXIF", _exif(upright)))
    body = b"".join(
        name + struct.pack("<I", len(each)) + each + b"\0" * (len(each) % 2) for name, each in parts
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = _WEBP_HEAD
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
