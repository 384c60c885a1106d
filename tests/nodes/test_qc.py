"""Rules of quality control."""

import asyncio
from dataclasses import replace

import pytest

from graphs.errors import PermanentError
from nodes.qc import Inputs, QualityControl, Settings

NAMES = ["resolution", "sharpness", "shadows_clipped", "highlights_clipped", "contrast", "entropy"]


def judge(ctx, images, **settings):
    return asyncio.run(QualityControl(Settings(**settings)).run(Inputs(images=images), ctx))


def test_a_good_picture_passes_with_every_value_beside_its_threshold(ctx, image):
    """The verdict lists each check with value and threshold, and travels on the picture (S43)."""
    outputs = judge(ctx, [image()])
    assert outputs.passed
    assert outputs.images[0].qc == outputs.report
    assert [check.name for check in outputs.report.checks] == NAMES
    resolution = outputs.report.checks[0]
    assert (resolution.value, resolution.threshold, resolution.passed) == (1280, 512, True)


@pytest.mark.parametrize(
    ("measured", "name"),
    [
        ({"width": 511}, "resolution"),
        ({"height": 100}, "resolution"),
        ({"sharpness": 1.0}, "sharpness"),
        ({"clip_low": 0.7}, "shadows_clipped"),
        ({"clip_high": 0.7}, "highlights_clipped"),
        ({"contrast": 1.0}, "contrast"),
        ({"entropy": 0.2}, "entropy"),
    ],
)
def test_each_fault_is_found(ctx, image, measured, name):
    """Each measure beyond its threshold fails its own check and no other."""
    outputs = judge(replace(ctx, measures=measured), [image()])
    assert not outputs.passed
    assert [check.name for check in outputs.report.checks if not check.passed] == [name]


# Sharpness, both clipped shares, contrast and entropy of the softest and hardest rehearsal pictures.
@pytest.mark.parametrize(
    ("sharpness", "clip_low", "clip_high", "contrast", "entropy"),
    [
        (8.5, 0, 0, 29.25, 6.721),
        (15.4, 0, 0, 18.79, 6.011),
        (24.8, 0, 0.183, 45.79, 6.067),
        (2694.6, 0, 0, 58.26, 6.584),
        (908.2, 0.019, 0, 40.68, 6.986),
        (1202.8, 0, 0, 61.58, 6.827),
    ],
)
def test_every_rehearsal_style_passes_by_default(
    ctx, image, sharpness, clip_low, clip_high, contrast, entropy
):
    """The default thresholds suit flat art as well as photographs."""
    measures = {
        "sharpness": sharpness,
        "clip_low": clip_low,
        "clip_high": clip_high,
        "contrast": contrast,
        "entropy": entropy,
    }
    assert judge(replace(ctx, measures=measures), [image()]).passed


def test_a_failing_picture_is_delivered_with_its_verdict(ctx, image):
    """The fallback delivers, but the picture says that it failed (S46, S48)."""
    outputs = judge(ctx, [image(), image(width=64)])
    assert [picture.qc.passed for picture in outputs.images] == [True, False]
    assert (outputs.passed, outputs.report.passed) == (False, False)


def test_a_strict_workflow_fails_and_says_why(ctx, image):
    """With on_fail "fail" the run fails with the measured value and the threshold in words."""
    with pytest.raises(PermanentError, match="resolution 64 is below 512") as caught:
        judge(ctx, [image(width=64)], on_fail="fail")
    assert caught.value.code == "node.qc_failed"


def test_a_warning_alone_does_not_fail(ctx, image):
    """Sharpness may be set to warn: the check shows its failure, the verdict stays good."""
    soft = replace(ctx, measures={"sharpness": 0.5})
    outputs = judge(soft, [image()], sharpness_severity="warn", on_fail="fail")
    assert outputs.passed
    assert [check.name for check in outputs.report.checks if not check.passed] == ["sharpness"]


def test_nothing_to_judge_is_an_error(ctx):
    """An empty list never counts as passed."""
    with pytest.raises(PermanentError) as caught:
        judge(ctx, [])
    assert caught.value.code == "node.input_missing"
