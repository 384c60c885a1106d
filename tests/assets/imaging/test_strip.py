"""Files of people lose what is not the picture."""

import io
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from app.assets.imaging.decode import open_image
from app.assets.imaging.errors import ImageRefusedError
from app.assets.imaging.strip import stripped

SECRETS = (b"SECRETCAM", b"private remark", b"GPS")


def photo(form: str, upright: int = 1, **more) -> bytes:
    """A picture of noise that says who took it, and which way is up."""
    pixels = (np.random.default_rng(1).random((20, 36, 3)) * 255).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = upright, "SECRETCAM"
    exif.get_ifd(0x8825)[29] = "GPS"
    if form == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Comment", "private remark")
    if form == "JPEG":
        more |= {"comment": b"private remark", "quality": 92}
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, exif=exif, **more)
    return out.getvalue()


@pytest.mark.parametrize("upright", [1, 3, 6, 8])
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_the_picture_stays_and_its_story_goes(form, upright):
    """Pixels and the way up are the same; camera, place and remarks are gone; again changes nothing."""
    data = photo(form, upright)
    assert any(each in data for each in SECRETS)
    clean = stripped(data)
    assert not any(each in clean for each in SECRETS)
    assert np.array_equal(np.asarray(open_image(data)), np.asarray(open_image(clean)))
    assert stripped(clean) == clean


def test_colour_profiles_stay():
    """A profile says what the colours are; without it the picture would look otherwise."""
    profile = b"\0" * 36 + b"acsp" + b"\0" * 200
    for form in ("PNG", "JPEG", "WEBP"):
        with Image.open(io.BytesIO(stripped(photo(form, icc_profile=profile)))) as image:
            assert image.info["icc_profile"] == profile


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_what_follows_the_picture_is_cut_off(form):
    """Phones put films behind a photo, attackers programs; neither is kept, and the picture is."""
    clean = stripped(photo(form) + b"<script>alert(1)</script>" * 9)
    assert b"script" not in clean
    assert open_image(clean).size == (36, 20)


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_broken_files_are_refused_or_read(at):
    """Wherever a byte is wrong or the file ends, the answer is a picture or a refusal."""
    for form in ("PNG", "JPEG", "WEBP"):
        data = photo(form, 6)
        for wrong in (data[:at], data[:at] + b"\xff" + data[at + 1 :]):
            with suppress(ImageRefusedError):
                open_image(stripped(wrong))
