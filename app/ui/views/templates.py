"""The gallery: templates as cards with pictures that they really made, by category and search."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

from nicegui import ui
from nicegui.element import Element

from app.ui.lang.nodes import spoken_types
from app.ui.lang.say import t
from app.ui.parts.base import anchor, attrs, box, button, icon, link_button
from app.ui.parts.show import empty
from app.ui.shell import frame, head
from app.ui.templates import card, shelf
from app.ui.templates.making import use
from app.ui.templates.shelf import CATEGORIES, Offer
from app.ui.views.workflow_actions import new_dialog
from app.ui.visitor import Visitor

_PATH = "/templates"
_LONGEST = 100


async def show(visitor: Visitor, query: Mapping[str, str]) -> None:
    """Build the page; ``category`` and ``q`` in the address narrow it."""
    await visitor.require("workflows.read")
    category = query.get("category", "")
    page = _Page(visitor, category if category in CATEGORIES else "", query.get("q", "")[:_LONGEST])
    await page.load()
    with frame(visitor, "workflows", t("Templates")):
        subtitle = t("Begin with something that works. The built-in models made every picture here.")
        with head(t("Templates"), subtitle, back=(t("Workflows"), "/workflows")):
            if visitor.may("workflows.write"):
                button(t("Blank workflow"), lambda: new_dialog(visitor), icon="add", kind="ghost")
        page.build()


class _Page:
    def __init__(self, visitor: Visitor, category: str, query: str) -> None:
        self._visitor = visitor
        self._category = category
        self._query = query
        self._offers: list[Offer] = []
        self._place: Element | None = None

    async def load(self) -> None:
        own = await self._visitor.read(shelf.own, self._visitor.scope)
        self._offers = [*own, *shelf.shipped()]
        self._types = {
            each["type"]: each for each in spoken_types(self._visitor.house.system.catalogue.describe())
        }

    def build(self) -> None:
        with box("sk-filters", role="search"):
            search = ui.input(
                value=self._query, placeholder=t("Search templates"), on_change=lambda e: self._find(e.value)
            )
            search.classes("sk-input sk-input--search").props("outlined dense clearable debounce=150")
            attrs(search, aria_label=t("Search templates"))
            with search.add_slot("prepend"):
                icon("search")
            self._categories()
        self._place = box("sk-flows sk-tpls")
        self._draw()

    def _categories(self) -> None:
        with box("sk-cats", "nav", aria_label=t("Categories")):
            for key, label in CATEGORIES.items():
                if key == "own" and not any(each.slug for each in self._offers):
                    continue
                made = anchor(t(label), _address(key, self._query), "sk-cat")
                if key == self._category:
                    attrs(made, aria_current="page")

    def _find(self, value: str | None) -> None:
        self._query = (value or "")[:_LONGEST]
        ui.navigate.history.replace(_address(self._category, self._query))
        self._draw()

    def _draw(self) -> None:
        if self._place is None:
            return
        found = shelf.matching(self._offers, self._category, self._query)
        whole = not self._category and not self._query
        self._place.clear()
        with self._place:
            for index, offer in enumerate(found):
                on_use = partial(use, self._visitor, offer) if self._visitor.may("workflows.write") else None
                thumb = self._visitor.house.thumb
                card.draw(offer, self._types, thumb, on_use, large=whole and index == 0)
            if not found:
                self._nothing()

    @staticmethod
    def _nothing() -> None:
        body = t("Try fewer words, or another category.")
        with box("sk-tpls__none"), empty("o_search_off", t("No template matches"), body):
            link_button(t("Show all templates"), _PATH)


def _address(category: str, query: str) -> str:
    pairs = {name: value for name, value in (("category", category), ("q", query)) if value}
    return f"{_PATH}?{urlencode(pairs)}" if pairs else _PATH
