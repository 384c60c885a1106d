"""Workflows over HTTP: drafts guarded by tags, versions that never change (contract §7)."""

from typing import Any
from uuid import uuid4

import pytest


@pytest.fixture
def slug(world: Any) -> str:
    """A published copy of the example."""
    name = f"copy-{uuid4().hex[:8]}"
    graph = world.ask("GET", "/v1/workflows/product-image/draft").json()
    made = world.ask("POST", "/v1/workflows", json={"slug": name, "graph": graph})
    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/workflows/{name}"
    assert world.ask("POST", f"/v1/workflows/{name}/publish", json={"note": "first"}).json()["version"] == 1
    return name


def draft(world: Any, slug: str) -> tuple[dict[str, Any], str]:
    answer = world.ask("GET", f"/v1/workflows/{slug}/draft")
    return answer.json(), answer.headers["etag"]


def fields_of(graph: dict[str, Any]) -> list[dict[str, Any]]:
    node = next(each for each in graph["nodes"] if each["type"] == "webhook_input")
    return list(node["settings"]["fields"])


def set_fields(graph: dict[str, Any], fields: list[dict[str, Any]]) -> dict[str, Any]:
    for node in graph["nodes"]:
        if node["type"] == "webhook_input":
            node["settings"]["fields"] = fields
    return graph


def test_a_draft_comes_back_as_it_was_saved(world: Any, slug: str) -> None:
    """GET gives the document with its tag, PUT gives the new one, and saving nothing new keeps the tag."""
    graph, etag = draft(world, slug)
    graph["description"] = "changed"
    saved = world.ask("PUT", f"/v1/workflows/{slug}/draft", json=graph, headers={"if-match": etag})
    assert saved.status_code == 200
    assert saved.headers["etag"] != etag
    assert draft(world, slug) == (graph, saved.headers["etag"])
    same = world.ask("PUT", f"/v1/workflows/{slug}/draft", json=graph)
    assert same.headers["etag"] == saved.headers["etag"]


def test_a_graph_that_may_be_saved_may_also_begin_a_workflow(world: Any) -> None:
    """A workflow is made from a graph as large as a draft may be, above what a trigger may send."""
    graph = world.ask("GET", "/v1/workflows/product-image/draft").json()
    graph["notes"] = [
        {"id": f"note{at}", "text": "x" * 4_000, "position": [0, 0], "size": [200, 100]} for at in range(300)
    ]
    slug = f"large-{uuid4().hex[:8]}"
    made = world.ask("POST", "/v1/workflows", json={"slug": slug, "graph": graph})
    assert made.status_code == 201, made.text[:300]
    assert len(draft(world, slug)[0]["notes"]) == 300


def test_a_lost_update_is_refused(world: Any, slug: str) -> None:
    """412 says who changed it and gives the new tag; '*' and no If-Match overwrite."""
    graph, etag = draft(world, slug)
    first = world.ask(
        "PUT", f"/v1/workflows/{slug}/draft", json={**graph, "name": "Mine"}, headers={"if-match": etag}
    )
    second = world.ask(
        "PUT", f"/v1/workflows/{slug}/draft", json={**graph, "name": "Yours"}, headers={"if-match": etag}
    )
    assert (second.status_code, second.json()["error_code"]) == (412, "workflow.draft_changed")
    assert second.headers["etag"] == first.headers["etag"]
    assert draft(world, slug)[0]["name"] == "Mine"
    anyway = world.ask(
        "PUT", f"/v1/workflows/{slug}/draft", json={**graph, "name": "Yours"}, headers={"if-match": "*"}
    )
    assert anyway.status_code == 200


def test_a_malformed_document_names_node_and_field(world: Any, slug: str) -> None:
    """422 lists what cannot be read; the draft stays."""
    graph, etag = draft(world, slug)
    graph["nodes"][0]["position"] = ["left", 0]
    answer = world.ask("PUT", f"/v1/workflows/{slug}/draft", json=graph)
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["error_code"]) == (422, "graph.malformed")
    assert error["node_id"] == graph["nodes"][0]["id"]
    assert "position" in error["field"]
    assert draft(world, slug)[1] == etag


def test_validation_lists_every_problem(world: Any, slug: str) -> None:
    """The draft, or a document that is sent, is judged with node id and field, at once."""
    graph, _ = draft(world, slug)
    graph["nodes"].append({"id": "odd", "type": "no_such_type", "position": [0, 0], "settings": {}})
    graph["links"].append({"from": ["input", "nothing"], "to": ["prompt", "subject"]})
    answer = world.ask("POST", f"/v1/workflows/{slug}/validate", json=graph).json()
    found = {each["code"]: each for each in answer["problems"]}
    assert not answer["valid"]
    assert found["graph.unknown_node_type"]["node_id"] == "odd"
    assert "graph.dangling_link" in found
    assert world.ask("POST", f"/v1/workflows/{slug}/validate").json()["valid"]
    broken = world.ask("POST", f"/v1/workflows/{slug}/validate", json={"format": "other"}).json()
    assert broken["problems"][0]["code"] == "graph.malformed"


def test_a_draft_with_problems_is_not_published(world: Any, slug: str) -> None:
    """422 carries the graph's codes, and the published version stays."""
    graph, _ = draft(world, slug)
    graph["links"] = []
    world.ask("PUT", f"/v1/workflows/{slug}/draft", json=graph)
    answer = world.ask("POST", f"/v1/workflows/{slug}/publish")
    assert answer.status_code == 422
    assert answer.json()["error_code"] == "graph.missing_input"
    assert answer.json()["errors"][0]["node_id"]
    assert world.ask("GET", f"/v1/workflows/{slug}").json()["published"] == 1


def test_a_breaking_change_needs_a_word(world: Any, slug: str) -> None:
    """A new required field is refused with what breaks, unless it is allowed (S14, S56)."""
    graph, _ = draft(world, slug)
    fields = [*fields_of(graph), {"name": "season", "type": "string", "required": True}]
    world.ask("PUT", f"/v1/workflows/{slug}/draft", json=set_fields(graph, fields))
    answer = world.ask("POST", f"/v1/workflows/{slug}/publish")
    assert (answer.status_code, answer.json()["error_code"]) == (409, "workflow.breaking_change")
    assert answer.json()["invalid_field"] == "season"
    assert world.trigger(slug).status_code == 202
    allowed = world.ask("POST", f"/v1/workflows/{slug}/publish", json={"allow_breaking": True})
    assert allowed.json()["version"] == 2
    assert world.trigger(slug).status_code == 422
    assert world.trigger(f"{slug}@1").status_code == 202


def test_adding_an_optional_field_breaks_nobody(world: Any, slug: str) -> None:
    """It is published without a word, and the difference says so."""
    graph, _ = draft(world, slug)
    fields = [*fields_of(graph), {"name": "season", "type": "string"}]
    world.ask("PUT", f"/v1/workflows/{slug}/draft", json=set_fields(graph, fields))
    assert world.ask("POST", f"/v1/workflows/{slug}/publish").json()["version"] == 2
    diff = world.ask("GET", f"/v1/workflows/{slug}/diff?from=1&to=2").json()
    assert [each["field"] for each in diff["contract"]] == ["season"]
    assert not diff["contract"][0]["breaking"]
    assert diff["graph"]["changed"][0]["node_id"] == "input"


def test_rollback_lets_an_earlier_version_run(world: Any, slug: str) -> None:
    """Versions stay as they were; only what runs changes."""
    graph, _ = draft(world, slug)
    world.ask("PUT", f"/v1/workflows/{slug}/draft", json={**graph, "description": "second"})
    world.ask("POST", f"/v1/workflows/{slug}/publish", json={"note": "second"})
    assert world.trigger(slug).json()["version"] == 2
    assert world.ask("POST", f"/v1/workflows/{slug}/rollback").json()["version"] == 1
    assert world.trigger(slug).json()["version"] == 1
    listed = world.ask("GET", f"/v1/workflows/{slug}/versions").json()["items"]
    assert [(each["version"], each["note"], each["published"]) for each in listed] == [
        (2, "second", False),
        (1, "first", True),
    ]
    kept = world.ask("GET", f"/v1/workflows/{slug}/versions/2").json()
    assert kept["graph"]["description"] == "second"
    assert world.ask("POST", f"/v1/workflows/{slug}/rollback", json={"version": 9}).status_code == 404


@pytest.mark.parametrize("slug", ["", "A", "-a", "a-", "a b", "a/b", "ä", "x" * 81, "a_b"])
def test_bad_slugs_are_refused_by_name(world: Any, slug: str) -> None:
    """422 names the field."""
    answer = world.ask("POST", "/v1/workflows", json={"slug": slug})
    assert (answer.status_code, answer.json()["invalid_field"]) == (422, "slug")


def test_a_slug_is_taken_for_good(world: Any) -> None:
    """Even an archived workflow keeps its slug; it leaves the list unless asked for."""
    world.ask("POST", "/v1/workflows", json={"slug": "taken"})
    world.ask("DELETE", "/v1/workflows/taken")
    answer = world.ask("POST", "/v1/workflows", json={"slug": "taken"})
    assert (answer.status_code, answer.json()["error_code"]) == (409, "workflow.slug_taken")
    listed = {each["slug"] for each in world.ask("GET", "/v1/workflows").json()["items"]}
    everything = world.ask("GET", "/v1/workflows?archived=true").json()["items"]
    assert "taken" not in listed
    assert "taken" in {each["slug"] for each in everything}
    assert (
        world.ask(
            "PUT", "/v1/workflows/taken/draft", json={"format": "sakuga.graph/1", "nodes": []}
        ).status_code
        == 410
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"slug": 1}, "slug"),
        ({"slug": "x", "color": "red"}, "color"),
        ({}, "slug"),
        ({"slug": "x", "project_id": "nowhere"}, "project_id"),
    ],
)
def test_bodies_are_read_strictly(world: Any, body: dict[str, Any], field: str) -> None:
    """Wrong types, unknown members and missing ones are named."""
    answer = world.ask("POST", "/v1/workflows", json=body)
    assert (answer.status_code, answer.json()["error_code"]) == (422, "http.invalid_request")
    assert answer.json()["invalid_field"] == field


def test_duplicate_keys_and_broken_bodies_are_refused(world: Any) -> None:
    """The strict reader stands before every body."""
    headers = {"content-type": "application/json"}
    for body in (b'{"slug": "a", "slug": "b"}', b"{", b"[]", b'{"slug": NaN}', b"\xff"):
        answer = world.ask("POST", "/v1/workflows", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "http.malformed_json")


@pytest.mark.parametrize(
    "path",
    ["versions/99999999999999999999", "diff?from=1&to=99999999999999999999", "contract?version=4294967296"],
)
def test_numbers_beyond_the_column_are_refused(world: Any, path: str) -> None:
    """A version that no database could hold is a parameter error, never a fault of ours."""
    answer = world.ask("GET", f"/v1/workflows/product-image/{path}")
    assert (answer.status_code, answer.json()["error_code"]) == (422, "http.invalid_request")
