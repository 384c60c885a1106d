"""Rules of the multi-format export."""

import asyncio
from dataclasses import replace

import pytest

from graphs.errors import PermanentError
from graphs.sockets import Check, Report
from nodes.multi_format_export import Inputs, MultiFormatExport, Settings

REPORT = Report(passed=False, checks=(Check(name="resolution", passed=False, value=1, threshold=2),))


def export(ctx, images, platform=None, **settings):
    node = MultiFormatExport(Settings(**settings))
    return asyncio.run(node.run(Inputs(images=images, platform=platform), ctx)).images


def test_the_platform_of_the_trigger_decides(ctx, image):
    """One picture for the platform that was asked for, in its size and format (S27)."""
    (variant,) = export(ctx, [image()], "instagram_feed")
    assert (variant.platform_code, variant.width, variant.height) == ("instagram_feed", 1080, 1350)


def test_without_one_every_platform_of_the_settings_is_made(ctx, image):
    """Several platforms in one run give one picture each per source; a platform named twice counts once."""
    variants = export(ctx, [image(), image(asset_id="a2")], platforms=["web", "amazon", "web"])
    assert [variant.asset_id for variant in variants] == ["a1/web", "a1/amazon", "a2/web", "a2/amazon"]
    assert [variant.platform_code for variant in export(ctx, [image()])] == ["web"]


def test_what_is_known_of_the_source_stays_known(ctx, image):
    """Model, seed, prompt, style and verdict of a picture belong to its variants too."""
    source = image(model_id="procedural/x", seed=7, prompt="mug", style="noir", ai_model=False, qc=REPORT)
    (variant,) = export(ctx, [source], "web")
    assert (variant.model_id, variant.seed, variant.prompt, variant.style) == (
        "procedural/x",
        7,
        "mug",
        "noir",
    )
    assert variant.ai_model is False
    assert variant.qc == REPORT


@pytest.mark.parametrize(("fit", "options"), [("preset", {}), ("pad", {"fit": "pad"})])
def test_the_fit_is_the_presets_unless_set(ctx, image, fit, options):
    """The settings may overrule how a preset brings a picture into shape."""
    export(ctx, [image()], "web", fit=fit)
    assert ctx.calls == [("report", 0, "web"), ("a1", "web", options)]


def test_an_unknown_platform_names_the_trigger_field_and_the_allowed_keys(ctx, image):
    """A key without a preset is a permanent error, found before any picture is made (S40)."""
    run = replace(ctx, run=replace(ctx.run, trigger={"product_name": "amazn", "target_platform": "amazn"}))
    with pytest.raises(PermanentError, match="Did you mean 'amazon'") as caught:
        export(run, [image()], "amazn")
    assert (caught.value.code, caught.value.field) == ("trigger.unknown_value", "target_platform")
    assert "amazon, instagram_feed, web" in caught.value.description
    assert ctx.calls == []


def test_an_unknown_platform_in_the_settings_is_the_designers_mistake(ctx, image):
    """A preset that the template names wrongly is not blamed on the caller."""
    with pytest.raises(PermanentError) as caught:
        export(ctx, [image()], platforms=["web", "myspace"])
    assert (caught.value.code, caught.value.field) == ("graph.bad_settings", "platforms")
