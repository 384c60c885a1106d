"""The canvas page: palette, canvas, inspector, toolbar, problems, and what holds them together."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui

from app.ui.canvas.element import GraphCanvas
from app.ui.canvas.protocol import Ask
from app.ui.command.shortcuts import shortcut_sheet
from app.ui.editor.app_dialog import app_dialog
from app.ui.editor.calling import first_published, how_to_call
from app.ui.editor.commands import editor_commands
from app.ui.editor.conflicts import conflict_banner
from app.ui.editor.desk import Desk
from app.ui.editor.form_dialog import form_dialog
from app.ui.editor.history import history_dialog
from app.ui.editor.inspector import Inspector
from app.ui.editor.limits import limits_dialog
from app.ui.editor.palette import Palette
from app.ui.editor.problems import Problems
from app.ui.editor.publishing import publish_dialog
from app.ui.editor.recipe_dialog import recipe_dialog
from app.ui.editor.result import ResultPanel
from app.ui.editor.routes import session_url
from app.ui.editor.rows_dialog import rows_dialog
from app.ui.editor.runbutton import RunButton
from app.ui.editor.running import Runner
from app.ui.editor.subgraph import fold_here, unfold_here
from app.ui.editor.template_dialog import template_dialog
from app.ui.editor.themed import canvas_theme, initial_theme
from app.ui.editor.toolbar import Toolbar
from app.ui.files.doors import Brought
from app.ui.files.drop import FileDrop
from app.ui.files.export_dialog import export_dialog
from app.ui.files.opening import open_on_canvas
from app.ui.holding import held_banner
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import box, button, icon_button, keyed
from app.ui.parts.show import banner
from app.ui.shell import frame
from app.ui.views.nothing import not_found
from app.ui.views.workflow_actions import bring_back
from app.ui.visitor import Visitor
from app.workflows.errors import WorkflowError
from graphs.check import accepts

# constant script: the keyboard goes to where somebody asked to be, once it is drawn
_FIRST_FIELD = (
    "setTimeout(() => document.querySelector('.sk-inspector__body :is(input, textarea, [role=combobox],"
    " button)')?.focus(), 80)"
)


async def show(visitor: Visitor, slug: str, _: Mapping[str, str]) -> None:
    """Build the page for a workflow's draft."""
    await visitor.require("workflows.read")
    service = visitor.house.system.workflows
    try:
        row = await visitor.call(service.get, visitor.org_id, slug)
        await visitor.house.editors.settle(row.id)
        draft = await visitor.call(service.draft, visitor.org_id, slug)
        version = (
            await visitor.call(service.version, visitor.org_id, slug, row.published)
            if row.published
            else None
        )
    except WorkflowError:
        detail = t("There is no workflow {slug} here.", slug=slug[:80])
        not_found(visitor, "workflows", t("No such workflow"), detail, (t("All workflows"), "/workflows"))
        return
    desk = Desk(visitor, row, json.loads(draft.document), draft.revision, version)
    others = await visitor.call(visitor.house.system.workflows.list, visitor.org_id)
    await desk.secrets.load()
    desk.callable_slugs = tuple(each.slug for each in others if each.published and each.slug != row.slug)
    await desk.sync.recall()
    await desk.judge_now()
    with frame(visitor, "workflows", row.name or slug, page="sk-editor"):
        editor = _Editor(desk)
        await editor.runner.begin()
    visitor.follow(editor.runner.update)


class _Editor:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._sheet = ""
        self._noticed: object = None
        self._frame: Any = ui.context.slot.parent
        if desk.read_only:
            self._frame.props["data-readonly"] = ""
        strip = box()
        self.runner = Runner(desk, strip)
        hint = t("A graph file, a table of rows, or any PNG, JPEG or WebP picture")
        self._files = FileDrop(desk.visitor, self._taken, hint=hint)
        self.toolbar = Toolbar(desk, self._acts())
        self.palette = Palette(desk)
        with box("sk-canvas-cell"):
            self._canvas()
            strip.move(ui.context.slot.parent)
            self._notice = box()
            self._zoom()
        runs = {t("Run to here"): self.runner.to_here, t("Run from here"): self.runner.from_here}
        self.result = ResultPanel(desk, self.runner, self._frame)
        self.inspector = Inspector(desk, runs, self.result.tabs)
        self.problems = Problems(desk, self.inspector.reveal, self.result.pinning.remove)
        desk.watchers.append(self._notices)
        acts = self._acts()
        desk.visitor.commands.append(lambda: editor_commands(desk, acts))
        self._notices()

    def _acts(self) -> dict[str, Any]:
        desk = self.desk
        acts: dict[str, Any] = {
            "run": self.runner.ask,
            "run_button": lambda: RunButton(self.runner, {name: acts[name] for name in ("rows", "pins")}),
            "run_stale": self.runner.only_stale,
            "pins": self._pins,
            "publish": lambda: publish_dialog(desk),
            "versions": lambda: history_dialog(desk),
            "export": lambda: export_dialog(desk),
            "open": self._files.pick,
            "recipe": lambda: recipe_dialog(desk),
            "call": lambda: how_to_call(desk),
            "runs": lambda: ui.navigate.to(f"/runs?workflow={desk.slug}"),
            "limits": lambda: limits_dialog(desk),
            "form": lambda: form_dialog(desk),
            "app": lambda: app_dialog(desk),
            "template": lambda: template_dialog(desk),
            "schedules": lambda: ui.navigate.to(f"/schedules?workflow={desk.slug}"),
            "rows": lambda: rows_dialog(desk),
            "help": shortcut_sheet,
            "problems": self._first_problem,
            "palette": lambda: self._toggle_sheet("palette"),
            "inspector": lambda: self._toggle_sheet("inspector"),
        }
        return acts

    def _canvas(self) -> None:
        desk, url = self.desk, session_url(self.desk.session.id)
        sockets = {
            socket["type"] for each in desk.types for side in ("inputs", "outputs") for socket in each[side]
        }
        desk.canvas = GraphCanvas(
            desk.types,
            graph_url=url,
            patch_url=url,
            accepts=accepts(sockets | {"Text", "Integer", "Number", "Boolean", "Payload", "List[Any]"}),
            theme=initial_theme(desk.visitor),
            read_only=desk.read_only,
            on_change=desk.patch,
            on_recovered=lambda _: ui.notify(t("Changes that had not been saved are back")),
            on_select=lambda selection: self._select(selection["ids"]),
            on_failed=lambda reason: ui.notify(
                t("The canvas could not follow: {reason}", reason=heard(reason))
            ),
            on_open=self._open,
            asks=("run-to", "run-from", "fold", "unfold"),
            on_ask=self._asked,
            on_shortcut=self._shortcut,
            on_history=self.toolbar.set_history,
        )
        desk.canvas.on("graph-rows", self._pasted)
        canvas_theme(desk.visitor, desk.canvas)

    def _zoom(self) -> None:
        canvas = self.desk.canvas
        if canvas is None:
            return
        with box("sk-zoom", role="toolbar", aria_label=t("Zoom")):
            keyed(icon_button(t("Zoom out"), "remove", lambda: canvas.zoom(0.8), small=True), "-")
            keyed(icon_button(t("Zoom in"), "add", lambda: canvas.zoom(1.25), small=True), "+")
            keyed(icon_button(t("Fit to view"), "o_fit_screen", canvas.fit, small=True), "f")

    async def _pasted(self, event: Any) -> None:
        """Rows of a spreadsheet, pasted on the canvas."""
        await rows_dialog(self.desk, str(event.args["text"]).encode(), t("Pasted rows"))

    async def _taken(self, brought: Brought) -> None:
        """A dropped file: rows to run, a graph, or a picture."""
        if brought.name.lower().endswith((".csv", ".tsv", ".txt")):
            await rows_dialog(self.desk, brought.data, brought.name)
        else:
            await open_on_canvas(self.desk, brought)

    async def _pins(self) -> None:
        await self.result.pinning.list()

    async def _run_at(self, name: str) -> None:
        """Run from or to the one selected node."""
        runs = {"run_from": self.runner.from_here, "run_to": self.runner.to_here}
        if self.result.node_id:
            await runs[name](self.result.node_id)
        else:
            ui.notify(t("Select the node to run from or to first."))

    def _select(self, ids: list[str]) -> None:
        self.inspector.select(ids)
        self.desk.select(ids)
        self.result.select(ids)

    def _open(self, node_id: str) -> None:
        self.inspector.select([node_id])
        self.result.select([node_id])
        if not self._sheet:
            self._toggle_sheet("inspector")
        ui.run_javascript(_FIRST_FIELD)

    def _toggle_sheet(self, name: str) -> None:
        """On a phone the panels are sheets; on a desk this changes nothing that is seen."""
        self._sheet = "" if self._sheet == name else name
        self._frame.props["data-sheet"] = self._sheet
        self._frame.update()

    def _first_problem(self) -> None:
        for problem in self.desk.judged.problems:
            if problem["node"] and self.desk.canvas is not None:
                self.desk.canvas.focus(problem["node"])
                return

    async def _asked(self, ask: Ask) -> None:
        desk, name, ids = self.desk, ask["name"], ask["ids"]
        if desk.read_only:
            return
        if name == "fold":
            await fold_here(desk, ids)
        elif name == "unfold" and len(ids) == 1:
            await unfold_here(desk, ids[0])
        elif name in {"run-to", "run-from"} and len(ids) == 1:
            await (self.runner.to_here if name == "run-to" else self.runner.from_here)(ids[0])

    async def _shortcut(self, name: str) -> None:
        if name == "save":
            if await self.desk.flush():
                ui.notify(t("Draft saved."))
        elif name == "run" and not self.desk.read_only:
            await self.runner.ask()
        elif name in {"run_from", "run_to"} and not self.desk.read_only:
            await self._run_at(name)
        elif name == "run_stale" and not self.desk.read_only:
            await self.runner.only_stale()
        elif name == "palette" and not self.desk.read_only:
            await self.desk.canvas.act("add-node") if self.desk.canvas else None
        elif name == "find":
            self.palette.focus()
        elif name == "help":
            shortcut_sheet()

    def _notices(self) -> None:
        desk = self.desk
        now = (tuple(desk.sync.conflicts), desk.row.paused_at, desk.first_published)
        if now == self._noticed:
            return
        self._noticed = now
        self._notice.clear()
        with self._notice:
            if desk.sync.conflicts:
                with box("sk-notice"):
                    conflict_banner(desk)
            elif desk.row.paused_at is not None:
                with box("sk-notice sk-notice--top"):
                    at, by = desk.row.paused_at, desk.row.paused_by
                    held_banner(desk.visitor, "workflow", desk.slug, at, by, desk.reread)
            elif desk.first_published:
                with box("sk-notice sk-notice--small"):
                    first_published(desk, self._notices)
            elif desk.row.archived_at is not None:
                words = t("Nobody can change or trigger it. Its versions and runs stay readable.")
                with box("sk-notice sk-notice--top"):
                    at = desk.row.archived_at
                    with banner("warn", "o_inventory_2", t("This workflow is archived"), words, moment=at):
                        if desk.visitor.may("workflows.delete"):
                            again = partial(bring_back, desk.visitor, desk.slug)
                            button(t("Bring back"), again, kind="primary", small=True)
