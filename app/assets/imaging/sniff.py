"""Read format and size from the first bytes of an image, by hand: no decoder runs, no pixel is allocated.

Sources: PNG (ISO/IEC 15948) section 5, JPEG (ITU T.81) annex B, WebP container (RFC 9649).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.assets.imaging.errors import ImageRefusedError

ImageFormat = Literal["png", "jpeg", "webp"]
MIME: dict[ImageFormat, str] = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
_MOST_SCANS = 64  # ten are usual; thousands over a large frame keep a decoder busy for minutes
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


@dataclass(frozen=True, slots=True)
class ImageKind:
    """What the header of an image says: format, pixel size as stored, several frames, bytes after its end."""

    format: ImageFormat
    width: int
    height: int
    animated: bool = False
    trailing: int = 0


def sniff(data: bytes) -> ImageKind:
    """Return format and stored size (before any EXIF rotation) of PNG, JPEG or WebP bytes.

    Raises:
        ImageRefusedError: `unknown_format` for anything else, `damaged` for a header that breaks off.
    """
    reader, name = _reader(data)
    try:
        kind = reader(data)
    except (IndexError, ValueError) as error:
        raise ImageRefusedError("damaged", name, size=len(data)) from error
    if kind.width < 1 or kind.height < 1:
        raise ImageRefusedError("damaged", name, kind.width, kind.height, len(data))
    return kind


def _reader(data: bytes) -> tuple[Callable[[bytes], ImageKind], ImageFormat]:
    if data.startswith(_PNG):
        return _png, "png"
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg, "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp, "webp"
    raise ImageRefusedError("unknown_format", size=len(data))


def _number(data: bytes, at: int, length: int, order: Literal["big", "little"] = "big") -> int:
    piece = data[at : at + length]
    if len(piece) < length:
        raise IndexError(at)
    return int.from_bytes(piece, order)


def _png(data: bytes) -> ImageKind:
    if data[12:16] != b"IHDR":
        raise ValueError("IHDR")
    animated, end = False, len(data)
    for name, after in _png_chunks(data):
        animated = animated or name == b"acTL"
        if name == b"IEND":
            end = after
            break
    return ImageKind("png", _number(data, 16, 4), _number(data, 20, 4), animated, len(data) - end)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    at = len(_PNG)
    while at + 12 <= len(data):
        after = at + 12 + _number(data, at, 4)
        if after > len(data):
            return
        yield data[at + 4 : at + 8], after
        at = after


def _webp(data: bytes) -> ImageKind:
    end = 8 + _number(data, 4, 4, "little")
    chunk, animated = data[12:16], False
    if chunk == b"VP8X":
        animated = bool(data[20] & 0x02)
        width, height = _number(data, 24, 3, "little") + 1, _number(data, 27, 3, "little") + 1
    elif chunk == b"VP8L":
        bits = _number(data, 21, 4, "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 ":
        width, height = _number(data, 26, 2, "little") & 0x3FFF, _number(data, 28, 2, "little") & 0x3FFF
    else:
        raise ValueError("VP8")
    return ImageKind("webp", width, height, animated, max(0, len(data) - end - end % 2))


def _jpeg(data: bytes) -> ImageKind:
    width = height = 0
    end = scans = 0
    for marker, at, after in jpeg_segments(data, 0):
        scans += marker == START_OF_SCAN
        if scans > _MOST_SCANS:
            raise ValueError("scans")
        if marker in _FRAME_HEADERS:
            height, width = _number(data, at + 5, 2), _number(data, at + 7, 2)
        end = after if marker == END_OF_IMAGE else end
    return ImageKind("jpeg", width, height, trailing=_after_pictures(data, end) if end else 0)


def _after_pictures(data: bytes, end: int) -> int:
    """Count what follows the last picture: phones store several in one file, with zeros between them."""
    while rest := data[end:].lstrip(b"\0"):
        start = len(data) - len(rest)
        segments = jpeg_segments(data, start) if rest.startswith(b"\xff\xd8\xff") else ()
        ends = [after for marker, _, after in segments if marker == END_OF_IMAGE]
        if not ends:
            return len(data) - end
        end = ends[0]
    return 0


def jpeg_segments(data: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield (marker, its offset, offset after it) up to the end of one picture."""
    at = start + 2
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            raise ValueError("marker")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        after = (
            at + 2 if marker in _STANDALONE or marker == END_OF_IMAGE else at + 2 + _number(data, at + 2, 2)
        )
        yield marker, at, after
        if marker == END_OF_IMAGE:
            return
        at = _after_scan(data, after) if marker == START_OF_SCAN else after


def _after_scan(data: bytes, at: int) -> int:
    found = _MARKER_IN_SCAN.search(data, at)
    return found.start() if found else len(data)
