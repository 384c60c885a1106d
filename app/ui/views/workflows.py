"""The list of workflows, and how new ones begin."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from nicegui import ui
from nicegui.element import Element
from sqlalchemy import Connection

from app.store import runs as run_rows
from app.store import workflows as rows
from app.store.runs import RunFilter, RunRow, Scope
from app.store.workflows import WorkflowRow
from app.ui.editor.sketch import Sketch, sketch
from app.ui.editor.states import PublishState, publish_state
from app.ui.examples import example
from app.ui.files.drop import FileDrop
from app.ui.files.opening import open_as_new
from app.ui.holding import hold, may_hold
from app.ui.lang.say import t
from app.ui.live import Changed
from app.ui.parts.base import attrs, box, button, icon, icon_button, link_button, text
from app.ui.parts.show import Miniature, When, card, empty, status
from app.ui.rows import load_object
from app.ui.shell import frame, head
from app.ui.views.workflow_actions import archive, bring_back, duplicate, new_dialog
from app.ui.visitor import Visitor
from app.ui.words import PAUSED, RUN, look

# runs looked at for the newest picture
_LOOK_BACK = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """A workflow with its state and its last run."""

    row: WorkflowRow
    state: PublishState
    last: RunRow | None
    thumb: str | None
    drawn: Sketch | None


async def show(visitor: Visitor, query: Mapping[str, str]) -> None:
    """Build the page; `?archived=1` shows the archived ones too."""
    await visitor.require("workflows.read")
    archived = query.get("archived") == "1"
    page = _Page(visitor, archived)
    with frame(visitor, "workflows", t("Workflows")):
        words = t("Each turns a few words into finished pictures. Open one, or begin with a template.")
        with head(t("Workflows"), words):
            if visitor.may("workflows.write"):
                files = FileDrop(visitor, partial(open_as_new, visitor))
                button(t("Open a file"), files.pick, kind="ghost")
            link_button(t("Templates"), "/templates", icon="o_dashboard")
            if visitor.may("workflows.write"):
                button(t("New workflow"), lambda: new_dialog(visitor), icon="add", kind="primary")
        page.place = box()
        await page.update(None)
        with box("sk-row sk-row--center"):
            label = t("Hide archived") if archived else t("Show archived")
            link_button(
                label, "/workflows" if archived else "/workflows?archived=1", kind="ghost", small=True
            )
    visitor.follow(page.update)


class _Page:
    def __init__(self, visitor: Visitor, archived: bool) -> None:
        self._visitor = visitor
        self._archived = archived
        self._shown: list[Entry] | None = None
        self.place: Element | None = None

    async def update(self, _: Changed) -> None:
        entries = await self._visitor.read(_entries, self._visitor.scope, archived=self._archived)
        if entries == self._shown or self.place is None:
            return
        self._shown = entries
        self.place.clear()
        with self.place:
            self._draw(entries)

    def _draw(self, entries: list[Entry]) -> None:
        if not entries:
            with (
                card(),
                empty(
                    "o_account_tree",
                    t("No workflows yet"),
                    t(
                        "A workflow is a graph that turns a webhook into finished images. Begin with an "
                        "example, or blank."
                    ),
                ),
            ):
                link_button(t("Look at the templates"), "/templates", icon="o_dashboard", kind="primary")
                if self._visitor.may("workflows.write"):
                    button(t("New workflow"), lambda: new_dialog(self._visitor), icon="add")
            return
        with box("sk-flows"):
            for entry in entries:
                _card(self._visitor, entry)


def _entries(connection: Connection, scope: Scope, *, archived: bool) -> list[Entry]:
    found = []
    for row in rows.list_all(connection, scope.org_id, archived=archived):
        draft, _ = rows.draft(connection, row.id)
        version = rows.version(connection, row.id, row.published) if row.published else None
        last = run_rows.list_page(connection, scope, RunFilter(workflow=row.slug), limit=_LOOK_BACK).items
        drawn = sketch(load_object(draft))
        thumb = next((run.thumb for run in last if run.thumb), None)
        found.append(Entry(row, publish_state(draft, version), last[0] if last else None, thumb, drawn))
    return found


def _card(visitor: Visitor, entry: Entry) -> None:
    row, last = entry.row, entry.last
    with box("sk-card sk-flow", "article"):
        with box("sk-flow__picture"):
            if entry.thumb:
                attrs(box(tag="img"), src=visitor.house.thumb(entry.thumb), alt="", loading="lazy")
            elif sample := _sample(row):
                attrs(box(tag="img"), src=sample, alt="", loading="lazy")
            elif entry.drawn is not None:
                Miniature(entry.drawn)
            else:
                icon("o_account_tree")
        with box("sk-flow__body"):
            with box("sk-row sk-row--between"):
                with box("sk-flow__title sk-cut", "h2"), attrs(box(tag="a"), href=f"/workflows/{row.slug}"):
                    text(row.name or row.slug)
                if row.archived_at is None:
                    _menu(visitor, row)
            with box("sk-row sk-row--wrap"):
                status(entry.state.look)
                if row.paused_at is not None:
                    status(PAUSED)
                text(row.slug, "sk-small sk-muted sk-mono")
            with box("sk-flow__foot sk-small sk-muted"):
                if row.archived_at is not None:
                    text(t("Archived"))
                    When(row.archived_at)
                    if visitor.may("workflows.delete"):
                        again = button(t("Bring back"), partial(bring_back, visitor, row.slug), small=True)
                        attrs(again, aria_label=t("Bring back {slug}", slug=row.slug))
                        again.classes("sk-over sk-grow-left")
                elif last is None:
                    text(t("No runs yet"))
                else:
                    status(look(RUN, last.status), chip=False)
                    When(last.created_at)
                    _runs_link(row.slug)


def _sample(row: WorkflowRow) -> str:
    """What a shipped workflow makes, until it has made something here."""
    shipped = example(row.slug) if row.draft_revision == 1 else None
    return f"/gallery/{shipped.pictures[0].file}" if shipped and shipped.pictures else ""


def _runs_link(slug: str) -> None:
    with attrs(box("sk-link sk-over sk-grow-left", "a"), href=f"/runs?workflow={slug}"):
        text(t("Runs"))


def _menu(visitor: Visitor, row: WorkflowRow) -> None:
    if not (visitor.may("workflows.write") or may_hold(visitor, "workflow")):
        return
    made = icon_button(t("Actions for {slug}", slug=row.slug), "more_horiz", small=True)
    made.classes("sk-over")
    with made, ui.menu().props("auto-close"):
        if visitor.may("workflows.write"):
            ui.menu_item(t("Duplicate"), on_click=lambda: duplicate(visitor, row)).classes("sk-menu-item")
        if may_hold(visitor, "workflow"):
            paused = row.paused_at is not None
            act = partial(hold, visitor, "workflow", row.slug, pause=not paused)
            ui.menu_item(t("Resume") if paused else t("Pause"), on_click=act).classes("sk-menu-item")
        if visitor.may("workflows.delete"):
            ui.menu_item(t("Archive"), on_click=lambda: archive(visitor, row)).classes("sk-menu-item")
