"""The workflows that a graph calls, and those they call, as far as they are published."""

from collections import deque

from sqlalchemy import Connection

from app.store import workflows as rows
from graphs.calls import Key, Target, Workflows, calls_of
from graphs.catalogue import Catalogue
from graphs.document import Document, parse
from graphs.resolved import resolve
from graphs.trigger import TriggerContract

_MOST = 200


def calls_in(document: Document, catalogue: Catalogue) -> list[Key]:
    """What the nodes of a document call; those without a choice are left out."""
    found = (call for _, call in calls_of(resolve(document, catalogue)))
    return [(call.workflow, call.version) for call in found if call.workflow]


def known(
    connection: Connection, catalogue: Catalogue, org_id: str, slug: str, wanted: list[Key]
) -> Workflows:
    """The called workflows of an organisation and all they reach."""
    targets: dict[Key, Target] = {}
    waiting = deque(wanted)
    while waiting and len(targets) < _MOST:
        key = waiting.popleft()
        if key not in targets and (target := _target(connection, catalogue, org_id, key)):
            targets[key] = target
            waiting.extend(target.calls)
    slugs = tuple(each.slug for each in rows.list_all(connection, org_id, archived=False))
    return Workflows(slug, targets, slugs)


def _target(connection: Connection, catalogue: Catalogue, org_id: str, key: Key) -> Target | None:
    workflow = rows.get(connection, org_id, key[0])
    if workflow is None or workflow.archived_at is not None:
        return None
    number = workflow.published if key[1] is None else key[1]
    version = None if number is None else rows.version(connection, workflow.id, number)
    if version is None:
        return None
    document = parse(version.graph)
    fields = TriggerContract.of(document).fields
    required = (field.name for field in fields if field.required and field.default is None)
    names = frozenset(field.name for field in fields)
    return Target(names, frozenset(required), tuple(calls_in(document, catalogue)))
