"""Why something cannot be done with a workflow."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphs.diff import Change
from graphs.problem import Problem
from graphs.trigger import FieldError

if TYPE_CHECKING:
    from app.workflows.guard import Affected


class WorkflowError(Exception):
    """A request about a workflow cannot be met."""


class WorkflowUnknownError(WorkflowError):
    """There is no such workflow, or no such version of it, in this organisation."""

    def __init__(self, slug: str, version: int | None = None) -> None:
        what = f"workflow '{slug}'" if version is None else f"version {version} of workflow '{slug}'"
        super().__init__(f"there is no {what}")
        self.slug = slug
        self.version = version


class NotPublishedError(WorkflowError):
    """The workflow has no published version yet."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"workflow '{slug}' has no published version yet; publish its draft first")
        self.slug = slug


class ArchivedError(WorkflowError):
    """The workflow was archived and takes no more runs or changes; `workflow_id` where it is known."""

    def __init__(self, slug: str, workflow_id: str | None = None) -> None:
        super().__init__(f"workflow '{slug}' is archived")
        self.slug = slug
        self.workflow_id = workflow_id


class SlugTakenError(WorkflowError):
    """Another workflow has this slug; archived ones keep theirs."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"there is already a workflow '{slug}'")
        self.slug = slug


class BadFieldError(WorkflowError, ValueError):
    """A value cannot be used; `field` names it, the text says what would be right."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field


class DraftChangedError(WorkflowError):
    """Someone saved the draft since it was read; `etag` is what it has now."""

    def __init__(self, slug: str, etag: str, changed_by: str | None) -> None:
        by = f" by {changed_by}" if changed_by else ""
        super().__init__(f"the draft of '{slug}' was changed{by} since it was read; read it again and redo")
        self.slug = slug
        self.etag = etag
        self.changed_by = changed_by


class BreakingChangeError(WorkflowError):
    """The draft's trigger would refuse requests that the published one takes (S14).

    `affected` says of each change which callers it meets; empty until somebody looked.
    """

    def __init__(self, changes: Sequence[Change], affected: "Sequence[Affected]" = ()) -> None:
        texts = "; ".join(change.text for change in changes)
        super().__init__(f"callers would break: {texts}. Set allow_breaking to true to publish all the same")
        self.changes = tuple(changes)
        self.affected = tuple(affected)


class UnpublishableError(WorkflowError):
    """The draft has problems; every one of them is listed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            problems[0].message if len(problems) == 1 else f"the graph has {len(problems)} problems"
        )
        self.problems = tuple(problems)


class InvalidFieldsError(WorkflowError, ValueError):
    """Several values cannot be used; every one is named, with what would be right."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(error.detail for error in errors))
        self.errors = tuple(errors)


class WayUnknownError(WorkflowError):
    """There is no such schedule, form or batch in what the identity may see; `kind` says which."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"there is no such {kind}")
        self.kind = kind
