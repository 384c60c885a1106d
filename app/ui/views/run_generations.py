"""The tries of a run side by side: what each generation made, why it was not enough, what changed (S45)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.store.runs import StepRow
from app.ui.lang.heard import heard
from app.ui.lang.say import n, said, t
from app.ui.parts.base import anchor, box, text
from app.ui.parts.gallery import gallery
from app.ui.parts.show import When, card
from app.ui.progress import pictures
from app.ui.views.run_graph import RunGraph
from app.ui.views.run_story import Story
from app.ui.visitor import Visitor
from graphs.generations import Redoing
from nodes.redo_hints import NEGATIVE_ADD, PROMPT_ADD

_LABELS = {PROMPT_ADD: said("Added to the prompt"), NEGATIVE_ADD: said("Added to what it avoids")}


@dataclass(frozen=True, slots=True)
class Try:
    """One generation as a person sees it: its pictures, and the redo that ended or began it."""

    number: int
    made: list[dict[str, Any]]
    began: Redoing | None
    ended: Redoing | None


def tries(story: Story) -> list[Try]:
    """The generations of a run in order; empty when nothing was done again."""
    if not story.redos:
        return []
    began: list[Redoing | None] = [None, *story.redos]
    ended: list[Redoing | None] = [*story.redos, None]
    return [
        Try(number, _pictures(story, number, first, last), first, last)
        for number, (first, last) in enumerate(zip(began, ended, strict=True))
    ]


def generations_card(visitor: Visitor, story: Story, graph: RunGraph) -> None:
    """One column for each generation; nothing for a run that needed one."""
    found = tries(story)
    if not found:
        return
    kept = {picture["sha256"] for picture in _chosen(story)}
    with card(t("Tries")) as top:
        with top:
            _compare(story, found)
            text(n("{count} generation", "{count} generations", len(found)), "sk-small sk-muted")
        with box("sk-tries"):
            for each in found:
                _try(visitor, each, kept, graph, story)


def _compare(story: Story, found: list[Try]) -> None:
    """The first try against the last one, as far as both made a picture."""
    made = [each.made[0]["sha256"] for each in found if each.made]
    if len(made) > 1:
        run_id = story.run.id
        anchor(t("Compare"), f"/compare?a={run_id}&b={run_id}&ap={made[0]}&bp={made[-1]}", "sk-link sk-small")


def _try(visitor: Visitor, shown: Try, kept: set[str], graph: RunGraph, story: Story) -> None:
    chosen = any(picture["sha256"] in kept for picture in shown.made)
    with box("sk-try", "section", aria_label=t("Generation {number}", number=shown.number + 1)):
        with box("sk-row sk-row--between"):
            text(t("Generation {number}", number=shown.number + 1), "sk-strong", tag="h3")
            if chosen and not story.run.is_open:
                text(t("chosen"), "sk-tag")
        if shown.made:
            gallery(visitor.house, shown.made)
        else:
            text(t("Being made.") if story.run.is_open else t("Made no picture."), "sk-muted sk-small")
        if shown.began is not None:
            _change(shown.began, graph)
        if shown.ended is not None:
            text(t("Why another try"), "sk-small sk-muted")
            text(heard(shown.ended.reason), "sk-small sk-wrap", tag="p")


def _change(redo: Redoing, graph: RunGraph) -> None:
    start = str(graph.nodes.get(redo.start, {}).get("title") or redo.start)
    with box("sk-row sk-row--wrap sk-small sk-muted"):
        text(t("Again from {start}", start=start))
        When(redo.at)
    for name, words in redo.change.items():
        text(t(_LABELS.get(name, name)), "sk-small sk-muted")
        text(str(words), "sk-small sk-wrap", tag="p")


def _pictures(
    story: Story, number: int, began: Redoing | None, ended: Redoing | None
) -> list[dict[str, Any]]:
    """What the step that asked has judged, else what the step that was gone back to has made."""
    asked = {redo.by for redo in (began, ended) if redo is not None}
    made = {redo.start for redo in (began, ended) if redo is not None}
    for wanted in (asked, made):
        rows = [row for row in _rows(story, number) if row.node_id in wanted]
        for row in sorted(rows, key=lambda row: -row.position):
            # a node that chose among generations gives out another one's picture: its own are the maker's
            if row.status == "redone" or wanted is made:
                return _judged(story, pictures(row.outputs))
    return []


def _judged(story: Story, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pictures with the verdict of whoever judged them in any generation."""
    verdicts: dict[str, dict[str, Any]] = {}
    for row in (*story.earlier, *story.steps.values()):
        for picture in pictures(row.outputs):
            if picture.get("qc"):
                verdicts.setdefault(picture["sha256"], picture["qc"])
    return [{**picture, "qc": picture.get("qc") or verdicts.get(picture["sha256"])} for picture in found]


def _rows(story: Story, number: int) -> Iterator[StepRow]:
    return (row for row in (*story.earlier, *story.steps.values()) if row.generation == number)


def _chosen(story: Story) -> Iterator[dict[str, Any]]:
    """What the steps that asked for redos passed on in the end."""
    for node_id in dict.fromkeys(redo.by for redo in story.redos):
        row = story.steps.get(node_id)
        if row is not None and row.status == "succeeded":
            yield from pictures(row.outputs)
