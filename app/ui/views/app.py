"""``/apps/{slug}``: one workflow as an app, phone first: its fields, the result below, what I made before."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.element import Element

from app.engine.records import IdempotencyMismatchError
from app.engine.writer import QueueFullError, StoreUnavailableError
from app.store.apps import AppRow
from app.store.runs import RunRow
from app.ui.apps.fields import Control
from app.ui.apps.result import Result
from app.ui.lang.heard import heard
from app.ui.lang.say import n, t
from app.ui.live import Changed
from app.ui.parts.base import attrs, box, button, icon, link_button, text
from app.ui.parts.show import When
from app.ui.shell import frame, head
from app.ui.views.nothing import not_found
from app.ui.visitor import Visitor
from app.ui.words import RUN, look
from app.workflows.apps import arranged, fields_of
from app.workflows.errors import WorkflowError
from app.workflows.published import Published
from graphs.trigger import TriggerInvalid


async def show(visitor: Visitor, slug: str, query: Mapping[str, str]) -> None:
    """Build the page; values in the address fill fields, `run` shows a run of one's own."""
    await visitor.require("runs.read")
    try:
        row, published = await visitor.call(visitor.house.system.apps.usable, visitor.org_id, slug)
    except WorkflowError:
        detail = t("It was switched off, or the address is not right.")
        not_found(visitor, "apps", t("No such app"), detail, (t("All apps"), "/apps"))
        return
    page = _Page(visitor, row, published)
    with frame(visitor, "apps", page.title, page="sk-page sk-app"):
        with head(page.title, row.intro, back=(t("Apps"), "/apps")):
            if visitor.may("workflows.write"):
                link_button(t("Open the workflow"), f"/workflows/{slug}", kind="ghost", icon="o_account_tree")
        page.build(query)
        await page.begin()
    visitor.follow(page.update)


class _Page:
    def __init__(self, visitor: Visitor, row: AppRow, published: Published) -> None:
        self.title = row.title or row.workflow_name or row.slug
        self._visitor = visitor
        self._row = row
        self._published = published
        self._ticket = secrets.token_urlsafe(12)
        self._runs: tuple[RunRow, ...] = ()
        self._controls: dict[str, Control] = {}

    def build(self, query: Mapping[str, str]) -> None:
        shown = arranged(self._published.trigger.fields, fields_of(self._row))
        with box("sk-app__two"):
            with box("sk-card sk-app__form", "section", aria_label=t("Fields")):
                self._controls = {each.spec.name: Control(each) for each in shown if not each.how.hidden}
                for name, control in self._controls.items():
                    if name in query:
                        control.fill(query[name][:2_000])
                self._notice = attrs(text("", "sk-field__error"), role="alert")
                self._send = button(t("Create"), self._create, kind="primary", icon="o_auto_awesome")
                self._send.classes("sk-app__send")
                if not self._visitor.may("runs.trigger"):
                    self._send.set_enabled(False)
                    self._notice.text = t("Your role may look at apps, not use them.")
            with box("sk-app__side"):
                self._result = Result(self._visitor, len(self._published.plan.nodes), self._again)
                self._history: Element = box()

    async def begin(self) -> None:
        """Show what was made last, and the history."""
        await self._reread()
        if self._runs:
            await self._result.show(self._runs[0].id)

    async def update(self, changed: Changed) -> None:
        if changed is None or self._result.run_id in changed or any(run.id in changed for run in self._runs):
            await self._result.update()
            await self._reread()

    async def _create(self) -> None:
        identity = await self._visitor.require("runs.trigger")
        for control in self._controls.values():
            control.blame("")
        self._notice.text = ""
        self._send.set_enabled(False)
        texts = {name: control.sent for name, control in self._controls.items()}
        try:
            apps = self._visitor.house.system.apps
            started = await apps.submit(identity, self._row.slug, texts, self._ticket)
        except TriggerInvalid as error:
            self._blame(error)
        except (WorkflowError, QueueFullError, StoreUnavailableError, IdempotencyMismatchError) as error:
            self._ticket = secrets.token_urlsafe(12)
            self._notice.text = heard(str(error)) or t("That was too much at once. Try again.")
        else:
            self._ticket = secrets.token_urlsafe(12)
            await self._result.show(started.run_id)
            await self._reread()
            ui.run_javascript("document.querySelector('.sk-app__result')?.scrollIntoView({block: 'nearest'})")
        finally:
            self._send.set_enabled(True)

    def _blame(self, error: TriggerInvalid) -> None:
        """Every wrong field at its place; what concerns a hidden one is told below."""
        for each in error.errors:
            plain = each.detail.removeprefix(f"{each.field}: ").removeprefix(f"{each.field} ")
            control = self._controls.get(each.field)
            if control is not None:
                control.blame(t("This field is required") if plain == "is required" else plain)
            else:
                self._notice.text = heard(each.detail)
        count = sum(each.field in self._controls for each in error.errors)
        if count and not self._notice.text:
            said = n("{count} field needs another look.", "{count} fields need another look.", count)
            self._notice.text = said

    def _again(self, values: Mapping[str, Any]) -> None:
        for name, control in self._controls.items():
            if name in values:
                control.fill(values[name])
        ui.run_javascript("document.querySelector('.sk-app__form :is(input, textarea)')?.focus()")

    async def _reread(self) -> None:
        system = self._visitor.house.system
        found = await self._visitor.call(system.apps.history, self._visitor.identity, self._row)
        if found == self._runs:
            return
        self._runs = found
        self._history.clear()
        with self._history:
            text(t("What I made"), "sk-app__mine", tag="h2")
            with box("sk-app__runs"):
                for run in found:
                    self._mine(run)

    def _mine(self, run: RunRow) -> None:
        said = look(RUN, run.status)
        with box("sk-app__run", "button", type="button") as made:
            if run.thumb:
                source = self._visitor.house.thumb(run.thumb)
                attrs(box(tag="img"), src=source, alt=said.text, loading="lazy")
            else:
                icon(said.icon)
                text(said.text, "sk-small")
            with box("sk-small sk-muted", "span"):
                When(run.created_at)
        made.on("click", partial(self._result.show, run.id))
