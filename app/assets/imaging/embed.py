"""A recipe inside a picture file, put in and found again without decoding the picture.

PNG: an ``iTXt`` chunk with the keyword ``sakuga``, compressed (ISO/IEC 15948 §11.3.3). WebP: ``XMP ``
(WebP container, ISO 16684-1) whose ``sakuga:recipe`` is the base64 of the same zlib stream. Readers that do
not know it pass over it. Whatever comes from outside is bounded before and after it is unpacked.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterator

from app.assets.imaging.xmp import packet

MAX_PACKED = 256 * 1024
MAX_TEXT = 4 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"sakuga\0"
_HEAD = _KEYWORD + b"\x01\x00\x00\x00"
_OPEN, _CLOSE = b"<sakuga:recipe>", b"</sakuga:recipe>"
_HAS_XMP, _HAS_ALPHA = 0x04, 0x10
_MOST_CHUNKS = 100_000
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")


class RecipeDamagedError(ValueError):
    """A picture says that it carries a recipe, and it cannot be read; the text says why."""


def pack(text: bytes) -> bytes | None:
    """A recipe as it travels; None when it is too large for a picture."""
    packed = zlib.compress(text, 6)
    return packed if len(packed) <= MAX_PACKED and len(text) <= MAX_TEXT else None


def put_in(data: bytes, packed: bytes) -> bytes:
    """The file with a recipe in place of any it had; kinds that cannot hold one come back as they were."""
    if data.startswith(_PNG):
        return _into_png(data, packed)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _into_webp(data, packed)
    return data


def find(data: bytes) -> bytes | None:
    """The packed recipe of a file, still unread; None when there is none.

    Raises:
        RecipeDamagedError: It is there and cannot be read.
    """
    if data.startswith(_PNG):
        bodies = (body for name, body, _ in _png_chunks(data) if name == b"iTXt")
        body = next((each for each in bodies if each.startswith(_KEYWORD)), None)
        if body is None:
            return None
        if not body.startswith(_HEAD):
            raise RecipeDamagedError("its text chunk is not written as ours are")
        return _bounded(body[len(_HEAD) :])
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        xmp = next((body for name, body in _webp_chunks(data) if name == b"XMP "), b"")
        return _in_xmp(xmp)
    return None


def without_texts(data: bytes) -> bytes:
    """A PNG without its text chunks; other files come back as they were."""
    if not data.startswith(_PNG):
        return data
    kept = [data[slice(*place)] for name, _, place in _png_chunks(data) if name not in _TEXTS]
    return b"".join((_PNG, *kept))


def unpack(packed: bytes) -> bytes:
    """The text of a recipe.

    Raises:
        RecipeDamagedError: It does not unpack, or to more than 4 MiB.
    """
    reader = zlib.decompressobj()
    try:
        text = reader.decompress(_bounded(packed), MAX_TEXT + 1)
    except zlib.error as error:
        raise RecipeDamagedError("it does not unpack") from error
    if len(text) > MAX_TEXT:
        raise RecipeDamagedError(f"it unpacks to more than {MAX_TEXT // 1024 // 1024} MiB")
    if not reader.eof:
        raise RecipeDamagedError("it breaks off")
    return text


def _bounded(packed: bytes) -> bytes:
    if len(packed) > MAX_PACKED:
        raise RecipeDamagedError(f"it is larger than {MAX_PACKED // 1024} KiB")
    return packed


def _into_png(data: bytes, packed: bytes) -> bytes:
    body = _HEAD + packed
    chunk = struct.pack(">I4s", len(body), b"iTXt") + body
    chunk += struct.pack(">I", zlib.crc32(chunk[4:]))
    parts = [data[: len(_PNG)]]
    for name, old, (start, end) in _png_chunks(data):
        if name == b"iTXt" and old.startswith(_KEYWORD):
            continue
        parts.append(data[start:end])
        if name == b"IHDR":
            parts.append(chunk)
    return b"".join(parts)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, tuple[int, int]]]:
    """Name, body (of text chunks only) and place of each chunk up to the end of the picture."""
    at = len(_PNG)
    for _ in range(_MOST_CHUNKS):
        if at + 12 > len(data):
            return
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if end > len(data):
            return
        body = data[at + 8 : end - 4] if name == b"iTXt" else b""
        yield name, body, (at, end)
        if name == b"IEND":
            return
        at = end


def _into_webp(data: bytes, packed: bytes) -> bytes:
    chunks = [(name, body) for name, body in _webp_chunks(data) if name != b"XMP "]
    if not chunks:
        return data
    if chunks[0][0] != b"VP8X":
        chunks.insert(0, (b"VP8X", _extended(*chunks[0])))
    flags = chunks[0][1][0] | _HAS_XMP
    chunks[0] = (b"VP8X", bytes([flags]) + chunks[0][1][1:])
    chunks.append((b"XMP ", packet(None, None, base64.b64encode(packed).decode()) or b""))
    body = b"".join(
        name + struct.pack("<I", len(each)) + each + b"\0" * (len(each) % 2) for name, each in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _extended(name: bytes, body: bytes) -> bytes:
    """The header that a plain WebP needs before it may carry anything else."""
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        wide, high, alpha = bits & 0x3FFF, bits >> 14 & 0x3FFF, bits >> 28 & 1
    else:
        wide = (int.from_bytes(body[6:8], "little") & 0x3FFF) - 1
        high = (int.from_bytes(body[8:10], "little") & 0x3FFF) - 1
        alpha = 0
    flags = bytes([_HAS_ALPHA if alpha else 0, 0, 0, 0])
    return flags + wide.to_bytes(3, "little") + high.to_bytes(3, "little")


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        name, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > len(data):
            return
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _in_xmp(xmp: bytes) -> bytes | None:
    start = xmp.find(_OPEN)
    end = xmp.find(_CLOSE, start) if start >= 0 else -1
    if start < 0:
        return None
    text = xmp[start + len(_OPEN) : end] if end > 0 else b"?"
    if len(text) > MAX_PACKED * 4 // 3 + 4:
        raise RecipeDamagedError(f"it is larger than {MAX_PACKED // 1024} KiB")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise RecipeDamagedError("it is not base64") from error
