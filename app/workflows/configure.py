"""Settings of a workflow that are not part of its graph."""

from app.store import audit
from app.store import workflows as rows
from app.store.audit import Actor
from app.store.database import Database
from app.store.workflows import WorkflowRow
from app.workflows.errors import BadFieldError
from app.workflows.rules import opened
from app.workflows.service import WorkflowService

SHORTEST, LONGEST = 1.0, 30 * 86_400.0


def set_deadline(
    db: Database, workflows: WorkflowService, actor: Actor, slug: str, seconds: float | None
) -> WorkflowRow:
    """How long each run accepted from now on may take, from its acceptance; None takes the limit away.

    Raises:
        WorkflowUnknownError, ArchivedError
        BadFieldError: Out of bounds.
    """
    if seconds is not None and not SHORTEST <= seconds <= LONGEST:
        raise BadFieldError(
            "deadline_seconds", f"must be from {SHORTEST:g} to {LONGEST:.0f} seconds, or null"
        )
    with db.write() as connection:
        workflow = opened(connection, actor.org_id, slug)
        rows.set_deadline(connection, workflow.id, seconds)
        audit.write(connection, actor, "workflow.configure", slug, {"deadline_seconds": seconds})
    workflows.forget()
    return workflows.get(actor.org_id, slug)
