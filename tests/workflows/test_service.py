"""Versions never change, the published one is known within a second, and nobody overwrites anybody."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import nodes
from app.cache import MISSING
from app.store.database import Database
from app.workflows.errors import (
    ArchivedError,
    DraftChangedError,
    NotPublishedError,
    UnpublishableError,
    WorkflowUnknownError,
)
from app.workflows.service import WorkflowService
from graphs.catalogue import discover
from graphs.errors import MalformedDocumentError

Json = dict[str, Any]


def test_a_new_workflow_starts_with_a_trigger(service: WorkflowService, org_id: str) -> None:
    """Its draft can be published as it is, and it cannot be run before."""
    service.create(org_id, "fresh", "Fresh")
    with pytest.raises(NotPublishedError):
        service.published(org_id, "fresh")
    assert service.publish(org_id, "fresh").number == 1
    assert service.published(org_id, "fresh").trigger.fields == ()


def test_a_version_stays_as_it_was(service: WorkflowService, org_id: str, graph: Json) -> None:
    """Whatever happens to the draft later."""
    service.create(org_id, "w", None, graph)
    service.publish(org_id, "w")
    before = service.version(org_id, "w", 1)
    service.save_draft(org_id, "w", {**graph, "description": "other"})
    service.publish(org_id, "w")
    assert service.version(org_id, "w", 1) == before
    assert [each.number for each in service.versions(org_id, "w")] == [2, 1]


def test_a_publication_reaches_every_process(
    db: Database, service: WorkflowService, org_id: str, graph: Json
) -> None:
    """Another process runs the new version within a second."""
    other = WorkflowService(db, discover(nodes))
    service.create(org_id, "w", None, graph)
    service.publish(org_id, "w")
    assert other.published(org_id, "w").number == 1
    service.save_draft(org_id, "w", {**graph, "description": "other"})
    service.publish(org_id, "w")
    published_at = time.monotonic()
    while other.published(org_id, "w").number == 1:
        assert time.monotonic() - published_at < 1.0
    assert other.published(org_id, "w", 1).number == 1


def test_what_is_known_needs_no_database(service: WorkflowService, org_id: str, graph: Json) -> None:
    """The second look is from memory, and the compiled version is shared."""
    service.create(org_id, "w", None, graph)
    service.publish(org_id, "w")
    assert service.recall(org_id, "w") is MISSING
    first = service.published(org_id, "w")
    assert service.recall(org_id, "w") is first
    assert service.published(org_id, "w", 1).plan is first.plan


def test_of_two_editors_one_is_told(service: WorkflowService, org_id: str, graph: Json) -> None:
    """Ten save at once against one tag: one wins, nine hear who was first."""
    service.create(org_id, "w", None, graph)
    etag = service.draft(org_id, "w").etag

    def save(number: int) -> str:
        try:
            service.save_draft(org_id, "w", {**graph, "name": f"n{number}"}, etag, actor=f"editor {number}")
        except DraftChangedError as error:
            return f"after {error.changed_by}"
        return f"editor {number}"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(save, range(10)))
    winner = next(each for each in told if not each.startswith("after"))
    assert told.count(f"after {winner}") == 9


def test_problems_keep_a_draft_from_running(service: WorkflowService, org_id: str, graph: Json) -> None:
    """Every error is in the refusal; the draft itself may be saved."""
    service.create(org_id, "w", None, {**graph, "links": []})
    with pytest.raises(UnpublishableError) as refused:
        service.publish(org_id, "w")
    assert {problem.code for problem in refused.value.problems} == {"graph.missing_input"}
    assert len(refused.value.problems) > 3
    with pytest.raises(MalformedDocumentError):
        service.save_draft(org_id, "w", b"{")


def test_archived_means_no_more_changes(service: WorkflowService, org_id: str, graph: Json) -> None:
    """Reading goes on; writing, publishing and running end. Archiving twice is once."""
    service.create(org_id, "w", None, graph)
    service.publish(org_id, "w")
    service.archive(org_id, "w")
    service.archive(org_id, "w")
    assert service.get(org_id, "w").archived_at
    assert service.version(org_id, "w", 1)
    for act in (
        lambda: service.published(org_id, "w"),
        lambda: service.publish(org_id, "w"),
        lambda: service.save_draft(org_id, "w", graph),
        lambda: service.rollback(org_id, "w", 1),
    ):
        with pytest.raises(ArchivedError):
            act()


def test_an_archived_workflow_is_brought_back_as_it_was(
    service: WorkflowService, org_id: str, graph: Json
) -> None:
    """It runs the same version again and can be changed; once more changes nothing."""
    service.create(org_id, "w", None, graph)
    service.publish(org_id, "w")
    service.archive(org_id, "w")
    service.bring_back(org_id, "w")
    service.bring_back(org_id, "w")
    assert service.get(org_id, "w").archived_at is None
    assert service.published(org_id, "w").number == 1
    service.save_draft(org_id, "w", graph)


def test_other_organisations_see_nothing(service: WorkflowService, org_id: str, graph: Json) -> None:
    """Their look-ups fail as for slugs that nobody has."""
    service.create(org_id, "w", None, graph)
    service.publish(org_id, "w")
    assert service.list("org_other") == ()
    for act in (
        lambda: service.get("org_other", "w"),
        lambda: service.draft("org_other", "w"),
        lambda: service.published("org_other", "w"),
        lambda: service.version("org_other", "w", 1),
        lambda: service.save_draft("org_other", "w", graph),
    ):
        with pytest.raises(WorkflowUnknownError):
            act()


@pytest.mark.parametrize("tag", ['"1"', "1", 'W/"1"', '"7", "1"', "*", None])
def test_tags_are_understood_in_every_spelling(
    service: WorkflowService, org_id: str, graph: Json, tag: str | None
) -> None:
    """Strong, weak, bare and lists (RFC 9110 §13.1.1)."""
    service.create(org_id, "w", None, graph)
    assert service.save_draft(org_id, "w", {**graph, "name": "n"}, tag).etag == '"2"'
    with pytest.raises(DraftChangedError):
        service.save_draft(org_id, "w", {**graph, "name": "m"}, '"1"')
