"""What a new run is told when its workflow or caller is paused: no look-up, from what is known anyway."""

from typing import Protocol

from app.engine.paused import wait_of
from app.store.pauses import Paused
from app.store.workflows import WorkflowRow
from graphs.node import Json


class Pausable(Protocol):
    """A caller, as far as its pause is concerned."""

    @property
    def name(self) -> str: ...
    @property
    def paused_at(self) -> float | None: ...
    @property
    def paused_by(self) -> str | None: ...


def wait_for(workflow: WorkflowRow, caller: Pausable | None) -> Json | None:
    """The wait of a run that is accepted now; None when nothing is paused."""
    if workflow.paused_at is not None:
        return wait_of(Paused("workflow", workflow.slug, workflow.paused_at, workflow.paused_by))
    if caller is not None and caller.paused_at is not None:
        return wait_of(Paused("caller", caller.name, caller.paused_at, caller.paused_by))
    return None
