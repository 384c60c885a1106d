"""The steps of a run on a time axis, each with its attempts, inputs and outputs."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from app import clock
from app.store.runs import AttemptRow, StepRow
from app.ui.house import House
from app.ui.lang.heard import heard
from app.ui.lang.say import n, t
from app.ui.parts.base import Tag, attrs, box, button, text
from app.ui.parts.gallery import gallery
from app.ui.parts.show import Code, When, card
from app.ui.progress import bar, pictures, step_status
from app.ui.rows import pretty_json
from app.ui.views.run_actions import again
from app.ui.views.run_children import children_of
from app.ui.views.run_reuse import reused_line, reused_tag
from app.ui.views.run_story import Story
from app.ui.visitor import Visitor
from app.ui.words import ATTEMPT, STEP, duration, look, plural_credits
from app.workflows.keeping import Again

Nodes = Mapping[str, Mapping[str, Any]]


def steps_card(visitor: Visitor, story: Story, nodes: Nodes, live: Mapping[str, Mapping[str, Any]]) -> None:
    """One line per node in the order they run; each folds open."""
    known = dict.fromkeys(step.node_id for step in ordered(story))
    if story.steps or story.run.is_open:
        known |= dict.fromkeys(nodes)
    with card(t("Steps"), flush=True) as top:
        with top:
            text(n("{count} step", "{count} steps", len(known)) if known else "", "sk-small sk-muted")
        with box("sk-steps"):
            for node_id in known:
                _step(visitor, story, node_id, nodes.get(node_id, {}), live.get(node_id))
            if not known:
                with box("sk-card__body"):
                    text(t("This run was refused before its first step."), "sk-muted")


def ordered(story: Story) -> list[StepRow]:
    """The steps by position."""
    return sorted(story.steps.values(), key=lambda step: (step.position, step.node_id))


def _step(
    visitor: Visitor, story: Story, node_id: str, node: Mapping[str, Any], live: Mapping[str, Any] | None
) -> None:
    step = story.steps.get(node_id)
    shown = look(STEP, step_status(story.run, step, live))
    generation = step.generation if step is not None else len(story.redos)
    tries = [each for each in story.attempts if (each.node_id, each.generation) == (node_id, generation)]
    before = [row for row in story.earlier if row.node_id == node_id]
    with attrs(box("sk-step", "details"), data_node=node_id):
        with box(tag="summary"):
            with box("sk-status", "span", data_tone=shown.tone, title=shown.text):
                attrs(Tag("i", shown.icon.removeprefix("o_"), "material-icons-outlined"), aria_hidden="true")
                text(shown.text, "sk-sr")
            with box("sk-row sk-cut", "span"):
                text(str(node.get("title") or node_id), "sk-strong sk-cut")
                if len(tries) > 1 or (step is not None and step.attempts > 1):
                    text(
                        n(
                            "{count} attempt",
                            "{count} attempts",
                            max(len(tries), step.attempts if step else 0),
                        ),
                        "sk-tag",
                    )
                if before:
                    text(
                        n("{count} generation", "{count} generations", len(before) + (step is not None)),
                        "sk-tag",
                    )
                reused_tag(step)
            _axis(story, step, shown.tone)
            text(duration(step.duration) if step else "", "sk-small sk-muted sk-num", tag="span")
            attrs(Tag("i", "chevron_right", "material-icons-outlined sk-step__fold"), aria_hidden="true")
        with box("sk-step__body"):
            _inside(visitor.house, node_id, node, step, tries, live)
            children = [each for each in story.children if each.parent_node == node_id]
            if children:
                children_of(story.run, children)
            if step is not None and step.status == "succeeded" and not story.run.is_open:
                _from_here(visitor, story, node_id)


def _from_here(visitor: Visitor, story: Story, node_id: str) -> None:
    if visitor.may("runs.rerun"):
        with box("sk-row"):
            again_from = partial(again, visitor, story.run.id, Again(from_node=node_id))
            button(t("Rerun from here"), again_from, icon="replay", small=True)
            text(t("keeps what earlier steps made"), "sk-small sk-muted")


def _axis(story: Story, step: StepRow | None, tone: str) -> None:
    with box("sk-step__bar", "span", aria_hidden="true"):
        place = bar(story.run, step, clock.now()) if step is not None else None
        if place is not None:
            made = box(tag="span", data_tone=tone)
            made.style(f"left:{place.left}%;width:{place.width}%")


def _inside(  # noqa: PLR0917 - the parts of one step
    house: House,
    node_id: str,
    node: Mapping[str, Any],
    step: StepRow | None,
    tries: list[AttemptRow],
    live: Mapping[str, Any] | None,
) -> None:
    facts = [str(node.get("type") or ""), node_id]
    if step is not None:
        facts += [
            plural_credits(step.credits) if step.credits else "",
            step.model_id or "",
            step.executor or "",
        ]
    text(" · ".join(dict.fromkeys(fact for fact in facts if fact)), "sk-small sk-muted sk-mono")
    reused_line(step)
    if live and live.get("note"):
        text(heard(str(live["note"])), "sk-small sk-muted")
    if step is not None and step.reason and step.reason not in {each.reason for each in tries}:
        text(f"{heard(step.reason)} {step.error_code or ''}".strip(), "sk-small sk-wrap")
    if tries:
        attempts_list(tries)
    made = pictures(step.outputs if step else None)
    if made:
        gallery(house, made)
    if step is not None and step.outputs and step.outputs != "{}":
        with box(tag="details"):
            text(t("Outputs as JSON"), "sk-small sk-muted", tag="summary")
            Code(pretty_json(step.outputs), wrap=True)


def attempts_list(tries: list[AttemptRow]) -> None:
    """One line for each try that did not succeed at once, with its reason."""
    with box("sk-attempts"):
        for attempt in tries:
            with box("sk-attempt"):
                text(t("Attempt {number}", number=attempt.number), "sk-strong")
                text(look(ATTEMPT, attempt.status).text, "sk-tag")
                text(duration(attempt.duration), "sk-muted sk-num")
                if attempt.error_code:
                    text(attempt.error_code, "sk-mono")
                if attempt.next_at:
                    with box("sk-row", "span"):
                        text(t("next try"), "sk-muted")
                        When(attempt.next_at)
                if attempt.reason:
                    text(heard(attempt.reason), "sk-muted sk-wrap")
