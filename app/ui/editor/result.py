"""The panel beside the settings: what the selected node did in the last run, and what to do about it."""

import json
from functools import partial
from typing import Any

from app.store.runs import AttemptRow, StepRow
from app.ui.editor.desk import Desk
from app.ui.editor.model import node_of
from app.ui.editor.pinning import Pinning
from app.ui.editor.result_head import outcome, stale_banner, tabs, waiting
from app.ui.editor.running import Runner, Seen
from app.ui.editor.values import values
from app.ui.editor.why import titled
from app.ui.lang.say import t
from app.ui.parts.base import anchor, box, button, icon, text
from app.ui.parts.show import Code, Local, empty, fact, facts
from app.ui.progress import pictures
from app.ui.rows import pretty_json
from app.ui.views.run_steps import attempts_list
from app.ui.words import credit_text, duration
from graphs.kinds import TRIGGER


class ResultPanel:
    """Shares its place with the settings; the two tabs at the top of each lead to the other."""

    def __init__(self, desk: Desk, runner: Runner, frame: Any) -> None:
        self._desk = desk
        self._runner = runner
        self._frame = frame
        self.node_id = ""
        self._side = "settings"
        self.pinning = Pinning(desk, self._pinned)
        self._place = box("sk-inspector sk-result", "aside", aria_label=t("Result"))
        runner.told.append(self.refresh)
        runner.fresh.told.append(self.refresh)

    def select(self, node_ids: list[str]) -> None:
        """Show this node, or nothing but the settings when there is not exactly one."""
        self.node_id = node_ids[0] if len(node_ids) == 1 else ""
        self.show(self._side)

    def show(self, side: str) -> None:
        """Turn to ``settings`` or ``result``."""
        self._side = side
        shown = side if self.node_id else "settings"
        if self._frame.props.get("data-side") != shown:
            self._frame.props["data-side"] = shown
            self._frame.update()
        self.refresh()

    def tabs(self, node_id: str) -> None:
        """The two tabs, for the top of the settings."""
        if node_id:
            tabs("settings", self.show)

    def refresh(self) -> None:
        """Show what is known now; nothing is drawn while the settings are in front."""
        if self._side != "result" or not self.node_id:
            return
        self._place.clear()
        with self._place:
            with box("sk-inspector__head"):
                with box("sk-kind__icon", "span"):
                    icon("o_fact_check")
                name = titled(self._desk.document, self._desk.types, self.node_id)
                text(name, "sk-cut sk-grow", tag="h2")
            tabs("result", self.show)
            with box("sk-inspector__body"):
                self._draw()

    def _draw(self) -> None:
        seen, node_id = self._runner.seen, self.node_id
        node = node_of(self._desk.document, node_id)
        if node is None:
            return
        fresh = self._runner.fresh
        pinned = fresh.pins.get(node_id)
        if seen is None and pinned is None:
            told = t("Run the draft: what this node gets and makes appears here.")
            with empty("o_play_circle", t("Nothing has run yet"), told):
                if not self._desk.read_only:
                    button(t("Run##verb"), self._runner.ask, kind="primary", icon="play_arrow")
            return
        if seen is not None:
            live, usual = seen.live.get(node_id), self._runner.estimate.by_node.get(node_id)
            outcome(seen.run, seen.steps.get(node_id), live, usual)
        stale_banner(fresh.word(node_id) if pinned is None else "", pinned)
        self._acts(node_id, str(node["type"]), seen)
        if pinned is not None:
            text(t("Pinned result"), "sk-strong", tag="h3")
            values(self._desk.visitor.house, json.loads(pinned.outputs))
        if seen is not None:
            self._run(seen, node_id)

    def _acts(self, node_id: str, kind: str, seen: Seen | None) -> None:
        if self._desk.read_only:
            return
        step = seen.steps.get(node_id) if seen is not None else None
        fresh = self._runner.fresh
        with box("sk-row sk-row--wrap"):
            if kind != TRIGGER:
                button(t("Run to here"), partial(self._runner.to_here, node_id), small=True)
                button(t("Run from here"), partial(self._runner.from_here, node_id), small=True)
            if fresh.stale:
                button(t("Run only what changed"), self._runner.only_stale, small=True)
        if kind == TRIGGER:
            return
        with box("sk-row sk-row--wrap"):
            pinned = fresh.pins.get(node_id)
            outputs = json.loads(pinned.outputs) if pinned else None
            run_id = pinned.run_id if pinned else seen.run.id if seen else None
            if pinned is not None:
                button(t("Unpin"), partial(self.pinning.remove, node_id), icon="o_push_pin", small=True)
            elif step is not None and step.status == "succeeded" and step.outputs and seen is not None:
                outputs = json.loads(step.outputs)
                act = partial(self.pinning.pin, node_id, seen.run.id)
                button(t("Pin this result"), act, icon="o_push_pin", small=True)
            edit = partial(self.pinning.edit, node_id, outputs or {}, run_id)
            button(t("Edit it"), edit, icon="o_edit", small=True)

    def _run(self, seen: Seen, node_id: str) -> None:
        step = seen.steps.get(node_id)
        waiting(seen.run, step)
        tries = [
            each
            for each in seen.attempts
            if each.node_id == node_id and (step is None or each.generation == step.generation)
        ]
        house = self._desk.visitor.house
        outputs = json.loads(step.outputs) if step is not None and step.outputs else {}
        pinned = self._runner.fresh.pins.get(node_id)
        if outputs and (pinned is None or json.loads(pinned.outputs) != outputs):
            with box("sk-row sk-row--between"):
                text(t("What it made"), "sk-strong", tag="h3")
                made = pictures(step.outputs if step is not None else None)
                if made:
                    there = f"/compare?b={seen.run.id}&bp={made[0]['sha256']}"
                    anchor(t("Compare"), there, "sk-link sk-small")
            values(house, outputs)
        inputs, sources = _inputs(seen, node_id, self._desk)
        if inputs:
            text(t("What it got"), "sk-strong", tag="h3")
            values(house, inputs, sources)
        self._log(seen, step, tries)

    def _log(self, seen: Seen, step: StepRow | None, tries: list[AttemptRow]) -> None:
        if tries:
            text(t("Attempts"), "sk-strong", tag="h3")
            attempts_list(tries)
        if step is None:
            return
        with box(tag="details"):
            text(t("Log"), "sk-small sk-muted", tag="summary")
            with facts():
                if step.started_at is not None:
                    with fact(t("Started")):
                        Local(step.started_at)
                    if step.duration is not None:
                        with fact(t("Ended")):
                            Local(step.started_at + step.duration)
                        fact(t("Took"), duration(step.duration))
                for name, value in (
                    (t("Credits"), credit_text(step.credits) if step.credits else ""),
                    (t("Model"), step.model_id or ""),
                    (t("Worker"), step.executor or ""),
                    (t("Tries"), str(step.attempts)),
                    (t("Generation"), str(step.generation + 1) if step.generation else ""),
                    (t("Error code"), step.error_code or ""),
                    (t("Node id"), step.node_id),
                ):
                    if value:
                        fact(name, value)
            anchor(t("Everything about this run"), f"/runs/{seen.run.id}", "sk-link sk-small")
        if step.outputs and step.outputs != "{}":
            with box(tag="details"):
                text(t("Outputs as JSON"), "sk-small sk-muted", tag="summary")
                Code(pretty_json(step.outputs), wrap=True)

    async def _pinned(self) -> None:
        await self._runner.fresh.read_pins()


def _inputs(seen: Seen, node_id: str, desk: Desk) -> tuple[dict[str, Any], dict[str, str]]:
    """What came along the links of the graph as it was then, and from where."""
    found: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for link in seen.document.get("links", ()):
        (source, output), (target, socket) = link["from"], link["to"]
        step = seen.steps.get(source) if target == node_id else None
        made = json.loads(step.outputs) if step is not None and step.outputs else {}
        if output in made:
            found[socket] = made[output]
            sources[socket] = titled(seen.document, desk.types, source)
    return found, sources
