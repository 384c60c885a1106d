"""What is paused, and the callers that can be: the top of the page of limits."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from app.store import callers as caller_rows
from app.store import workflows as workflow_rows
from app.store.callers import CallerRow
from app.store.workflows import WorkflowRow
from app.ui.holding import Then, held_banner, hold, may_hold
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, text
from app.ui.parts.show import card, status
from app.ui.visitor import Visitor
from app.ui.words import PAUSED


@dataclass(frozen=True, slots=True)
class Holdable:
    """Callers, and the workflows that are paused."""

    callers: tuple[CallerRow, ...]
    workflows: tuple[WorkflowRow, ...]


def holdable(connection: Connection, org_id: str) -> Holdable:
    """What the page shows of pauses."""
    workflows = workflow_rows.list_all(connection, org_id)
    paused = tuple(row for row in workflows if row.paused_at is not None)
    return Holdable(caller_rows.list_all(connection, org_id), paused)


def paused_banners(visitor: Visitor, found: Holdable, then: Then) -> None:
    """One banner for each pause."""
    for workflow in found.workflows:
        if workflow.paused_at is not None:
            held_banner(visitor, "workflow", workflow.slug, workflow.paused_at, workflow.paused_by, then)
    for caller in found.callers:
        if caller.paused_at is not None:
            held_banner(visitor, "caller", caller.name, caller.paused_at, caller.paused_by, then)


def callers_card(visitor: Visitor, found: Holdable, then: Then) -> None:
    """Every caller with its button."""
    if not found.callers or not may_hold(visitor, "caller"):
        return
    with card(t("Callers")), box("sk-stack sk-stack--tight"):
        for caller in found.callers:
            paused = caller.paused_at is not None
            with box("sk-row sk-row--between"):
                with box("sk-row sk-grow"):
                    text(caller.name, "sk-cut")
                    if paused:
                        status(PAUSED)
                act = partial(hold, visitor, "caller", caller.name, pause=not paused, then=then)
                made = button(t("Resume") if paused else t("Pause"), act, small=True)
                spoken = (
                    t("Resume {name}", name=caller.name) if paused else t("Pause {name}", name=caller.name)
                )
                attrs(made, aria_label=spoken)
