"""The templates of an organisation: workflows its members may begin from (S21, S22)."""

from app.identity.roles import Identity
from app.store import audit
from app.store import templates as rows
from app.store.database import Database
from app.store.templates import TemplateRow
from app.workflows.errors import BadFieldError
from app.workflows.rules import found, opened

CATEGORIES = ("products", "campaigns", "stories")
LONGEST_PURPOSE = 200


def list_templates(db: Database, org_id: str) -> tuple[TemplateRow, ...]:
    """Every marked workflow that is in use, by name."""
    with db.read() as connection:
        return rows.list_all(connection, org_id)


def mark_of(db: Database, org_id: str, slug: str) -> TemplateRow | None:
    """What a workflow's mark says; None when it is no template.

    Raises:
        WorkflowUnknownError
    """
    with db.read() as connection:
        return rows.get(connection, found(connection, org_id, slug).id)


def mark(  # noqa: PLR0917 - what a mark is made of
    db: Database, who: Identity, slug: str, category: str, purpose: str = "", request_id: str | None = None
) -> None:
    """Offer a workflow as a template, or change what its card says.

    Raises:
        WorkflowUnknownError, ArchivedError, BadFieldError
    """
    if category not in CATEGORIES:
        raise BadFieldError("category", f"must be one of {', '.join(CATEGORIES)}")
    if len(purpose) > LONGEST_PURPOSE:
        raise BadFieldError("purpose", f"must have at most {LONGEST_PURPOSE} characters")
    with db.write() as connection:
        workflow = opened(connection, who.org_id, slug)
        values = {"workflow_id": workflow.id, "org_id": who.org_id, "created_by": who.actor}
        rows.save(connection, {**values, "category": category, "purpose": purpose.strip()})
        audit.write(connection, who.acting(request_id), "template.mark", slug, {"category": category})


def unmark(db: Database, who: Identity, slug: str, request_id: str | None = None) -> None:
    """Offer a workflow no longer; what was made from it stays.

    Raises:
        WorkflowUnknownError
    """
    with db.write() as connection:
        if rows.remove(connection, found(connection, who.org_id, slug).id):
            audit.write(connection, who.acting(request_id), "template.unmark", slug)
