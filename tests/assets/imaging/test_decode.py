"""The safe decoder: what passes comes out upright, still and in sRGB; the rest costs nothing."""

import io
import pickle
import random
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from app.assets.imaging.decode import open_image
from app.assets.imaging.errors import ImageRefusedError
from app.assets.imaging.sniff import sniff

FORMATS = ["PNG", "JPEG", "WEBP"]


def picture(width=40, height=30, mode="RGB"):
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    return Image.fromarray(pixels).resize((width, height)).convert(mode)


def saved(image, form, **options):
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, *, bits=1, colour=0, before=b"", rows=None):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    body = rows if rows is not None else bytes((width * bits + 7) // 8 + 1) * height
    packed = chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + before + packed


def webp_header(width, height):
    bits = (width - 1) | (height - 1) << 14
    body = b"VP8L" + struct.pack("<I", 5) + b"\x2f" + struct.pack("<I", bits) + b"\0"
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def many_scans(count):
    """A JPEG whose picture is announced in far more passes than any encoder writes."""
    data = saved(picture(), "JPEG")
    scan = data.index(b"\xff\xda")
    return data[:scan] + data[scan:-2] * count + b"\xff\xd9"


def jpeg_header(width, height):
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + frame + b"\xff\xd9"


def refusal(data, **limits):
    with pytest.raises(ImageRefusedError) as caught:
        open_image(data, **limits)
    return caught.value


def outcome(data):
    try:
        return open_image(data).mode
    except ImageRefusedError as error:
        return str(error)


@pytest.mark.parametrize("form", FORMATS)
def test_still_images_open(form):
    """PNG, JPEG and WebP open in their size, with no metadata left."""
    image = open_image(saved(picture(), form))
    assert (image.size, image.mode, image.info) == ((40, 30), "RGB", {})


@pytest.mark.parametrize("form", FORMATS)
def test_sniff_reads_format_and_size_without_decoding(form):
    """The header alone tells format and size, even when the pixels are missing."""
    kind = sniff(saved(picture(321, 123), form)[:700])
    assert (kind.format, kind.width, kind.height) == (form.lower(), 321, 123)


def test_sniff_reads_all_three_kinds_of_webp():
    """Lossy, lossless and extended WebP state their size in different places."""
    lossy, lossless = saved(picture(), "WEBP"), saved(picture(), "WEBP", lossless=True)
    extended = saved(picture(), "WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0")
    assert {data[12:16] for data in (lossy, lossless, extended)} == {b"VP8 ", b"VP8L", b"VP8X"}
    assert {(sniff(data).width, sniff(data).height) for data in (lossy, lossless, extended)} == {(40, 30)}


@pytest.mark.parametrize(
    "data",
    [png(9400, 9400), webp_header(16383, 16383), jpeg_header(60000, 60000), png(2**31 - 1, 1, rows=b"")],
)
def test_pixel_bombs_are_refused_by_their_header(data):
    """A small file that would unfold to more than 50 million pixels is refused with its size."""
    assert len(data) < 50_000
    error = refusal(data)
    assert error.reason == "too_many_pixels"
    assert error.width * error.height > error.limit == 50_000_000
    assert str(error.width) in str(error)


def test_refusing_bombs_takes_no_memory():
    """Bombs of pixels, of text and of contradicting headers leave the process as small as it was."""
    code = """
import resource, sys
from app.assets.imaging.decode import open_image
from app.assets.imaging.errors import ImageRefusedError
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
bombs = eval(sys.stdin.read())
try: open_image(bombs[-1][:60])
except ImageRefusedError: pass
before = peak()
for bomb in bombs:
    try: open_image(bomb)
    except ImageRefusedError as error: print(error.reason)
print((peak() - before) // 1024)
"""
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9))
    profile = chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(80_000_000), 9))
    second = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    tiny = [png(8, 8, before=extra) for extra in (text, profile, second)]
    bombs = [png(9400, 9400), webp_header(16383, 16383), *tiny]
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=repr(bombs),
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    *reasons, grown = done.stdout.split()
    assert reasons[:2] == ["too_many_pixels"] * 2
    assert "damaged" in reasons[2:]
    assert int(grown) < 40


def test_endless_scans_are_refused():
    """Thousands of passes over one picture would keep a decoder busy; they are refused unread."""
    assert refusal(many_scans(5000)).reason == "damaged"
    assert sniff(many_scans(10)).trailing == 0


def test_a_second_header_cannot_bring_a_bomb_back():
    """Pixels are only decoded in the size that was checked."""
    second = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    assert refusal(png(8, 8, before=second)).reason == "damaged"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.97])
def test_truncated_files_are_damaged(form, share):
    """A file cut short anywhere is refused, never shown half grey."""
    data = saved(picture(200, 150), form)
    assert refusal(data[: int(len(data) * share)]).reason in {"damaged", "unknown_format"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"%PDF-1.7",
        b"BM" + bytes(60),
        saved(picture(), "GIF"),
        saved(picture(), "TIFF"),
        saved(picture(), "BMP"),
        b"GIF89a" + saved(picture(), "PNG"),
        b"RIFF\x10\0\0\0WAVEfmt ",
    ],
)
def test_other_formats_are_refused(data):
    """SVG, PDF, GIF, TIFF, BMP and nothing at all are no images here."""
    assert refusal(data).reason == "unknown_format"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "tail", [b"PK\x03\x04 zip", b"<script>alert(1)</script>", b"\0\0\0\x18ftypmp42", b"\xff\xd8\xff"]
)
def test_polyglots_are_refused(form, tail):
    """What follows the end of an image could be read as something else, so it is refused and counted."""
    error = refusal(saved(picture(), form) + tail)
    assert (error.reason, error.size) == ("trailing_data", len(tail))


def test_several_pictures_of_one_photo_open_as_the_first():
    """Phones store a second picture behind the first; that is no polyglot."""
    first = picture(mode="RGB")
    data = saved(first, "MPO", save_all=True, append_images=[picture(20, 10)])
    assert open_image(data).size == first.size
    assert refusal(data + b"PK\x03\x04").reason == "trailing_data"


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_animations_are_refused(form):
    """Animated PNG and WebP are refused before a frame is decoded."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = saved(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
    assert refusal(data).reason == "animated"


def test_limits_belong_to_the_caller():
    """Both limits can be set, and the error carries the limit that was crossed."""
    data = saved(picture(), "PNG")
    assert refusal(data, max_pixels=1199).limit == 1199
    error = refusal(data, max_bytes=100)
    assert (error.reason, error.size, error.limit) == ("too_many_bytes", len(data), 100)
    assert open_image(data, max_pixels=1200, max_bytes=len(data)).size == (40, 30)


@pytest.mark.parametrize("form", FORMATS)
def test_orientation_is_applied(form):
    """A picture stored lying comes out standing, the way its EXIF says."""
    image = Image.new("RGB", (60, 40), "white")
    image.paste("red", (0, 0, 60, 10))
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = open_image(saved(image, form, exif=exif.tobytes()))
    assert upright.size == (40, 60)
    red, _, blue = upright.getpixel((36, 30))
    assert red > 200
    assert blue < 90


@pytest.mark.parametrize(
    ("mode", "form", "result"),
    [
        ("L", "PNG", "RGB"),
        ("LA", "PNG", "RGBA"),
        ("RGBA", "WEBP", "RGBA"),
        ("CMYK", "JPEG", "RGB"),
        ("1", "PNG", "RGB"),
        ("P", "PNG", "RGB"),
        ("RGBA", "PNG", "RGBA"),
        ("L", "JPEG", "RGB"),
    ],
)
def test_every_mode_becomes_rgb_or_rgba(mode, form, result):
    """Grey, palette, CMYK and bilevel pictures are converted; transparency is kept."""
    image = picture().convert(mode)
    if mode in {"LA", "RGBA"}:
        image.putalpha(128)
    assert open_image(saved(image, form)).mode == result


def test_a_transparent_palette_keeps_its_holes():
    """A palette entry declared transparent stays transparent."""
    image = Image.new("P", (4, 4), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    assert open_image(saved(image, "PNG", transparency=0)).getpixel((0, 0))[3] == 0


def test_sixteen_bit_grey_is_scaled():
    """Sixteen bits of grey become eight by scaling, not by clipping."""
    image = Image.fromarray(np.full((4, 4), 0x8000, np.uint16))
    assert open_image(saved(image, "PNG")).getpixel((0, 0)) == (128, 128, 128)


def test_a_broken_colour_profile_is_ignored():
    """An unreadable ICC profile does not cost the picture."""
    assert open_image(saved(picture(), "PNG", icc_profile=b"nonsense" * 40)).size == (40, 30)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("form", FORMATS)
def test_damage_never_escapes_as_another_error(form):
    """Whatever bytes are flipped, the answer is a picture or a refusal."""
    rng = random.Random(7)
    original = saved(picture(60, 50), form, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0")
    for _ in range(250):
        data = bytearray(original)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        assert outcome(bytes(data))


def test_errors_cross_a_process_pool_with_their_facts():
    """Pickling keeps every attribute."""
    error = pickle.loads(pickle.dumps(refusal(png(9400, 9400))))
    assert (error.reason, error.format, error.width, error.limit) == (
        "too_many_pixels",
        "png",
        9400,
        50_000_000,
    )
