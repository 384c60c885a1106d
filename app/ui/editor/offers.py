"""What may be chosen in a setting the schema leaves open: presets, platforms, services and their models."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from app.assets.imaging.presets import load_platforms
from app.providers.contract import Model
from app.ui.forms.spec import FormField, Kind
from app.wiring import System
from graphs.kinds import SPAWNING
from nodes.presets import styles

Settings = Mapping[str, Any]
Offers = dict[str, tuple[str, ...]]


class Offering(Protocol):
    """A generation service as a form knows it."""

    @property
    def models(self) -> tuple[Model, ...]: ...


def services_of(system: System, org_id: str) -> dict[str, Offering]:
    """What is built in, and what the organisation has connected and not switched off."""
    connected = {each.connection.name: each.connection for each in system.connections.all(org_id)}
    return {**system.providers, **{name: each for name, each in connected.items() if each.enabled}}


def offered(
    fields: tuple[FormField, ...],
    kind: str,
    settings: Settings,
    providers: Mapping[str, Offering],
    slugs: tuple[str, ...] = (),
) -> tuple[FormField, ...]:
    """The fields of a node type's form, those with known values turned into choices among them.

    A value that is set but not offered stays: a choice shows it beside the others.
    """
    find = _OFFERS.get(kind)
    known = find(settings, providers) if find else {}
    if slugs and kind in SPAWNING:
        known = {"workflow": slugs}
    find_pictures = _PICTURES.get(kind)
    pictured = find_pictures(settings) if find_pictures else frozenset[str]()
    return tuple(_chosen(field, known.get(field.name, ()), pictured) for field in fields)


def _chosen(field: FormField, options: tuple[str, ...], pictured: frozenset[str]) -> FormField:
    if not options:
        return field
    kind: Kind = "list" if field.kind == "list" else "choice"
    return replace(field, options=options, kind=kind, pictured=pictured & set(options))


def _styles(settings: Settings, _: Mapping[str, Offering]) -> Offers:
    keys = tuple(dict.fromkeys((*styles(), *(settings.get("custom") or {}))))
    return {"default": keys, "allowed": keys}


def _platforms(_settings: Settings, _: Mapping[str, Offering]) -> Offers:
    return {"platforms": tuple(load_platforms())}


def _models(settings: Settings, providers: Mapping[str, Offering]) -> Offers:
    provider = providers.get(settings.get("provider") or next(iter(providers), ""))
    models = () if provider is None else tuple(model.id for model in provider.models)
    return {"provider": tuple(providers), "model": models}


_OFFERS: dict[str, Callable[[Settings, Mapping[str, Offering]], Offers]] = {
    "style_preset": _styles,
    "multi_format_export": _platforms,
    "generator": _models,
    "comfy_workflow": _models,
}

# a preset of one's own that replaces a shipped one does not look like its sample
_PICTURES: dict[str, Callable[[Settings], frozenset[str]]] = {
    "style_preset": lambda settings: frozenset(styles()) - set(settings.get("custom") or {}),
    "multi_format_export": lambda _: frozenset(load_platforms()),
}
