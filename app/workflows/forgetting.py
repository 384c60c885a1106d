"""What a workflow keeps to be reused, and forgetting it."""

from app import clock
from app.store import audit, cached
from app.store.audit import Actor
from app.store.database import Database
from app.workflows.rules import found


def kept_results(db: Database, org_id: str, slug: str) -> int:
    """How many results of a workflow may be reused now.

    Raises:
        WorkflowUnknownError
    """
    with db.read() as connection:
        return cached.count(connection, found(connection, org_id, slug).id, clock.now())


def forget_results(db: Database, actor: Actor, slug: str) -> int:
    """Forget every result of a workflow: its next runs make everything anew. How many there were.

    Raises:
        WorkflowUnknownError
    """
    with db.write() as connection:
        number = cached.forget(connection, found(connection, actor.org_id, slug).id)
        audit.write(connection, actor, "workflow.forget_results", slug, {"forgotten": number})
    return number
