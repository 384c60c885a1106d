"""The card of a template."""

from collections.abc import Callable, Mapping
from typing import Any

from app.ui.lang.say import n, t
from app.ui.parts.base import attrs, box, button, icon, text
from app.ui.parts.show import Miniature
from app.ui.templates.shelf import CATEGORIES, Offer
from app.ui.words import credit_text

Types = Mapping[str, Mapping[str, Any]]
_ICONS = 7


def draw(
    offer: Offer, types: Types, thumb: Callable[[str], str], on_use: Callable[[], Any] | None, *, large: bool
) -> None:
    """Picture, what it is for, what it costs; the whole card leads to the preview."""
    with box("sk-card sk-flow sk-tpl" + (" sk-tpl--large" if large else ""), "article", data_key=offer.key):
        mosaic(offer, thumb)
        with box("sk-flow__body"):
            text(offer.purpose or t(CATEGORIES[offer.category]), "sk-tpl__purpose")
            with box("sk-flow__title", "h2"), attrs(box(tag="a"), href=f"/templates/{offer.key}"):
                text(offer.name)
            text(offer.description, "sk-tpl__about", tag="p")
            kinds(offer, types)
            with box("sk-flow__foot sk-small sk-muted"):
                text(price(offer))
                if on_use is not None:
                    made = button(t("Use this"), on_use, small=True).classes("sk-over sk-grow-left")
                    attrs(made, aria_label=f"{t('Use this')}: {offer.name}")


def mosaic(offer: Offer, thumb: Callable[[str], str]) -> None:
    """Up to three sample pictures, else the graph in miniature."""
    with box("sk-tpl__pictures", data_count=str(len(offer.pictures))):
        for each in offer.pictures:
            source = each if each.startswith("/") else thumb(each)
            attrs(box(tag="img"), src=source, alt="", loading="lazy", decoding="async")
        if not offer.pictures and offer.drawn is not None:
            Miniature(offer.drawn)


def kinds(offer: Offer, types: Types) -> None:
    """The node types as a row of icons; read aloud as words."""
    titles = [str(types[kind]["title"]) if kind in types else kind for kind in offer.kinds]
    count = len(offer.graph.get("nodes", []))
    with box("sk-tpl__kinds", title=" · ".join(titles), role="img", aria_label=", ".join(titles)):
        for kind in offer.kinds[:_ICONS]:
            icon(str(types[kind]["icon"]) if kind in types else "help_outline")
        text(n("{count} node", "{count} nodes", count), "sk-small")


def price(offer: Offer) -> str:
    """What a run costs and takes, as far as it is known."""
    parts = []
    if offer.credits is not None:
        one = 1 if offer.credits == 1 else 2
        parts.append(n("{amount} credit", "{amount} credits", one, amount=credit_text(offer.credits)))
    if offer.seconds is not None:
        parts.append(t("≈ {seconds} s", seconds=max(1, round(offer.seconds))))
    return " · ".join(parts) or t("Not run yet")
