"""One run: what came in, what each step did, what came out, and who was told."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from app.api.codes import spoken
from app.store.runs import RunRow
from app.ui.holding import held_banner
from app.ui.lang.heard import heard
from app.ui.lang.say import current, n, t
from app.ui.live import Changed
from app.ui.parts.base import box, link_button, text
from app.ui.parts.gallery import gallery
from app.ui.parts.show import Code, CopyId, When, banner, card, fact, facts, status
from app.ui.progress import pictures
from app.ui.rows import load_object, pretty_json, run_seconds
from app.ui.shell import frame, head
from app.ui.views.nothing import not_found
from app.ui.views.run_actions import actions
from app.ui.views.run_callback import callback_card
from app.ui.views.run_children import parent_fact
from app.ui.views.run_generations import generations_card
from app.ui.views.run_graph import RunGraph
from app.ui.views.run_reuse import anew_button
from app.ui.views.run_steps import steps_card
from app.ui.views.run_story import Story, load_story
from app.ui.visitor import Visitor
from app.ui.words import (
    BELOW_QUALITY,
    RUN,
    STARTED_BY,
    advice,
    credit_text,
    duration,
    expected,
    held_up,
    look,
)

_AT_LIMITS = frozenset({"rate_limited", "breaker_open"})


async def show(visitor: Visitor, run_id: str, _: Mapping[str, str]) -> None:
    """Build the page; an unknown run says so."""
    await visitor.require("runs.read")
    broker = visitor.house.system.live.connected
    story = await visitor.read(load_story, visitor.scope, run_id, broker=broker)
    if story is None:
        detail = t("There is no run {run_id} in this organisation.", run_id=run_id[:60])
        not_found(visitor, "runs", t("No such run"), detail, (t("All runs"), "/runs"))
        return
    with frame(visitor, "runs", t("Run")):
        page = RunPage(visitor, story)
        await page.build()
    visitor.follow(page.update)


class RunPage:
    """The page of one run; parts that can change are drawn again when they did."""

    def __init__(self, visitor: Visitor, story: Story) -> None:
        self.visitor = visitor
        self.story = story
        self._live: dict[str, dict[str, Any]] = {}
        self._graph = RunGraph(visitor, story.run)

    async def build(self) -> None:
        self._live = self.visitor.house.system.live.nodes(self.story.run.id)
        await self._graph.load()
        self._head = box("sk-stack")
        with box("sk-two"):
            with box("sk-stack"):
                self._outputs = box()
                self._tries = box()
                self._graph.build()
                self._steps = box()
                self._callback = box()
            with box("sk-stack"):
                self._facts = box()
                self._payload()
        self._draw()

    async def update(self, changed: Changed) -> None:
        run_id = self.story.run.id
        if changed is not None and run_id not in changed:
            return
        system = self.visitor.house.system
        live = system.live.nodes(run_id)
        story = await self.visitor.read(load_story, self.visitor.scope, run_id, broker=system.live.connected)
        if story is None or (story == self.story and live == self._live):
            return
        self.story, self._live = story, live
        self._draw()

    def _draw(self) -> None:
        story = self.story
        for place, draw in (
            (self._head, self._draw_head),
            (self._outputs, self._draw_outputs),
            (self._tries, lambda: generations_card(self.visitor, story, self._graph)),
            (self._steps, lambda: steps_card(self.visitor, story, self._graph.nodes, self._live)),
            (self._callback, lambda: callback_card(self.visitor, story)),
            (self._facts, self._draw_facts),
        ):
            place.clear()
            with place:
                draw()
        self._graph.show(story.run, story.steps, self._live)

    def _draw_head(self) -> None:
        run = self.story.run
        with head(self._graph.name, back=(t("Runs"), "/runs")):
            anew_button(self.visitor, self.story)
            actions(self.visitor, self.story.run, self.story.payloads)
        with box("sk-row sk-row--wrap"):
            status(look(RUN, run.status))
            CopyId(run.id, label=t("run id"))
            text("·", "sk-faint sk-dot")
            text(_ran(run), "sk-muted")
            text("·", "sk-faint sk-dot")
            When(run.created_at)
            if run.quality_warning:
                status(BELOW_QUALITY)
        self._draw_banner(run)

    def _draw_banner(self, run: RunRow) -> None:
        error, wait = load_object(run.error), load_object(run.wait)
        if run.error_code and run.status != "cancelled":
            described = heard(str(error.get("error_description") or ""))
            told = f"{described}\n{advice(run.error_code)}".strip()
            title = self._failure(run.error_code, error)
            with banner("bad", "error_outline", title, told, before=run.error_code):
                link_button(t("What it means"), f"/problems/{run.error_code}", kind="ghost", small=True)
        elif run.paused_at is not None and run.is_open:
            held_banner(self.visitor, "run", run.id, run.paused_at, run.paused_by)
        elif wait and run.is_open:
            told = heard(str(wait.get("explanation") or ""))
            at = expected(wait)
            before = "" if at is None else t("Starts") if run.status == "queued" else t("Goes on")
            with banner("warn", "hourglass_empty", held_up(wait), told, moment=at, before=before):
                self._way_out(run, wait)

    def _failure(self, code: str, error: dict[str, Any]) -> str:
        """What went wrong and at which step, in words; the code stays for those who look it up."""
        known = spoken(current()).get(code)
        at = self._graph.nodes.get(str(error.get("node_id")), {}).get("title") or ""
        return " · ".join(part for part in (known.title if known else code, str(at)) if part)

    def _way_out(self, run: RunRow, wait: dict[str, Any]) -> None:
        """Where somebody can end the wait."""
        reason = wait.get("reason")
        if wait.get("paused") == "workflow":
            link_button(t("Open the workflow"), f"/workflows/{run.workflow}", small=True)
        elif reason == "children":
            first = (wait.get("children") or {}).get("first")
            if first:
                link_button(t("Open the run that waits"), f"/runs/{first}", small=True)
        elif reason == "review" and self.visitor.may("calls.resolve"):
            link_button(t("Decide"), "/services", small=True, kind="primary")
        elif reason == "budget" and self.visitor.may("limits.read"):
            link_button(t("Open the spend"), "/spend", small=True)
        elif (wait.get("paused") == "caller" or reason in _AT_LIMITS) and self.visitor.may("limits.read"):
            link_button(t("Open the limits"), "/limits", small=True)

    def _draw_outputs(self) -> None:
        outputs = self.story.result.get("outputs") or []
        made = outputs or self._last_pictures()
        if not made and not self.story.run.is_open:
            return
        with card(t("Pictures") if outputs or not made else t("Pictures so far")) as top:
            with top:
                if outputs:
                    text(n("{count} output", "{count} outputs", len(outputs)), "sk-small sk-muted")
            if made:
                gallery(self.visitor.house, made)
            else:
                text(t("They appear here as soon as they are made."), "sk-muted")

    def _last_pictures(self) -> list[dict[str, Any]]:
        for step in sorted(self.story.steps.values(), key=lambda each: -each.position):
            found = pictures(step.outputs)
            if found:
                return found
        return []

    def _draw_facts(self) -> None:
        run, meta = self.story.run, self.story.result.get("metadata") or {}
        with card(t("Details")), facts():
            fact(t("Duration"), duration(run_seconds(run)))
            fact(t("Credits"), credit_text(run.credit_cost))
            fact(t("Caller"), run.caller)
            fact(
                t("Started by"),
                t("Another run") if run.source == "workflow" else t(STARTED_BY.get(run.source, run.source)),
            )
            if run.external_id:
                with fact(t("External id")):
                    CopyId(run.external_id, label=t("external id"))
            for name, key in ((t("Model"), "model_id"), (t("Seed"), "seed"), (t("Style"), "style")):
                if meta.get(key) not in (None, ""):
                    fact(name, str(meta[key]))
            parent_fact(run)
            if run.rerun_of:
                with fact(t("Rerun of")):
                    ui.link(run.rerun_of[-8:], f"/runs/{run.rerun_of}").classes("sk-link")
            for name, label, value in (
                (t("Trace"), t("trace id"), run.trace_id),
                (t("Request"), t("request id"), run.request_id),
            ):
                with fact(name):
                    CopyId(value, short=value[-12:], label=label)

    def _payload(self) -> None:
        with card(t("Trigger payload")):
            Code(pretty_json(self.story.payloads.trigger), wrap=True)
            if self.story.payloads.inputs not in (self.story.payloads.trigger, "{}"):
                with ui.expansion(t("Inputs the nodes got")).props("dense").classes("sk-more"):
                    Code(pretty_json(self.story.payloads.inputs), wrap=True)


def _ran(run: RunRow) -> str:
    if run.version:
        return t("version {number}", number=run.version)
    return t("the draft as it was") if run.version_id else t("no version")
