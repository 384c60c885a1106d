"""Two results against each other: pictures, prompts, settings, time and money; all of it in the address."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from app.store import runs as run_rows
from app.store.runs import RunFilter, RunRow
from app.ui.editor.changes import change_list, words
from app.ui.editor.said import Names
from app.ui.forms.fields import select
from app.ui.lang.nodes import spoken_types
from app.ui.lang.say import t
from app.ui.parts.base import Tag, attrs, box, icon_button, link_button, text
from app.ui.parts.compare import MODES, Comparison
from app.ui.parts.gallery import caption
from app.ui.parts.show import When, banner, card, empty, status
from app.ui.rows import run_look
from app.ui.shell import frame, head
from app.ui.views.compared import Side, differing_facts, load_side
from app.ui.views.nothing import not_found
from app.ui.visitor import Visitor
from app.ui.words import exact
from graphs.compare import differences

_CHOICES = 30


async def show(visitor: Visitor, query: Mapping[str, str]) -> None:
    """Build the page for the two runs, and pictures of them, that the address names."""
    await visitor.require("runs.read")
    wanted = {name: query.get(name, "")[:80] for name in ("a", "b", "ap", "bp", "mode")}
    b = await visitor.read(load_side, visitor.scope, wanted["b"] or wanted["a"], wanted["bp"])
    if b is None:
        detail = t("There is no such run in this organisation.")
        not_found(visitor, "runs", t("Nothing to compare"), detail, (t("All runs"), "/runs"))
        return
    first = wanted["a"] if wanted["b"] else ""
    first = first or await visitor.read(_before, visitor, b.run)
    a = await visitor.read(load_side, visitor.scope, first, wanted["ap"]) if first else None
    with frame(visitor, "runs", t("Compare")):
        await _Page(visitor, a, b, wanted).build()


class _Page:
    def __init__(self, visitor: Visitor, a: Side | None, b: Side, wanted: Mapping[str, str]) -> None:
        self._visitor = visitor
        self._sides = {"a": a, "b": b}
        self._a, self._b = a, b
        self._mode = wanted["mode"] if wanted["mode"] in MODES else "slider"

    async def build(self) -> None:
        with head(t("Compare"), back=(t("Runs"), "/runs")):
            link_button(t("Swap A and B"), self._swapped(), icon="swap_horiz")
        choices = await self._visitor.read(
            run_rows.list_page, self._visitor.scope, RunFilter(workflow=self._b.run.workflow), None, _CHOICES
        )
        with box("sk-cmp__sides"):
            for name, side in self._sides.items():
                self._side(name, side, choices.items)
        if self._a is None:
            with card(), empty("o_compare", t("Choose what to compare with"), t("Pick another run as A.")):
                pass
            return
        self._stage(self._a, self._b)
        with box("sk-two"):
            with box("sk-stack"):
                self._prompts(self._a, self._b)
                self._settings(self._a, self._b)
            self._facts(self._a, self._b)

    def _pairs(self) -> dict[str, str]:
        pairs = {"mode": self._mode}
        for name, side in self._sides.items():
            if side is not None:
                pairs[name] = side.run.id
                pairs[f"{name}p"] = str((side.picture or {}).get("sha256") or "")
        return pairs

    def _address(self, **changed: str) -> str:
        pairs = self._pairs() | changed
        return "/compare?" + urlencode({name: value for name, value in pairs.items() if value})

    def _swapped(self) -> str:
        turned = {"a": "b", "b": "a", "ap": "bp", "bp": "ap"}
        return self._address(**{turned.get(name, name): value for name, value in self._pairs().items()})

    def _side(self, name: str, side: Side | None, choices: tuple[RunRow, ...]) -> None:
        with card(classes="sk-cmp__side"):
            with box("sk-row"):
                text(name.upper(), "sk-cmp__badge")
                options = {run.id: _told(run) for run in choices}
                if side is not None:
                    options.setdefault(side.run.id, _told(side.run))
                pick = select(options, side.run.id if side else None, partial(self._choose, name))
                attrs(pick.classes("sk-grow"), aria_label=t("Run {name}", name=name.upper()))
                if side is not None:
                    open_ = icon_button(t("Open run"), "o_open_in_new", small=True)
                    attrs(open_, href=f"/runs/{side.run.id}")
            if side is None:
                return
            with box("sk-row sk-row--wrap sk-small sk-muted"):
                status(run_look(side.run), chip=False)
                text(side.version)
                When(side.run.created_at)
            with box(
                "sk-cmp__thumbs", role="group", aria_label=t("Pictures of run {name}", name=name.upper())
            ):
                for label, picture in side.pictures:
                    self._thumb(name, side, label, picture)

    def _thumb(self, name: str, side: Side, label: str, picture: Mapping[str, Any]) -> None:
        sha = str(picture["sha256"])
        on = side.picture is not None and side.picture["sha256"] == sha
        made = box(
            "sk-pick", "a", aria_label=f"{label} · {caption(picture)}", title=f"{label} · {caption(picture)}"
        )
        attrs(made, href=self._address(**{f"{name}p": sha}), aria_current=str(on).lower())
        with made:
            attrs(box(tag="img"), src=self._visitor.house.thumb(sha), alt="", loading="lazy")

    def _choose(self, name: str, run_id: str) -> None:
        ui.navigate.to(self._address(**{name: run_id, f"{name}p": ""}))

    def _stage(self, a: Side, b: Side) -> None:
        if a.picture is None or b.picture is None:
            which = "A" if a.picture is None else "B"
            banner("quiet", "o_hide_image", t("Run {name} made no picture", name=which))
            return
        house = self._visitor.house
        one, other = (house.picture(each["sha256"], each["format"]) for each in (a.picture, b.picture))
        ratio = round(float(a.picture["width"]) / float(a.picture["height"]), 4)
        with card():
            Comparison(one, other, ratio, self._mode, self._remember)

    async def _remember(self, mode: str) -> None:
        self._mode = mode
        ui.navigate.history.replace(self._address())

    def _prompts(self, a: Side, b: Side) -> None:
        before, after = (str((side.picture or {}).get("prompt") or "") for side in (a, b))
        if not before and not after:
            return
        with card(t("Prompt")):
            if before == after:
                text(t("Both pictures have the same prompt."), "sk-muted", tag="p")
                text(after, "sk-wrap", tag="p")
            else:
                words(before, after)

    def _settings(self, a: Side, b: Side) -> None:
        found = differences(a.document, b.document) if a.document and b.document else []
        with card(t("Changed settings")):
            if not found:
                text(t("The graphs are the same."), "sk-muted", tag="p")
                return
            types = spoken_types(self._visitor.house.system.catalogue.describe())
            change_list(found, Names(types, b.document, a.document), None)

    def _facts(self, a: Side, b: Side) -> None:
        with card(t("Facts")), box("sk-table sk-cmp__table", "table"):
            with box(tag="thead"), box(tag="tr"):
                for label in ("", "A", "B"):
                    attrs(Tag("th", label), scope="col")
            with box(tag="tbody"):
                for label, one, other in differing_facts(a, b):
                    with box(tag="tr", data_differs=str(one != other).lower()):
                        attrs(Tag("th", label), scope="row")
                        Tag("td", one or "–", "sk-num")
                        Tag("td", other or "–", "sk-num")


def _told(run: RunRow) -> str:
    return f"{exact(run.created_at)} · {run_look(run).text} · …{run.id[-6:]}"


def _before(connection: Any, visitor: Visitor, run: RunRow) -> str:
    """The newest run of the same workflow before one."""
    wanted = RunFilter(workflow=run.workflow, parent="none")
    page = run_rows.list_page(connection, visitor.scope, wanted, run.id, 1)
    return page.items[0].id if page.items else ""
