"""Two edits of the same thing: both are shown, and somebody chooses, node by node."""

from functools import partial
from itertools import groupby
from typing import Any

from nicegui import ui

from app.ui.editor.changes import words
from app.ui.editor.desk import Desk
from app.ui.editor.said import Names, value_text
from app.ui.lang.say import n, t
from app.ui.parts.base import box, button, row, text
from app.ui.parts.show import banner, dialog
from graphs.merge import Conflict


def conflict_banner(desk: Desk) -> None:
    """Say that edits of this tab lost, and lead to the choice."""
    count = len(desk.sync.conflicts)
    title = n("{count} of your edits met another one", "{count} of your edits met others", count)
    who = (desk.sync.other or t("somebody else")).partition(" (")[0]
    body = t("{who} changed the same and saved first. Your edits are kept here until you choose.", who=who)
    with banner("warn", "o_group", title, body):
        button(t("Compare and choose"), partial(conflict_dialog, desk), kind="primary", small=True)


def conflict_dialog(desk: Desk) -> None:
    """Show both edits of everything that was changed twice."""
    with dialog(t("Changed twice"), size="wide") as (window, foot):
        place = box("sk-stack")
        with foot:
            button(t("Close"), window.close, kind="ghost")

    async def choose(chosen: list[Conflict], *, mine: bool) -> None:
        for each in chosen:
            await desk.choose((each.kind, each.id, each.field), mine=mine)
        if desk.sync.conflicts:
            draw()
        else:
            window.close()
            ui.notify(t("Everything is decided."))

    def draw() -> None:
        place.clear()
        names = Names(desk.types, desk.document, desk.sync.base)
        ordered = sorted(desk.sync.conflicts.values(), key=lambda each: (each.kind, each.id))
        with place:
            for (kind, name), members in groupby(ordered, lambda each: (each.kind, each.id)):
                _part(kind, name, list(members), names, choose)

    draw()
    window.open()


def _part(kind: str, name: str, several: list[Conflict], names: Names, choose: Any) -> None:
    with box("sk-twice", "section"):
        with row("sk-row--between"):
            text(_name(kind, name, names), tag="h3")
            with row():
                button(t("Keep theirs"), partial(choose, several, mine=False), small=True)
                button(t("Use mine"), partial(choose, several, mine=True), kind="primary", small=True)
        for each in several:
            if each.field:
                text(names.path(each.id, (each.field.removeprefix("settings."),)), "sk-small sk-muted")
            _both(each)


def _both(conflict: Conflict) -> None:
    theirs, mine = _said(conflict, conflict.theirs), _said(conflict, conflict.mine)
    with box("sk-twice__sides"):
        for label, value in ((t("Theirs, in the draft now"), theirs), (t("Yours"), mine)):
            with box("sk-twice__side"):
                text(label, "sk-small sk-muted")
                text(value, "sk-wrap")
    if isinstance(conflict.theirs, str) and isinstance(conflict.mine, str) and len(theirs + mine) > 40:
        words(theirs, mine)


def _said(conflict: Conflict, value: Any) -> str:
    if conflict.kind == "link":
        return " · ".join(value["from"])
    if conflict.field:
        return value_text(value)
    return t("removed") if value is None else t("changed")


def _name(kind: str, name: str, names: Names) -> str:
    if kind == "node":
        return names.node(name)
    if kind == "link":
        node, _, socket = name.rpartition(".")
        return t("Link into {name}", name=f"{names.node(node)} · {socket}")
    return {"group": t("Group"), "note": t("Note")}.get(kind, t("Workflow"))
