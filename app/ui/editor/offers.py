"""What may be chosen in a setting the schema leaves open: presets, platforms, services and their models."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.assets.imaging.presets import load_platforms
from app.providers.contract import Provider
from app.ui.forms.spec import FormField
from graphs.kinds import SPAWNING
from nodes.presets import styles

Settings = Mapping[str, Any]
Offers = dict[str, tuple[str, ...]]


def offered(
    fields: tuple[FormField, ...],
    kind: str,
    settings: Settings,
    providers: Mapping[str, Provider],
    slugs: tuple[str, ...] = (),
) -> tuple[FormField, ...]:
    """The fields of a node type's form, those with known values turned into choices among them.

    A value that is set but not offered stays: a choice shows it beside the others.
    """
    find = _OFFERS.get(kind)
    known = find(settings, providers) if find else {}
    if slugs and kind in SPAWNING:
        known = {"workflow": slugs}
    return tuple(_chosen(field, known.get(field.name, ())) for field in fields)


def _chosen(field: FormField, options: tuple[str, ...]) -> FormField:
    if not options:
        return field
    return replace(field, options=options, kind="list" if field.kind == "list" else "choice")


def _styles(settings: Settings, _: Mapping[str, Provider]) -> Offers:
    keys = tuple(dict.fromkeys((*styles(), *(settings.get("custom") or {}))))
    return {"default": keys, "allowed": keys}


def _platforms(_settings: Settings, _: Mapping[str, Provider]) -> Offers:
    return {"platforms": tuple(load_platforms())}


def _models(settings: Settings, providers: Mapping[str, Provider]) -> Offers:
    provider = providers.get(settings.get("provider") or next(iter(providers), ""))
    models = () if provider is None else tuple(model.id for model in provider.models)
    return {"provider": tuple(providers), "model": models}


_OFFERS: dict[str, Callable[[Settings, Mapping[str, Provider]], Offers]] = {
    "style_preset": _styles,
    "multi_format_export": _platforms,
    "generator": _models,
}
