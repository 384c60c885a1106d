"""A draft that several people edit: joined, never lost, told to whoever has it open, audited by session."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.store import audit
from app.store.audit import Actor
from app.store.database import Database
from app.workflows.errors import ArchivedError, WorkflowUnknownError
from app.workflows.service import WorkflowService

Json = dict[str, Any]
SLUG = "w"


@pytest.fixture
def base(service: WorkflowService, org_id: str, graph: Json) -> Json:
    """A workflow's draft as an editor reads it."""
    service.create(org_id, SLUG, None, graph)
    found: Json = json.loads(service.draft(org_id, SLUG).document)
    return found


def turned(document: Json, node: str, **settings: Any) -> Json:
    nodes = [
        {**each, "settings": {**each["settings"], **settings}} if each["id"] == node else each
        for each in document["nodes"]
    ]
    return {**document, "nodes": nodes}


def settings_of(document: Json, node: str) -> Json:
    return next(dict(each["settings"]) for each in document["nodes"] if each["id"] == node)


def stored(service: WorkflowService, org_id: str) -> Json:
    found: Json = json.loads(service.draft(org_id, SLUG).document)
    return found


def actions(db: Database, org_id: str) -> list[str]:
    with db.read() as connection:
        return [each.action for each in audit.list_page(connection, org_id, subject=SLUG).items]


def test_two_editors_of_one_draft_both_keep_their_work(
    service: WorkflowService, org_id: str, base: Json
) -> None:
    """Rule: the second to save is given the first one's edit, and both are stored."""
    ann, bob = Actor(org_id, "ann"), Actor(org_id, "bob")
    first = service.drafts.join(ann, SLUG, base, 1, turned(base, "prompt", template="A {{subject}}"))
    assert (first.revision, first.document) == (2, None)
    second = service.drafts.join(bob, SLUG, base, 1, turned(base, "style", default="noir"))
    assert second.other == "ann"
    assert second.document is not None
    assert settings_of(second.document, "prompt")["template"] == "A {{subject}}"
    now = stored(service, org_id)
    assert settings_of(now, "prompt")["template"] == "A {{subject}}"
    assert settings_of(now, "style")["default"] == "noir"
    assert service.draft(org_id, SLUG).revision == second.revision == 3


def test_the_second_of_two_edits_of_one_field_is_handed_back(
    service: WorkflowService, org_id: str, base: Json
) -> None:
    """Rule: what was stored first stands, the other edit comes back with both values."""
    service.drafts.join(Actor(org_id, "ann"), SLUG, base, 1, turned(base, "prompt", template="ann"))
    joined = service.drafts.join(Actor(org_id, "bob"), SLUG, base, 1, turned(base, "prompt", template="bob"))
    [conflict] = joined.conflicts
    assert (conflict.field, conflict.mine, conflict.theirs) == ("settings.template", "bob", "ann")
    assert settings_of(stored(service, org_id), "prompt")["template"] == "ann"


def test_many_at_once_lose_nothing(service: WorkflowService, org_id: str, base: Json) -> None:
    """Rule: eight people saving different settings in the same moment all find theirs in the draft."""
    kept = [each["id"] for each in base["nodes"]][:8]

    def edit(name: str) -> None:
        nodes = [{**each, "title": f"by {name}"} if each["id"] == name else each for each in base["nodes"]]
        service.drafts.join(Actor(org_id, name), SLUG, base, 1, {**base, "nodes": nodes})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(edit, kept))
    titles = {each["id"]: each["title"] for each in stored(service, org_id)["nodes"]}
    assert [titles[name] for name in kept] == [f"by {name}" for name in kept]


def test_an_editing_session_is_one_entry_of_the_audit_log(
    db: Database, service: WorkflowService, org_id: str, base: Json
) -> None:
    """Rule: autosaving leaves one entry a person and session; a PUT leaves one each time."""
    document, revision = base, 1
    for number in range(5):
        document = turned(document, "prompt", template=f"take {number}")
        revision = service.drafts.join(
            Actor(org_id, "ann", "req_1"), SLUG, document, revision, document
        ).revision
    service.drafts.join(
        Actor(org_id, "bob"), SLUG, document, revision, turned(document, "style", default="noir")
    )
    assert actions(db, org_id) == ["workflow.edit", "workflow.edit", "workflow.create"]
    service.save_draft(org_id, SLUG, turned(document, "prompt", template="put"), actor="ann")
    service.save_draft(org_id, SLUG, turned(document, "prompt", template="again"), actor="ann")
    assert actions(db, org_id)[:2] == ["workflow.save_draft"] * 2
    with db.read() as connection:
        entries = audit.list_page(connection, org_id, subject=SLUG, action="workflow.edit").items
    assert [each.request_id for each in entries if each.actor == "ann"] == ["req_1"]


def test_a_version_is_restored_into_the_draft(
    db: Database, service: WorkflowService, org_id: str, base: Json
) -> None:
    """Rule: the draft is what the version was, what runs does not change, and the log says who did it."""
    service.publish(org_id, SLUG)
    version = service.version(org_id, SLUG, 1)
    service.save_draft(org_id, SLUG, turned(base, "prompt", template="other"))
    draft = service.drafts.restore(Actor(org_id, "ann"), SLUG, 1)
    assert draft.document == service.draft(org_id, SLUG).document == version.graph
    assert service.get(org_id, SLUG).published == 1
    assert actions(db, org_id)[0] == "workflow.restore"
    with pytest.raises(WorkflowUnknownError):
        service.drafts.restore(Actor(org_id, "ann"), SLUG, 9)


def test_every_stored_draft_is_told(service: WorkflowService, org_id: str, base: Json) -> None:
    """Rule: open editors hear of each new revision, whoever stored it; of no change, nobody hears."""
    heard: list[tuple[str, int]] = []
    service.drafts.listen(lambda _, slug, revision: heard.append((slug, revision)))
    service.save_draft(org_id, SLUG, base)
    service.drafts.join(Actor(org_id, "ann"), SLUG, base, 1, turned(base, "style", default="noir"))
    service.save_draft(org_id, SLUG, turned(base, "style", default="anime"))
    assert heard == [(SLUG, 2), (SLUG, 3)]


def test_an_archived_workflow_takes_no_edit(service: WorkflowService, org_id: str, base: Json) -> None:
    """Rule: a tab that is still open cannot change what was archived."""
    service.archive(org_id, SLUG)
    with pytest.raises(ArchivedError):
        service.drafts.join(Actor(org_id, "ann"), SLUG, base, 1, turned(base, "style", default="noir"))
