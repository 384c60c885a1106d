"""The upper half of a node's result: tabs, how it went, why it is out of date, why it waits."""

from collections.abc import Callable, Mapping
from typing import Any

from app import clock
from app.store.drafts import PinRow
from app.store.runs import RunRow, StepRow
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import box, text
from app.ui.parts.show import banner, status
from app.ui.progress import left, step_status
from app.ui.rows import load_object
from app.ui.words import STEP, advice, duration, expected, look, plural_credits, waiting_for
from graphs.stale import EDITED, PINNED


def tabs(side: str, show: Callable[[str], None]) -> None:
    """Settings and result; the one in front is pressed."""
    with box("sk-tabs", role="group", aria_label=t("What to see of this node")):
        for name, label in (("settings", t("Settings")), ("result", t("Result"))):
            made = box("sk-tab", "button", type="button", aria_pressed=str(name == side).lower())
            with made:
                text(label)
            made.on("click", lambda name=name: show(name))


def stale_banner(reason: str, pinned: PinRow | None) -> None:
    """Why the result does not hold, or that it is pinned."""
    if pinned is not None:
        told = t("Runs of this draft use this result and do not run the node. Published versions do not.")
        title = t("Edited and pinned") if pinned.edited else t("Pinned")
        banner("live", "o_push_pin", title, told)
    elif reason:
        banner("warn", "o_update", reason, t("The result below was made before that."))


def outcome(run: RunRow, step: StepRow | None, live: Mapping[str, Any] | None, usual: float | None) -> None:
    """Status, time, credits, and what went wrong with what to do about it."""
    name = step_status(run, step, live)
    with box("sk-row sk-row--wrap"):
        status(look(STEP, name))
        if step is not None and step.attempts == 0 and step.status == "succeeded":
            told = {PINNED: t("pinned"), EDITED: t("edited by hand")}
            text(told.get(step.reason or "", t("taken over from an earlier run")), "sk-tag")
        elif step is not None and step.duration is not None:
            parts = [duration(step.duration)]
            if step.credits:
                parts.append(plural_credits(step.credits))
            text(" · ".join(parts), "sk-small sk-muted sk-num")
        if live and name == "running":
            rest = left(live, usual, clock.now())
            if rest is not None:
                text(t("about {time} left", time=duration(rest)), "sk-small sk-muted sk-num")
    if live and name == "running" and live.get("progress"):
        with box("sk-meter", role="progressbar"):
            box().style(f"width:{min(float(live['progress']), 1.0) * 100:.0f}%")
    if step is not None and step.status in {"failed", "redone"} and step.reason:
        text(step.reason, "sk-wrap", tag="p")
        if step.error_code:
            text(advice(step.error_code), "sk-hint", tag="p")


def waiting(run: RunRow, step: StepRow | None) -> None:
    """Why the run waits, and until when; the moment counts down by itself."""
    wait = load_object(run.wait)
    if not wait or not run.is_open or (step is not None and step.status != "waiting"):
        return
    told = heard(str(wait.get("explanation") or ""))
    banner("warn", "o_hourglass_empty", waiting_for(wait.get("reason")), told, moment=expected(wait))
