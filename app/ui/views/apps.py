"""``/apps``: every workflow that colleagues may use as an app."""

from collections.abc import Mapping

from sqlalchemy import Connection

from app.store import apps as rows
from app.store import runs as run_rows
from app.store.apps import AppRow
from app.store.runs import RunFilter, Scope
from app.ui.examples import example
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, icon, link_button, text
from app.ui.parts.show import card, empty
from app.ui.shell import frame, head
from app.ui.visitor import Visitor

_LOOK_BACK = 5


async def show(visitor: Visitor, _: Mapping[str, str]) -> None:
    """Build the page."""
    await visitor.require("runs.read")
    found = await visitor.read(_apps, visitor.scope)
    with frame(visitor, "apps", t("Apps")):
        with head(t("Apps"), t("Fill in a few fields, get a picture. Nothing else to know.")):
            pass
        if not found:
            told = t("Open a workflow, choose More › App, and pick the fields that colleagues see.")
            with card(), empty("o_apps", t("No apps yet"), told):
                if visitor.may("workflows.write"):
                    link_button(t("Open the workflows"), "/workflows", kind="primary")
            return
        with box("sk-flows"):
            for row, thumb in found:
                _card(visitor, row, thumb)


def _apps(connection: Connection, scope: Scope) -> list[tuple[AppRow, str | None]]:
    found = []
    for row in rows.list_all(connection, scope.org_id):
        last = run_rows.list_page(connection, scope, RunFilter(workflow=row.slug), limit=_LOOK_BACK).items
        found.append((row, next((run.thumb for run in last if run.thumb), None)))
    return found


def _card(visitor: Visitor, row: AppRow, thumb: str | None) -> None:
    with box("sk-card sk-flow", "article"):
        with box("sk-flow__picture"):
            shipped = example(row.slug)
            sample = f"/gallery/{shipped.pictures[0].file}" if shipped and shipped.pictures else ""
            source = visitor.house.thumb(thumb) if thumb else sample
            if source:
                attrs(box(tag="img"), src=source, alt="", loading="lazy")
            else:
                icon("o_auto_awesome")
        with box("sk-flow__body"):
            with box("sk-flow__title", "h2"), attrs(box(tag="a"), href=f"/apps/{row.slug}"):
                text(row.title or row.workflow_name or row.slug)
            if row.intro:
                text(row.intro, "sk-tpl__about", tag="p")
