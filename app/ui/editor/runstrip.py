"""The strip above the canvas that tells how the last run went."""

from collections.abc import Callable
from typing import Any

from app.store.runs import RunRow
from app.ui.lang.say import t
from app.ui.parts.base import anchor, box, button, icon_button, text
from app.ui.parts.show import When, status
from app.ui.rows import run_look, run_seconds, status_detail
from app.ui.visitor import Visitor
from app.ui.words import duration, plural_credits


def draw_strip(visitor: Visitor, run: RunRow, cancel: Callable[[], Any], clear: Callable[[], Any]) -> None:
    """Status, time, credits, and where the whole run is."""
    with box("sk-runstrip", role="status"):
        shown = status(run_look(run), chip=False)
        shown.props["title"] = status_detail(run)
        if run.finished_at:
            told = [duration(run_seconds(run)), plural_credits(run.credit_cost) if run.credit_cost else ""]
            text(" · ".join(part for part in told if part), "sk-small sk-muted sk-num")
            with box("sk-small sk-faint sk-only-desk", "span"):
                When(run.finished_at)
        anchor(t("Open run"), f"/runs/{run.id}", "sk-link sk-small")
        if not run.is_open and visitor.may("runs.read"):
            anchor(t("Compare"), f"/compare?b={run.id}", "sk-link sk-small")
        if run.is_open and visitor.may("runs.cancel"):
            button(t("Cancel"), cancel, kind="danger", small=True)
        else:
            icon_button(t("Clear"), "close", clear, small=True)
