"""What a run took from earlier runs, and making it anew."""

from functools import partial
from typing import Any

from app.store.runs import StepRow
from app.ui.lang.say import t
from app.ui.parts.base import anchor, box, button, text
from app.ui.rows import load_object
from app.ui.views.run_actions import again
from app.ui.views.run_story import Story
from app.ui.visitor import Visitor
from app.workflows.keeping import Again


def reused_tag(step: StepRow | None) -> None:
    """A mark on a step that took an earlier result."""
    if step is not None and step.cached_from:
        text(t("reused"), "sk-tag")


def reused_line(step: StepRow | None) -> None:
    """Where a step's result came from."""
    source: dict[str, Any] = load_object(step.cached_from) if step is not None else {}
    if source:
        with box("sk-row sk-small"):
            text(t("The same settings and inputs gave this before, so it cost nothing."), "sk-muted")
            anchor(t("Open the run that made it"), f"/runs/{source['job_id']}", "sk-link")


def anew_button(visitor: Visitor, story: Story) -> None:
    """Run again without earlier results, for a run that took one."""
    reused = any(step.cached_from for step in story.steps.values())
    if reused and story.run.version and visitor.may("runs.rerun"):
        anew = partial(again, visitor, story.run.id, Again(fresh=True))
        made = button(t("Make anew"), anew, icon="o_autorenew")
        made.tooltip(t("Runs it again without earlier results"))
