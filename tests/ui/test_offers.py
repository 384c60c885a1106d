"""Settings with known values are choices, and what is set already is never lost."""

from collections.abc import Mapping
from typing import Any, cast

import nodes
from app.providers.contract import Model, Provider
from app.ui.editor.offers import offered
from app.ui.forms.spec import FormField, form_fields
from graphs.catalogue import discover


class Painter:
    """A service with two models."""

    name = "painter"
    title = "Painter"
    models = (Model("oil-1", "Oil", 1), Model("ink-1", "Ink", 2))


def _fields(kind: str, settings: Mapping[str, Any]) -> dict[str, FormField]:
    described = next(each for each in discover(nodes).describe() if each["type"] == kind)
    providers = {"painter": cast("Provider", Painter())}
    found = offered(form_fields(described["settings_schema"]), kind, settings, providers)
    return {field.name: field for field in found}


def test_own_presets_are_offered_beside_the_shipped_ones() -> None:
    """A style preset's default is chosen from both."""
    fields = _fields("style_preset", {"custom": {"ours": {"title": "Ours"}}})
    assert {"studio", "ours"} <= set(fields["default"].options)
    assert fields["default"].kind == "choice"


def test_models_are_those_of_the_chosen_service() -> None:
    """No service that is known, no models to choose from: then the name can be typed."""
    assert _fields("generator", {"provider": "painter"})["model"].options == ("oil-1", "ink-1")
    unknown = _fields("generator", {"provider": "elsewhere"})
    assert (unknown["model"].kind, unknown["provider"].kind) == ("text", "choice")


def test_platforms_are_a_list_to_choose_from() -> None:
    """Several may be chosen; nodes without such settings keep their form."""
    platforms = _fields("multi_format_export", {})["platforms"]
    assert platforms.kind == "list"
    assert "instagram_feed" in platforms.options
    assert all(not field.options for field in _fields("rate_limiter", {}).values())


def test_choices_with_samples_are_pictured() -> None:
    """Shipped styles and platforms have pictures; a style of one's own does not borrow another's sample."""
    fields = _fields("style_preset", {"custom": {"noir": {"title": "Ours"}, "ours": {"title": "Ours"}}})
    assert {"studio"} <= fields["default"].pictured <= set(fields["default"].options) - {"noir", "ours"}
    assert fields["allowed"].pictured == fields["default"].pictured
    assert "web_hero" in _fields("multi_format_export", {})["platforms"].pictured
