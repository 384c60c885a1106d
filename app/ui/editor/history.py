"""The versions of a workflow: who made them, what each changed, who still calls it; restore and roll back."""

import json
from functools import partial
from typing import Any

from nicegui import ui

from app.store.workflows import VersionInfo
from app.ui.canvas.element import GraphCanvas
from app.ui.editor.broken import broken_for
from app.ui.editor.changes import change_list
from app.ui.editor.desk import Desk
from app.ui.editor.model import Document, blank
from app.ui.editor.routes import compare_url, version_url
from app.ui.editor.said import Names
from app.ui.editor.themed import canvas_theme, initial_theme
from app.ui.lang.say import n, t
from app.ui.parts.base import attrs, box, button, icon, text
from app.ui.parts.show import When, dialog
from app.ui.rows import load_object
from app.workflows.errors import WorkflowError
from app.workflows.guard import load
from app.workflows.usage import Pin, pins
from graphs.compare import differences

# a version's number, or None for the draft; 0 is the empty graph before the first version
Side = int | None


async def history_dialog(desk: Desk, new: Side = None, old: Side | str = "usual") -> None:
    """Open the history with one comparison shown: by default the draft against what runs."""
    await desk.flush()
    service = desk.visitor.house.system.workflows
    infos = await desk.visitor.call(service.versions, desk.visitor.org_id, desk.slug)
    pinned = await desk.visitor.read(pins, desk.row.id, desk.row.published)
    with dialog(t("Versions of {name}", name=desk.name), size="full") as (window, foot):
        panel = _History(desk, infos, pinned, window, foot)
        await panel.show(new, panel.usual(new) if old == "usual" else old)  # type: ignore[arg-type]
    window.open()


class _History:
    def __init__(
        self, desk: Desk, infos: tuple[VersionInfo, ...], pinned: dict[int, list[Pin]], window: Any, foot: Any
    ) -> None:
        self._desk, self._infos, self._pinned = desk, infos, pinned
        self._window, self._foot = window, foot
        self._new: Side = None
        self._old: Side = 0
        with box("sk-history"):
            self._list = box("sk-history__list", "nav", aria_label=t("Versions"))
            with box("sk-history__canvas"):
                self._bar = box("sk-history__bar")
                self._place = box("sk-history__graph")
            self._changes = box("sk-history__changes", "section", aria_label=t("Changes"))
        self._canvas: GraphCanvas | None = None

    def usual(self, new: Side) -> Side:
        """What a version is compared with if nobody says otherwise: the one before; the draft, what runs."""
        if new is None:
            return self._desk.row.published or 0
        return max((each.number for each in self._infos if each.number < new), default=0)

    async def show(self, new: Side, old: Side) -> None:
        self._new, self._old = new, old
        before, after = await self._document(old), await self._document(new)
        found = differences(before, after)
        names = Names(self._desk.types, after, before)
        self._draw_list()
        self._draw_bar(len(found))
        self._draw_canvas()
        self._changes.clear()
        with self._changes:
            self._broke(new)
            if not found:
                text(t("Nothing differs but where things lie."), "sk-hint", tag="p")
            change_list(found, names, self._go)
        self._draw_foot()

    def _broke(self, side: Side) -> None:
        """What the publication of this version broke, and for whom."""
        info = next((each for each in self._infos if each.number == side), None)
        if info is not None and info.breaking:
            broken_for(load(info.breaking))

    async def _document(self, side: Side) -> Document:
        if side is None:
            return json.loads(json.dumps(self._desk.document))  # type: ignore[no-any-return]
        if side == 0:
            return {**blank(self._desk.name), "description": self._desk.document.get("description", "")}
        service = self._desk.visitor.house.system.workflows
        return load_object(
            (
                await self._desk.visitor.call(
                    service.version, self._desk.visitor.org_id, self._desk.slug, side
                )
            ).graph
        )

    def _draw_list(self) -> None:
        self._list.clear()
        with self._list:
            self._entry(None, None)
            for info in self._infos:
                self._entry(info.number, info)
            if not self._infos:
                hint = t("Nothing was published yet. Callers get an error until the first version exists.")
                text(hint, "sk-hint", tag="p")

    def _entry(self, side: Side, info: VersionInfo | None) -> None:
        made = box("sk-version", "button", type="button", aria_pressed=str(side == self._new).lower())
        made.on("click", partial(self._pick, side))
        with made:
            with box("sk-row"):
                text(t("Version {number}", number=side) if side else t("Draft"), "sk-strong")
                if side and self._desk.row.published == side:
                    text(t("running"), "sk-tag sk-tag--good")
                if info is not None and info.breaking:
                    text(t("breaking"), "sk-tag sk-tag--bad")
            if info is None:
                changes = self._desk.state.changes
                said = n("{count} change since", "{count} changes since", changes) if changes else ""
                text(said or t("Being worked on"), "sk-small sk-muted")
                return
            text(info.note or t("No note"), "sk-small sk-muted sk-wrap")
            with box("sk-row sk-small sk-faint"):
                text((info.created_by or t("unknown")).partition(" (")[0], "sk-cut")
                When(info.created_at)
            self._pins(info.number)

    def _pins(self, number: int) -> None:
        found = self._pinned.get(number, [])
        if not found:
            return
        with box("sk-row sk-small sk-pins"):
            icon("o_push_pin")
            text(t("Pinned by {callers}", callers=", ".join(each.who for each in found[:5])), "sk-wrap")

    def _draw_bar(self, count: int) -> None:
        self._bar.clear()
        with self._bar:
            text(n("{count} change", "{count} changes", count), "sk-strong")
            text(t("compared with"), "sk-muted")
            options = {
                self._key(each.number): t("Version {number}", number=each.number) for each in self._infos
            }
            options = {"draft": t("Draft"), **options, "0": t("an empty graph")}
            options.pop(self._key(self._new), None)
            chosen = ui.select(
                options, value=self._key(self._old), on_change=lambda event: self._against(event.value)
            )
            attrs(
                chosen.classes("sk-input").props("outlined dense options-dense"), aria_label=t("Compare with")
            )
            with box("sk-row sk-small sk-muted sk-legend"):
                for sign, mark, word in (
                    ("+", "added", t("added")),
                    ("−", "removed", t("removed")),
                    ("≠", "changed", t("changed")),
                ):
                    with box("sk-row"):
                        attrs(text(sign, "sk-sign"), data_mark=mark, aria_hidden="true")
                        text(word)

    def _draw_canvas(self) -> None:
        url = compare_url(self._desk.slug, self._old, self._new)
        if self._canvas is not None:
            self._canvas.load(url)
            return
        with self._place:
            self._canvas = GraphCanvas(
                self._desk.types,
                graph_url=url,
                theme=initial_theme(self._desk.visitor),
                read_only=True,
                on_loaded=lambda _: self._fit(),
            )
            self._canvas.classes("sk-fill")
            canvas_theme(self._desk.visitor, self._canvas)

    def _draw_foot(self) -> None:
        self._foot.clear()
        with self._foot:
            button(t("Close"), self._window.close, kind="ghost")
            if self._new and not self._desk.read_only:
                if self._desk.row.published != self._new:
                    button(t("Run this version"), self._rollback)
                button(t("Restore to draft"), self._restore, kind="primary")

    async def _pick(self, side: Side) -> None:
        await self.show(side, self.usual(side))

    async def _against(self, chosen: str) -> None:
        await self.show(self._new, None if chosen == "draft" else int(chosen))

    def _fit(self) -> None:
        if self._canvas is not None:
            self._canvas.fit()

    def _go(self, nodes: tuple[str, ...]) -> None:
        if self._canvas is not None:
            self._canvas.focus(nodes[0])

    async def _restore(self) -> None:
        desk, number = self._desk, self._new or 0
        identity = await desk.visitor.require("workflows.write")
        service = desk.visitor.house.system.workflows
        document = await self._document(number)
        self._window.close()
        if desk.canvas is None or not await desk.canvas.adopt(version_url(desk.slug, number)):
            return
        texts = {name: document.get(name, "") for name in ("name", "description")}
        await desk.edit({**desk.document, **texts})
        await desk.visitor.call(service.drafts.note_restored, identity.acting(), desk.slug, number)
        ui.notify(
            t("The draft is version {number} again; undo takes it back. Publish it to run it.", number=number)
        )

    async def _rollback(self) -> None:
        desk, number = self._desk, self._new or 0
        identity = await desk.visitor.require("workflows.publish")
        service = desk.visitor.house.system.workflows
        try:
            await desk.visitor.call(
                service.rollback,
                identity.org_id,
                desk.slug,
                number,
                actor=identity.actor,
                request_id=identity.request_id,
            )
        except WorkflowError as error:
            ui.notify(str(error))
            return
        self._window.close()
        await desk.reread()
        ui.notify(t("Version {number} runs from now on. The draft stays as it is.", number=number))

    @staticmethod
    def _key(side: Side) -> str:
        return "draft" if side is None else str(side)
