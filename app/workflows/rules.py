"""Small rules of the workflow services."""

import re

from sqlalchemy import Connection

from app.store import workflows as rows
from app.store.workflows import WorkflowRow
from app.workflows.errors import ArchivedError, WorkflowUnknownError
from graphs.diff import Change, contract_changes
from graphs.document import Document, NodeSpec, parse
from graphs.kinds import TRIGGER
from graphs.trigger import TriggerContract

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")


def found(connection: Connection, org_id: str, slug: str) -> WorkflowRow:
    workflow = rows.get(connection, org_id, slug)
    if workflow is None:
        raise WorkflowUnknownError(slug)
    return workflow


def opened(connection: Connection, org_id: str, slug: str) -> WorkflowRow:
    workflow = found(connection, org_id, slug)
    if workflow.archived_at is not None:
        raise ArchivedError(slug)
    return workflow


def tag_matches(if_match: str | None, etag: str) -> bool:
    """RFC 9110 §13.1.1; a tag without its quotes is understood too."""
    if if_match is None or if_match.strip() == "*":
        return True
    tags = [tag.strip().removeprefix("W/") for tag in if_match.split(",")]
    return etag in tags or etag.strip('"') in tags


def breaking_changes(connection: Connection, workflow: WorkflowRow, document: Document) -> list[Change]:
    """What callers of the version that runs would meet in this one."""
    if workflow.published is None:
        return []
    current = rows.version(connection, workflow.id, workflow.published)
    if current is None:
        return []
    before, after = TriggerContract.of(parse(current.graph)), TriggerContract.of(document)
    return [change for change in contract_changes(before, after) if change.breaking]


def one_before(published: int | None, numbers: list[int]) -> int:
    earlier = [number for number in numbers if published is not None and number < published]
    return earlier[-1] if earlier else 0


def starter(name: str) -> Document:
    trigger = NodeSpec(
        id="input", type=TRIGGER, title="Webhook input", settings={"fields": []}, position=(0, 0)
    )
    return Document(name=name, nodes=[trigger])
