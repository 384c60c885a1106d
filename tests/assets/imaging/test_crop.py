"""The smart crop: the right shape, inside the picture, around what matters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from app.assets.imaging.crop import best_box


def scene(size, centre, radius=45):
    """A dull textured picture with one bright, colourful disc."""
    pixels = np.random.default_rng(3).integers(70, 90, (size[1], size[0], 3), np.uint8)
    image = Image.fromarray(pixels)
    box = [centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius]
    ImageDraw.Draw(image).ellipse(box, fill=(255, 180, 30))
    return image, box


@pytest.mark.parametrize("x", [60, 200, 420, 700, 840])
@pytest.mark.parametrize("aspect", [9 / 16, 4 / 5, 1.0])
def test_a_bright_subject_stays_inside_across(x, aspect):
    """Wherever it stands across a wide picture, the subject is kept whole."""
    image, subject = scene((900, 500), (x, 250))
    left, top, width, height = best_box(image, aspect)
    assert left <= subject[0]
    assert left + width >= subject[2]
    assert (top, height) == (0, 500)


@pytest.mark.parametrize("y", [60, 250, 550, 740])
def test_a_bright_subject_stays_inside_down(y):
    """Wherever it stands down a tall picture, the subject is kept whole."""
    image, subject = scene((450, 800), (200, y))
    left, top, width, height = best_box(image, 1.91)
    assert top <= subject[1]
    assert top + height >= subject[3]
    assert (left, width) == (0, 450)


def test_a_plain_picture_is_cut_in_the_middle():
    """With nothing to prefer, both sides lose the same."""
    assert best_box(Image.new("RGB", (900, 300), "grey"), 1.0) == (300, 0, 300, 300)


def test_focus_overrides_what_stands_out():
    """The window is centred on the focus as far as the edges allow."""
    image, _ = scene((900, 300), (800, 150))
    assert best_box(image, 1.0, (0.25, 0.5)) == (75, 0, 300, 300)
    assert best_box(image, 1.0, (0.0, 1.0)) == (0, 0, 300, 300)
    assert best_box(image, 1.0, (1.0, 0.0)) == (600, 0, 300, 300)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.floats(0.05, 20), st.booleans())
def test_boxes_lie_inside_and_are_as_large_as_can_be(width, height, aspect, focused):
    """Any size and shape give a box inside the picture that touches two edges."""
    image = Image.new("RGB", (width, height), "teal")
    x, y, wide, tall = best_box(image, aspect, (0.9, 0.1) if focused else None)
    assert x >= 0
    assert y >= 0
    assert 1 <= wide <= width - x
    assert 1 <= tall <= height - y
    assert wide == width or tall == height
    assert abs(wide - tall * aspect) <= max(1, aspect) or min(wide, tall) == 1


@pytest.mark.parametrize(("aspect", "focus"), [(0, None), (-1, None), (1, (1.2, 0.5)), (1, (0.5, -0.1))])
def test_impossible_wishes_are_refused(aspect, focus):
    """A shape without area or a focus outside the picture is an error that says so."""
    with pytest.raises(ValueError, match="must"):
        best_box(Image.new("RGB", (30, 20)), aspect, focus)
