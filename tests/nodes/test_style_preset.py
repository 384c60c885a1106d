"""Rules of the style preset selector and of the shipped presets."""

import asyncio
from dataclasses import replace

import pytest
from pydantic import ValidationError

from graphs.errors import PermanentError
from nodes.presets import styles
from nodes.style_preset import Inputs, Settings, StylePreset

HINTS = {
    "studio": "studio-product",
    "anime": "anime",
    "watercolour": "watercolour",
    "noir": "noir",
    "neon": "neon",
    "flat": "editorial-flat",
    "papercut": "papercut",
}


def select(ctx, key=None, **settings):
    return asyncio.run(StylePreset(Settings(**settings)).run(Inputs(key=key), ctx)).style


def test_every_key_gives_its_complete_preset(ctx):
    """Each shipped key maps to words, exclusions, lighting and palette, and to a rehearsal style."""
    for key, hint in HINTS.items():
        style = select(ctx, key)
        assert (style.key, style.hint) == (key, hint)
        assert all((style.title, style.positive, style.negative, style.lighting, style.palette))
    assert set(styles()) == set(HINTS)


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_the_default_is_used(ctx, key):
    """An absent key means the default: studio, unless the settings say otherwise."""
    assert select(ctx, key).key == "studio"
    assert select(ctx, key, default="noir").key == "noir"


def test_an_unknown_key_names_the_trigger_field_and_the_allowed_keys(ctx):
    """A key without a preset is a permanent error: field, suggestion, every allowed key (S40)."""
    run = replace(ctx, run=replace(ctx.run, trigger={"product_name": "animee", "target_style": "animee"}))
    with pytest.raises(PermanentError) as caught:
        select(run, "animee")
    error = caught.value
    assert (error.code, error.field) == ("trigger.unknown_value", "target_style")
    assert "Did you mean 'anime'?" in error.description
    assert all(key in error.description for key in HINTS)


def test_a_key_from_elsewhere_names_the_socket(ctx):
    """When no trigger field carries the key, the input's meaning is named instead."""
    with pytest.raises(PermanentError) as caught:
        select(ctx, "x" * 5000)
    assert caught.value.field == "style"
    assert len(caught.value.description) < 400


def test_only_allowed_keys_may_be_chosen(ctx):
    """A shipped preset outside the allowed ones is as unknown as any other."""
    with pytest.raises(PermanentError, match="Allowed: anime, noir"):
        select(ctx, "studio", allowed=["noir", "anime"], default="noir")


def test_own_presets_join_and_replace_shipped_ones(ctx):
    """A preset in the settings is found by its key and wins over a shipped one."""
    own = {"custom": {"house": {"title": "House style", "positive": "oak"}, "noir": {"title": "Our noir"}}}
    assert select(ctx, "house", **own).positive == "oak"
    assert select(ctx, "noir", **own).title == "Our noir"


@pytest.mark.parametrize(
    "settings",
    [
        {"default": "none"},
        {"allowed": ["studio", "none"]},
        {"allowed": ["anime"]},
        {"allowed": []},
        {"custom": {"a": {"title": "A", "palette": ["red"]}}},
        {"custom": {"a": {}}},
    ],
)
def test_settings_that_name_no_preset_are_refused(settings):
    """Default and allowed keys must exist, and own presets must be well formed."""
    with pytest.raises(ValidationError):
        Settings(**settings)
