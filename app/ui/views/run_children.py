"""The runs that a step started: each with its status, and a link."""

from collections.abc import Sequence

from nicegui import ui

from app.store.runs import RunRow
from app.ui.filters import RunQuery, address
from app.ui.lang.say import t
from app.ui.parts.base import box, link_button, text
from app.ui.parts.show import fact, status
from app.ui.rows import run_look, run_seconds
from app.ui.words import duration

_SHOWN = 12


def children_of(parent: RunRow, found: Sequence[RunRow]) -> None:
    """The first of them, and a link to all."""
    with box("sk-stack"):
        for child in found[:_SHOWN]:
            with box("sk-row sk-small"):
                text(f"{(child.parent_item or 0) + 1}.", "sk-muted sk-num", tag="span")
                status(run_look(child))
                ui.link(child.workflow, f"/runs/{child.id}").classes("sk-link")
                text(child.id[-8:], "sk-mono sk-faint", tag="span")
                text(duration(run_seconds(child)), "sk-muted sk-num", tag="span")
        if len(found) > 1:
            with box("sk-row"):
                all_of_them = address("/runs", RunQuery(parent=parent.id).query)
                link_button(t("Show its runs as a list"), all_of_them, kind="ghost", small=True)


def parent_fact(run: RunRow) -> None:
    """A link to the run that started this one, and the place it has there."""
    if run.parent_id is None:
        return
    with fact(t("Part of")):
        where = t(
            "{node}, item {number}",
            node=run.parent_node,
            number=(run.parent_item or 0) + 1,
        )
        ui.link(f"{run.parent_id[-8:]} · {where}", f"/runs/{run.parent_id}").classes("sk-link")
