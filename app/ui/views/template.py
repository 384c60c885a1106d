"""One template: what it makes, what goes in, and its graph to look at."""

import json
from collections.abc import Mapping
from typing import Any

from app.ui.canvas.element import GraphCanvas
from app.ui.editor.sketch import shape
from app.ui.editor.themed import canvas_theme, initial_theme
from app.ui.lang.nodes import spoken_types
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, text
from app.ui.parts.show import Code, card, fact, facts
from app.ui.shell import frame, head
from app.ui.templates import shelf
from app.ui.templates.card import kinds, price
from app.ui.templates.making import called, use
from app.ui.templates.routes import graph_url
from app.ui.templates.shelf import OWN, Offer
from app.ui.views.nothing import not_found
from app.ui.views.run_graph import types_of
from app.ui.visitor import Visitor
from app.ui.words import title
from graphs.check import accepts


async def show(visitor: Visitor, key: str, _: Mapping[str, str]) -> None:
    """Build the page of a template."""
    await visitor.require("workflows.read")
    offer = await _find(visitor, key)
    if offer is None:
        detail = t("There is no template of this name.")
        not_found(visitor, "workflows", t("No such template"), detail, (t("All templates"), "/templates"))
        return
    with frame(visitor, "workflows", offer.name):
        with head(offer.name, offer.purpose, back=(t("Templates"), "/templates")):
            if visitor.may("workflows.write"):
                button(t("Use this"), lambda: use(visitor, offer), icon="add", kind="primary")
        _pictures(visitor, offer)
        with box("sk-two"):
            with box("sk-stack"):
                _graph(visitor, offer)
            with box("sk-stack"):
                _about(visitor, offer)
                _inputs(offer)


async def _find(visitor: Visitor, key: str) -> Offer | None:
    if not key.startswith(OWN):
        return shelf.shipped_one(key)
    return await visitor.read(shelf.own_one, visitor.scope, key.removeprefix(OWN))


def _pictures(visitor: Visitor, offer: Offer) -> None:
    if not offer.pictures:
        return
    with box("sk-tpl__strip"):
        shapes = offer.shapes or (1.0,) * len(offer.pictures)
        for number, (each, wide) in enumerate(zip(offer.pictures, shapes, strict=True), 1):
            source = each if each.startswith("/") else visitor.house.thumb(each)
            alt = t("Sample {number} of {name}", number=number, name=offer.name)
            made = attrs(box(tag="img"), src=source, alt=alt, decoding="async")
            made.style(f"--sk-shape: {wide:.4f}")


def _graph(visitor: Visitor, offer: Offer) -> None:
    types = spoken_types(visitor.house.system.catalogue.describe())
    with card(t("How it works"), flush=True):
        canvas = GraphCanvas(
            types,
            accepts=accepts(types_of(types)),
            graph_url=graph_url(offer.key),
            theme=initial_theme(visitor),
            read_only=True,
            on_loaded=lambda _: canvas.fit(),
        )
        canvas.classes("sk-graph").style(f"aspect-ratio: {shape(offer.graph):.3f}")
        canvas_theme(visitor, canvas)


def _about(visitor: Visitor, offer: Offer) -> None:
    types = {each["type"]: each for each in spoken_types(visitor.house.system.catalogue.describe())}
    with card(t("About")):
        text(offer.description, "sk-wrap", tag="p")
        with facts():
            fact(t("A run"), price(offer))
            with fact(t("Nodes")):
                kinds(offer, types)
            calls = called(offer.graph)
            if calls:
                fact(t("Runs too"), ", ".join(calls))


def _inputs(offer: Offer) -> None:
    with card(t("What goes in")):
        with box("sk-tpl__fields"):
            for field in offer.fields:
                _field(field)
        if offer.payload:
            Code(json.dumps(offer.payload, indent=1, ensure_ascii=False), wrap=True)


def _field(field: Mapping[str, Any]) -> None:
    with box("sk-tpl__field"):
        text(title(str(field.get("name", ""))), "sk-strong")
        if field.get("required"):
            text(t("required"), "sk-tag")
        if field.get("description"):
            text(str(field["description"]), "sk-small sk-muted", tag="p")
