"""The procedural model: deterministic, honest about itself, able to paint everything at every shape."""

import itertools
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from app.providers.procedural.engine import STYLES, SUBJECTS, CanvasSizeError, paint
from app.providers.procedural.styles import RENDERERS
from app.providers.procedural.subjects import parts_of

SHAPES = [(64, 64), (64, 320), (320, 64), (320, 180), (180, 320), (257, 191)]


def gallery(subject, edge=192):
    return {style: np.asarray(paint(subject, style, edge, edge, 5)[0], np.float32) for style in STYLES}


def test_equal_arguments_give_equal_pixels():
    """The same prompt, style, size and seed paint the same bytes."""
    for style in STYLES:
        first, second = (paint("amber perfume bottle", style, 192, 160, 11)[0] for _ in range(2))
        assert first.tobytes() == second.tobytes()


def test_another_process_paints_the_same():
    """Nothing of a process (hash seed, order of imports) leaks into a picture."""
    code = (
        "import hashlib\nfrom app.providers.procedural.engine import paint\n"
        "print(hashlib.sha256(paint('a cat', 'noir', 96, 96, 3)[0].tobytes()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


@pytest.mark.parametrize("change", [{"seed": 2}, {"prompt": "green mug"}, {"style": "neon"}])
def test_every_argument_changes_the_picture(change):
    """Seed, prompt and style each lead to another picture."""
    asked = {"prompt": "red mug", "style": "anime", "width": 128, "height": 128, "seed": 1}
    assert paint(**asked)[0].tobytes() != paint(**asked | change)[0].tobytes()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_style_paints_every_subject_in_its_own_manner(subject):
    """Each of the seventy pictures has contrast, and no two styles come near each other."""
    pictures = gallery(subject)
    assert all(picture.std() > 15 for picture in pictures.values())
    for (one, first), (two, second) in itertools.combinations(pictures.items(), 2):
        assert np.abs(first - second).mean() > 12, (subject, one, two)


@pytest.mark.parametrize("style", STYLES)
def test_subjects_differ_within_a_style(style):
    """The prompt's subject is what is painted: ten subjects make ten pictures."""
    pictures = [np.asarray(paint(name, style, 96, 96, 5)[0], np.float32) for name in SUBJECTS]
    for first, second in itertools.combinations(pictures, 2):
        assert np.abs(first - second).mean() > 2


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", SHAPES)
def test_any_shape_from_the_smallest_edge_up(style, size):
    """Pictures come in the exact size asked for, whatever the shape."""
    for prompt in ("woman in a coat", "sneaker on the beach", "", "boat in the city at night"):
        image, painting = paint(prompt, style, *size, seed=3)
        assert image.size == size == (painting.width, painting.height)
        assert image.mode == "RGB"


def test_painting_says_what_it_is():
    """The metadata names the model, admits that no AI was at work, and repeats the request."""
    painting = paint("black coffee mug", "watercolor", 80, 64, 42)[1]
    assert (painting.model_id, painting.ai_model) == ("procedural/atelier-1", False)
    assert (painting.style, painting.style_understood, painting.subject) == ("watercolour", True, "mug")
    assert (painting.seed, painting.width, painting.height) == (42, 80, 64)
    assert painting.seconds >= 0


def test_a_hint_without_a_style_is_painted_and_admitted():
    """An unknown style still paints, always the same one, and the metadata says it was not understood."""
    first, second = (paint("cat", "zzyzx", 64, 64, seed)[1] for seed in (1, 2))
    assert first.style == second.style
    assert first.style in STYLES
    assert (first.style_hint, first.style_understood) == ("zzyzx", False)


def test_colours_of_the_prompt_reach_the_picture():
    """A red bottle is redder than a blue one."""
    red, blue = (
        np.asarray(paint(f"{name} bottle", "studio", 128, 128, 1)[0], np.int16)[:, :, 0::2].mean((0, 1))
        for name in ("red", "blue")
    )
    assert red[0] - red[1] > blue[0] - blue[1] + 5


@pytest.mark.parametrize(("width", "height"), [(63, 512), (512, 4097), (0, 0), (-5, 100)])
def test_sizes_out_of_range_are_refused_with_the_bounds(width, height):
    """A size the model cannot paint is named, with the bounds, and the error crosses a process pool."""
    with pytest.raises(CanvasSizeError, match="between 64 and 4096") as caught:
        paint("cat", "anime", width, height, 1)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.width, copy.height, copy.least, copy.most) == (width, height, 64, 4096)


@pytest.mark.parametrize(
    "prompt", ["", "   ", "日本語の猫", "\ud800 broken", "x" * 20_000, "100% {cat} \x00"]
)
def test_any_prompt_paints(prompt):
    """Empty, foreign, broken and endless prompts all give a picture."""
    assert paint(prompt, "papercut", 64, 64, -7)[0].size == (64, 64)


def test_tables_agree():
    """Each style has a renderer and each subject its parts."""
    assert tuple(RENDERERS) == STYLES
    assert all(parts_of(subject) for subject in SUBJECTS)
