"""The measures react to what they are named for, and only to that."""

import io
import time

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from app.assets.imaging.jobs import measure_job
from app.assets.imaging.measure import measure


@pytest.fixture(scope="module")
def photo():
    """A textured picture with soft and hard parts, colours and a full range of tones."""
    rng = np.random.default_rng(2)
    coarse = Image.fromarray(rng.integers(0, 255, (24, 32, 3), np.uint8)).resize(
        (640, 480), Image.Resampling.BICUBIC
    )
    fine = rng.normal(0, 12, (480, 640, 1))
    return Image.fromarray(np.clip(np.asarray(coarse) + fine, 0, 255).astype(np.uint8))


def test_size_and_aspect(photo):
    """Width, height and their quotient are reported as they are."""
    facts = measure(photo)
    assert (facts.width, facts.height, facts.aspect) == (640, 480, 1.3333)


def test_blur_lowers_sharpness(photo):
    """The more blur, the less sharpness, by far."""
    values = [measure(photo.filter(ImageFilter.GaussianBlur(radius))).sharpness for radius in (0, 1, 3)]
    assert values[0] > 4 * values[1] > 8 * values[2] > 0


def test_sharpness_of_large_pictures_is_taken_at_one_scale(photo):
    """Above 1024 px a picture is as sharp as its copy of 1024 px."""
    small = photo.resize((1024, 768))
    large = small.resize((2048, 1536), Image.Resampling.NEAREST)
    assert measure(small).sharpness == pytest.approx(measure(large).sharpness, rel=0.01)


def test_exposure(photo):
    """Over-exposure clips the lights, under-exposure the shadows; the median follows."""
    normal, bright, dark = (measure(ImageEnhance.Brightness(photo).enhance(by)) for by in (1, 3, 0.02))
    assert bright.clip_high > 0.3 > normal.clip_high
    assert dark.clip_low > 0.3 > normal.clip_low
    assert dark.median < normal.median < bright.median


def test_blank_pictures_have_no_contrast_and_no_entropy():
    """One colour all over measures zero, not a negative or an error."""
    facts = measure(Image.new("RGB", (50, 50), "#204060"))
    assert (facts.contrast, facts.entropy, facts.sharpness, facts.colourfulness > 0) == (0, 0, 0, True)
    assert facts.colours == (("204060", 1.0),)


def test_contrast_and_entropy_fall_with_the_contrast(photo):
    """A flatter picture has a smaller spread and fewer bits."""
    flat, normal = measure(ImageEnhance.Contrast(photo).enhance(0.2)), measure(photo)
    assert flat.contrast < normal.contrast / 3
    assert flat.entropy < normal.entropy - 1


def test_colourfulness(photo):
    """Grey is 0; a more saturated copy is more colourful."""
    grey, normal, vivid = (measure(ImageEnhance.Color(photo).enhance(by)).colourfulness for by in (0, 1, 2))
    assert grey == 0
    assert normal < vivid


def test_dominant_colours_carry_their_shares():
    """Three quarters of red and one of blue are reported as such, most used first."""
    image = Image.new("RGB", (200, 100), "#ff0000")
    image.paste("#0000ff", (150, 0, 200, 100))
    assert measure(image).colours[:2] == (("ff0000", 0.75), ("0000ff", 0.25))


def test_near_duplicates_share_their_hash(photo):
    """Resizing and recompressing change at most a few bits; a mirrored picture changes many."""
    target = io.BytesIO()
    photo.resize((320, 240)).save(target, "JPEG", quality=70)
    mirrored = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    first, copy, other = (int(measure(one).dhash, 16) for one in (photo, Image.open(target), mirrored))
    assert (first ^ copy).bit_count() <= 4
    assert (first ^ other).bit_count() > 12


def test_transparency_is_measured_on_white():
    """What cannot be seen counts as white paper."""
    facts = measure(Image.new("RGBA", (20, 20), (0, 0, 0, 0)))
    assert (facts.median, facts.clip_high) == (255, 1.0)


@pytest.mark.parametrize("size", [(1, 1), (2, 500), (500, 1), (3, 3)])
def test_tiny_pictures_measure(size):
    """Even a single pixel gives finite numbers."""
    facts = measure(Image.new("RGB", size, "green"))
    assert np.isfinite([facts.sharpness, facts.entropy, facts.contrast, facts.colourfulness]).all()


def test_measuring_is_quick(photo):
    """A megapixel is measured in tens of milliseconds of CPU."""
    large = photo.resize((1024, 1024))
    measure(large)
    started = time.process_time()
    measure(large)
    assert time.process_time() - started < 0.25


def test_the_job_takes_bytes(photo):
    """The pool's job measures encoded bytes to the same numbers."""
    target = io.BytesIO()
    photo.save(target, "PNG")
    assert measure_job(target.getvalue()) == measure(photo)
