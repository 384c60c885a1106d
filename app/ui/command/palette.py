"""The command palette of a page (Ctrl K): pages, workflows, runs, settings, help, and what the page adds."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from app.store import runs as run_rows
from app.store.runs import RunRow
from app.ui.command.entries import Command
from app.ui.command.places import places
from app.ui.command.shortcuts import KEY_NAMES, shortcut_sheet
from app.ui.lang.say import t
from app.ui.parts.base import attrs
from app.ui.visitor import Visitor
from app.ui.words import RUN

_MOST_WORKFLOWS = 300
_MOST_RUNS = 8
_LONGEST = 200


class Commands(Element, component="sk_commands.js", esm={"sakuga-keys": "keylib"}):
    """Lists what the visitor may do, read anew each time it opens; runs are searched on the server."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__()
        self._visitor = visitor
        self._known: dict[str, Command] = {}
        words = {
            "title": t("Commands and search"),
            "hint": t("Search nodes, workflows, runs, pages, actions …"),
            "recent": t("Used last"),
            "nothing": t("Nothing is called that."),
            "searching": t("Searching …"),
            "found": t("entries"),
            "keys": {name: t(name) for name in KEY_NAMES},
        }
        attrs(self, words=words, items=self._shown([*visitor_commands(visitor), *places(visitor)]))
        self.on("opened", self._opened)
        self.on("search", self._search)
        self.on("run", self._run)
        self.on("help", lambda _: shortcut_sheet())

    def show(self) -> None:
        """Open it, as Ctrl K does."""
        self.run_method("show")

    def _shown(self, found: list[Command]) -> list[dict[str, Any]]:
        self._known.update({each.id: each for each in found})
        return [each.shown() for each in found]

    async def _opened(self, _: GenericEventArguments) -> None:
        visitor = self._visitor
        await visitor.require("runs.read")
        rows = (
            await visitor.call(visitor.house.system.workflows.list, visitor.org_id)
            if visitor.may("workflows.read")
            else ()
        )
        workflows = [_workflow(row.slug, row.name) for row in rows[:_MOST_WORKFLOWS]]
        found = [*visitor_commands(visitor), *workflows, *places(visitor)]
        self.run_method("fill", self._shown(found))

    async def _search(self, event: GenericEventArguments) -> None:
        given: Mapping[str, Any] = event.args
        wanted = str(given.get("text") or "")[:_LONGEST]
        visitor = self._visitor
        await visitor.require("runs.read")
        found = await visitor.read(run_rows.called, visitor.scope, wanted, _MOST_RUNS)
        lines = [{**_started(row).shown(), "found": True} for row in found]
        self.run_method("results", int(given.get("asked") or 0), lines)

    async def _run(self, event: GenericEventArguments) -> None:
        command = self._known.get(str(event.args.get("id")))
        if command is None or command.act is None:
            return
        done = command.act()
        if hasattr(done, "__await__"):
            await done


def _workflow(slug: str, name: str) -> Command:
    href = f"/workflows/{slug}"
    return Command(
        f"workflow:{slug}", t("Workflows"), name, "o_account_tree", hint=slug, words=slug, href=href
    )


def _started(row: RunRow) -> Command:
    icon = RUN[row.status].icon if row.status in RUN else "o_play_circle"
    hint = f"{row.workflow} · {row.id}" if row.external_id else row.workflow
    return Command(
        f"run:{row.id}", t("Runs"), row.external_id or row.id, icon, hint=hint, href=f"/runs/{row.id}"
    )


def visitor_commands(visitor: Visitor) -> list[Command]:
    """What the parts of the page offer now."""
    return [command for offer in visitor.commands for command in offer()]


def command_palette(visitor: Visitor) -> Commands:
    """Put the palette into the page being built."""
    with ui.context.client.content:
        return Commands(visitor)
