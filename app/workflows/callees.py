"""Published versions as the nodes that call them find them."""

from app.engine.children import Callee
from app.workflows.errors import ArchivedError, NotPublishedError, WorkflowUnknownError
from app.workflows.published import PublishedVersions
from graphs.errors import PermanentError

_CODES = {
    WorkflowUnknownError: "trigger.workflow_not_found",
    NotPublishedError: "trigger.workflow_not_published",
    ArchivedError: "trigger.workflow_archived",
}


class Callees:
    """Finds what a node calls; whatever hinders it is the node's error."""

    def __init__(self, published: PublishedVersions) -> None:
        self._published = published

    def find(self, org_id: str, slug: str, version: int | None) -> Callee:
        """A published version of the organisation; raises PermanentError when there is none to run."""
        try:
            found = self._published.get(org_id, slug, version)
        except (WorkflowUnknownError, NotPublishedError, ArchivedError) as error:
            words = str(error)
            raise PermanentError(
                _CODES[type(error)], f"{words[:1].upper()}{words[1:]}.", field="workflow"
            ) from error
        workflow = found.workflow
        return Callee(
            workflow_id=workflow.id,
            slug=workflow.slug,
            number=found.number,
            version_id=found.version_id,
            plan=found.plan,
            trigger=found.trigger,
            deadline_seconds=workflow.deadline_seconds,
        )
