"""Recipes in picture files: other readers still open them, the same content gives the same bytes."""

import hashlib
import io
import struct
import time
import zlib

import pytest
from PIL import Image

from app.assets.imaging.embed import MAX_PACKED, MAX_TEXT, RecipeDamagedError, find, pack, put_in, unpack
from app.assets.imaging.jobs import export_job, ingest_job
from app.assets.imaging.presets import load_platforms

TEXT = b'{"format":"sakuga.recipe/1","prompt":"\xc3\xa4 mug"}'


def _picture(form: str, mode: str = "RGB", **options) -> bytes:
    target = io.BytesIO()
    Image.linear_gradient("L").resize((640, 400)).convert(mode).save(target, form, **options)
    return target.getvalue()


FILES = {
    "png": _picture("PNG"),
    "webp": _picture("WEBP"),
    "webp lossless": _picture("WEBP", "RGBA", lossless=True),
    "webp with xmp": _picture("WEBP", xmp=b"<x:xmpmeta>old</x:xmpmeta>"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_recipe_goes_in_and_comes_out_of_a_file_that_still_opens(name: str) -> None:
    """Rule: pixels stay, our strict door takes the file, a second recipe replaces the first, bytes repeat."""
    before, packed = FILES[name], pack(TEXT)
    assert packed
    once = put_in(put_in(before, pack(b"{}") or b""), packed)
    assert once == put_in(before, packed)
    assert hashlib.sha256(once).digest() == hashlib.sha256(put_in(before, packed)).digest()
    assert unpack(find(once) or b"") == TEXT
    assert find(before) is None
    with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(once)) as new:
        new.load()
        assert (old.size, old.mode, old.tobytes()) == (new.size, new.mode, new.tobytes())
    facts = ingest_job(once)
    assert (facts.width, facts.height) == (640, 400)


def test_png_readers_see_the_text() -> None:
    """Rule: the chunk is a standard iTXt, so that any reader of PNG text shows the recipe."""
    with Image.open(io.BytesIO(put_in(FILES["png"], pack(TEXT) or b""))) as picture:
        picture.load()
        assert picture.text["sakuga"] == TEXT.decode()


@pytest.mark.parametrize("platform", ["web", "instagram_feed", "shopify_product"])
def test_exports_carry_the_recipe_of_their_source(platform: str) -> None:
    """Rule: WebP and PNG exports keep it, the same source gives the same bytes, JPEG has no room for it."""
    source = put_in(FILES["png"], pack(TEXT) or b"")
    preset = load_platforms()[platform]
    made = export_job(source, preset, None, None, "A mug", "algorithmicMedia")
    assert made.data == export_job(source, preset, None, None, "A mug", "algorithmicMedia").data
    found = find(made.data)
    assert (unpack(found) if found else None) == (None if made.format == "jpeg" else TEXT)


def _chunk(body: bytes) -> bytes:
    head = struct.pack(">I4s", len(body), b"iTXt") + body
    return FILES["png"][:33] + head + struct.pack(">I", zlib.crc32(head[4:])) + FILES["png"][33:]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"sakuga\0\1\0\0\0" + zlib.compress(bytes(MAX_TEXT + 1)), "unpacks to more than"),
        (b"sakuga\0\1\0\0\0" + bytes(MAX_PACKED + 1), "larger than"),
        (b"sakuga\0\1\0\0\0not zlib at all", "does not unpack"),
        (b"sakuga\0\1\0\0\0" + zlib.compress(TEXT)[:-6], "breaks off"),
        (b"sakuga\0\0\0\0\0plain", "not written as ours"),
        (b"sakuga\0", "not written as ours"),
    ],
)
def test_hostile_chunks_are_refused_with_the_reason_and_cost_little(body: bytes, told: str) -> None:
    """Rule: a bomb, an oversized, a broken and a foreign chunk each name their fault; exports drop them."""
    began = time.perf_counter()
    with pytest.raises(RecipeDamagedError, match=told):
        unpack(find(_chunk(body)) or b"")
    assert time.perf_counter() - began < 1
    wild = b"RIFF\xff\xff\xff\xffWEBPXMP \xff\xff\xff\x7f<sakuga:recipe>"
    assert find(wild) is None
    assert find(b"\x89PNG\r\n\x1a\n" + b"\xff" * 40) is None
