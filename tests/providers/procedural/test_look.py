"""What paintings take over from a reference picture."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.providers.procedural.engine import paint
from app.providers.procedural.look import look_at
from app.providers.procedural.styles import RENDERERS


def scene(x: float, thing: str = "teal", sky: str = "khaki") -> Image.Image:
    """A thing on a dark table before a wall."""
    image = Image.new("RGB", (300, 200), sky)
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((0, 130, 300, 200), fill="saddlebrown")
    drawing.ellipse((300 * x - 35, 60, 300 * x + 35, 150), fill=thing)
    return image


def test_the_thing_that_stands_out_gives_colour_and_place():
    """Its colour is the main one, its place the subject's; the wall gives the sky its colour."""
    left, right = look_at(scene(0.25)), look_at(scene(0.75))
    assert left.middle < 0.4 < 0.6 < right.middle
    assert np.allclose(left.colours["main"], (0, 0.5, 0.5), atol=0.08)
    assert np.allclose(left.colours["top"], np.array((240, 230, 140)) / 255, atol=0.03)


@pytest.mark.parametrize("style", RENDERERS)
def test_every_style_takes_the_look_over(style):
    """Each style paints another picture after each reference, and the same one after the same."""
    looks = [look_at(scene(0.3)), look_at(scene(0.7, "crimson", "lightblue"))]
    pictures = [np.asarray(paint("a mug", style, 96, 96, 5, look)[0]) for look in (None, *looks, looks[0])]
    assert np.array_equal(pictures[1], pictures[3])
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(pictures[one].astype(int) - pictures[other]).mean() > 4


def test_colours_of_the_prompt_win():
    """A prompt that names a colour gets it, whatever the reference shows."""
    look = look_at(scene(0.5, "teal"))
    pixels = np.asarray(paint("a red mug", "editorial-flat", 96, 96, 5, look)[0]).astype(int)
    red = (pixels[..., 0] > 150) & (pixels[..., 1] < 110) & (pixels[..., 2] < 110)
    assert red.mean() > 0.03


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_any_picture_has_a_look(mode):
    """Grey, transparent and one-coloured pictures give finite colours."""
    for image in (scene(0.5).convert(mode), Image.new(mode, (1, 1))):
        found = look_at(image.convert("RGBA" if mode == "P" else mode))
        assert np.isfinite([*found.colours.values()]).all()
        assert np.isfinite(np.asarray(paint("x", "neon", 64, 64, 1, found)[0])).all()
