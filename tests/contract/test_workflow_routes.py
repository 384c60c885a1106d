"""Contract §7 and §8 over real HTTP: workflows, drafts, versions, descriptions, the graph file."""

import json

import httpx
import pytest

from tests.support.site import Site, link, node, plain_graph

HOME = "/v1/workflows"


def test_the_example_stands_published_as_version_one(site: Site):
    """At first start `product-image` exists with the fields of the contract."""
    found = site.http.get(f"{HOME}/product-image").json()
    assert found["published"] == 1
    contract = site.http.get(f"{HOME}/product-image/contract").json()
    fields = {each["name"]: each for each in contract["fields"]}
    assert set(fields) == {
        "product_id",
        "product_name",
        "product_category",
        "target_style",
        "target_platform",
    }
    assert [name for name, each in fields.items() if each.get("required")] == ["product_name"]
    assert fields["target_style"]["default"] == "studio"
    assert {"studio", "anime", "watercolour", "noir"} <= set(fields["target_style"]["enum"])
    assert fields["target_platform"]["default"] == "web"
    assert {"web", "instagram_feed", "amazon"} <= set(fields["target_platform"]["enum"])


def test_the_graph_file_is_as_the_contract_shows_it(site: Site):
    """Format, members and writing of a document: sorted keys, one value a line, links by name."""
    text = site.http.get(f"{HOME}/product-image/draft").text
    document = json.loads(text)
    assert document["format"] == "sakuga.graph/1"
    assert {"name", "description", "nodes", "links", "groups", "notes"} <= document.keys()
    assert json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).split() == text.split()
    assert all(line.count('": ') <= 1 for line in text.splitlines())
    one = document["nodes"][0]
    assert {"id", "type", "title", "settings", "position"} <= one.keys()
    assert {"from", "to"} == document["links"][0].keys()


def test_a_workflow_is_made_listed_drawn_published_and_taken_out(site: Site):
    """The life of a workflow by HTTP alone."""
    made = site.http.post(HOME, json={"slug": "life", "name": "Life"})
    assert made.status_code == 201
    assert made.headers["location"] == f"{HOME}/life"
    assert "life" in {each["slug"] for each in site.http.get(HOME).json()["items"]}

    draft = site.http.get(f"{HOME}/life/draft")
    first = draft.headers["etag"]
    assert site.http.get(f"{HOME}/life/draft", headers={"if-none-match": first}).status_code == 304
    saved = site.http.put(f"{HOME}/life/draft", json=plain_graph(), headers={"if-match": first})
    assert site.http.get(f"{HOME}/life/draft", headers={"if-none-match": first}).status_code == 200
    assert saved.status_code == 200
    assert saved.headers["etag"] != first
    lost = site.http.put(f"{HOME}/life/draft", json=plain_graph(), headers={"if-match": first})
    assert (lost.status_code, lost.json()["error_code"]) == (412, "workflow.draft_changed")

    published = site.http.post(f"{HOME}/life/publish", json={"note": "one"})
    assert (published.status_code, published.json()["version"], published.json()["note"]) == (201, 1, "one")

    fields = [
        {"name": "subject", "type": "string", "required": True},
        {"name": "size", "type": "integer", "required": True},
    ]
    site.http.put(f"{HOME}/life/draft", json=plain_graph(fields=fields)).raise_for_status()
    refused = site.http.post(f"{HOME}/life/publish")
    assert (refused.status_code, refused.json()["error_code"]) == (409, "workflow.breaking_change")
    assert refused.json()["errors"][0]["field"] == "size"
    assert site.http.post(f"{HOME}/life/publish", json={"allow_breaking": True}).json()["version"] == 2

    versions = site.http.get(f"{HOME}/life/versions").json()["items"]
    assert [(each["version"], each["published"]) for each in versions] == [(2, True), (1, False)]
    assert [each["breaking"] for each in versions] == [True, False]
    assert [(each["field"], each["kind"]) for each in versions[0]["breaking_changes"]] == [("size", "added")]
    assert site.trigger("life@1", subject="x").status_code == 202, "who pins a version goes on"
    assert site.trigger("life", subject="x").status_code == 422
    assert site.http.get(f"{HOME}/life/versions/1").json()["graph"]["format"] == "sakuga.graph/1"
    diff = site.http.get(f"{HOME}/life/diff", params={"from": 1, "to": 2}).json()
    assert [each["breaking"] for each in diff["contract"] if each["field"] == "size"] == [True]
    back = site.http.post(f"{HOME}/life/rollback", json={"version": 1})
    assert back.status_code == 200
    assert site.http.get(f"{HOME}/life").json()["published"] == 1
    assert site.trigger("life@2", subject="x").status_code == 422
    assert site.http.delete(f"{HOME}/life").status_code == 204
    assert "life" not in {each["slug"] for each in site.http.get(HOME).json()["items"]}


def wrong_graph() -> dict:
    graph = plain_graph()
    graph["nodes"] += [node("mystery", "teleporter"), node("style", "style_preset", key="no-such")]
    graph["nodes"][2]["settings"]["width"] = "wide"
    graph["links"][1:2] = [link("input.subject", "check.images"), link("nobody.out", "prompt.style")]
    return graph


def test_validation_names_every_problem_with_node_and_field(site: Site):
    """All at once: type, settings, missing input, clash, loose link."""
    answer = site.http.post(f"{HOME}/plain/validate", json=wrong_graph()).json()
    assert answer["valid"] is False
    found = {(each["code"], each["node_id"]) for each in answer["problems"]}
    assert ("graph.unknown_node_type", "mystery") in found
    assert ("graph.bad_settings", "paint") in found
    assert "graph.dangling_link" in {code for code, _ in found}
    assert ("graph.missing_input", "paint") in found
    assert "graph.type_mismatch" in {code for code, _ in found}
    assert all(each["message"] for each in answer["problems"])
    assert site.http.post(f"{HOME}/plain/validate").json() == {"valid": True, "problems": []}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda g: g["nodes"].append(dict(g["nodes"][1])), "graph.duplicate_id"),
        (lambda g: g["nodes"].pop(0), "graph.no_trigger"),
        (lambda g: g.update(format="other/1"), "graph.malformed"),
        (lambda g: g["nodes"][1].update(id=7), "graph.malformed"),
        (lambda g: g.update(nodes={}), "graph.malformed"),
        (
            lambda g: g.update(nodes=[node(f"n{i}", "webhook_input") for i in range(5001)], links=[]),
            "graph.too_large",
        ),
    ],
    ids=["twice", "no trigger", "format", "id", "nodes", "large"],
)
def test_each_fault_of_a_graph_has_its_code(site: Site, change, code: str):
    """Validation answers 200 with the fault; making a workflow of it and publishing is refused with it."""
    graph = plain_graph()
    change(graph)
    codes = [each["code"] for each in site.http.post(f"{HOME}/plain/validate", json=graph).json()["problems"]]
    assert code in codes


def test_a_cycle_is_found_and_not_published(site: Site):
    """Nodes that wait for each other are named, and publishing is refused with the same code."""
    gates = [node("a", "rate_limiter"), node("b", "circuit_breaker")]
    graph = plain_graph()
    graph["nodes"] += gates
    graph["links"] += [link("a.trigger", "b.trigger"), link("b.trigger", "a.trigger")]
    problems = site.http.post(f"{HOME}/plain/validate", json=graph).json()["problems"]
    assert "graph.cycle" in {each["code"] for each in problems}
    site.http.post(HOME, json={"slug": "circle", "graph": graph}).raise_for_status()
    refused = site.http.post(f"{HOME}/circle/publish")
    assert refused.status_code == 422
    assert "graph.cycle" in {each["error_code"] for each in refused.json()["errors"]}


def test_a_workflow_describes_itself_for_machines(site: Site):
    """One OpenAPI 3.1 document with trigger schema, callback and error codes, and one contract (S42)."""
    document = site.http.get(f"{HOME}/product-image/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    operation = document["paths"]["/v1/hooks/product-image"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["product_name"]
    assert "anime" in schema["properties"]["target_style"]["enum"]
    assert "completion" in operation["callbacks"]
    assert {"202", "401", "409", "422"} <= operation["responses"].keys()
    listed = {each["error_code"] for each in document["x-error-codes"]}
    assert {"trigger.missing_field", "node.qc_failed", "delivery.gone"} <= listed
    contract = site.http.get(f"{HOME}/product-image/contract").json()
    assert contract["trigger"]["url"] == f"{site.url}/v1/hooks/product-image"
    assert set(contract["snippets"]) == {"curl", "python", "javascript"}
    assert site.http.post("/v1/hooks/product-image", json=contract["example"]).status_code == 202


def test_the_palette_lists_every_node_type_of_the_first_release(site: Site):
    """Schema, sockets and help of each kind."""
    items = {each["type"]: each for each in site.http.get("/v1/node-types").json()["items"]}
    assert {
        "webhook_input",
        "rate_limiter",
        "circuit_breaker",
        "prompt_builder",
        "style_preset",
        "generator",
        "qc",
        "multi_format_export",
        "metadata",
        "webhook_delivery",
    } <= items.keys()
    for each in items.values():
        assert {"inputs", "outputs", "settings_schema", "description", "title"} <= each.keys()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/presets/styles",
        "/v1/presets/platforms",
        "/v1/callers",
        "/v1/keys",
        "/v1/limits",
        "/v1/alerts",
        "/v1/audit",
    ],
)
def test_lists_have_one_shape(site: Site, path: str):
    """Every list answers items and the cursor of the next page."""
    found = site.http.get(path).json()
    assert {"items", "next_cursor"} <= found.keys()


def test_machines_that_watch_machines(site: Site):
    """Alive, ready, numbers and the reference, without a key."""
    for path, text in [
        ("/healthz", "ok"),
        ("/readyz", "ready"),
        ("/metrics", "sakuga_runs"),
        ("/docs", "Sakuga"),
        ("/v1/openapi.json", '"3.1.'),
    ]:
        answer = httpx.get(f"{site.url}{path}", trust_env=False)
        assert answer.status_code == 200, path
        assert text in answer.text, path


def test_every_route_of_the_contract_stands_in_the_document(site: Site):
    """What is named in the contract for this release is described in /v1/openapi.json."""
    paths = site.http.get("/v1/openapi.json").json()["paths"]
    named = {
        "/v1/hooks/{reference}": {"post"},
        "/v1/runs": {"get"},
        "/v1/runs/{job_id}": {"get"},
        "/v1/runs/{job_id}/cancel": {"post"},
        "/v1/runs/{job_id}/rerun": {"post"},
        "/v1/runs/{job_id}/steps": {"get"},
        "/v1/runs/{job_id}/events": {"get"},
        "/v1/runs/{job_id}/callback": {"get"},
        "/v1/runs/{job_id}/deliveries": {"get"},
        "/v1/runs/replay": {"post"},
        "/v1/deliveries/{delivery_id}/replay": {"post"},
        "/v1/deliveries/replay": {"post"},
        "/v1/workflows": {"get", "post"},
        "/v1/workflows/{slug}": {"get", "delete"},
        "/v1/workflows/{slug}/draft": {"get", "put"},
        "/v1/workflows/{slug}/validate": {"post"},
        "/v1/workflows/{slug}/publish": {"post"},
        "/v1/workflows/{slug}/versions": {"get"},
        "/v1/workflows/{slug}/versions/{number}": {"get"},
        "/v1/workflows/{slug}/diff": {"get"},
        "/v1/workflows/{slug}/rollback": {"post"},
        "/v1/workflows/{slug}/openapi.json": {"get"},
        "/v1/workflows/{slug}/contract": {"get"},
        "/v1/node-types": {"get"},
        "/v1/inbox/{name}": {"get", "post"},
        "/v1/keys": {"get", "post"},
        "/v1/callers": {"get", "post"},
    }
    assert {path: methods - paths.get(path, {}).keys() for path, methods in named.items()} == {
        path: set() for path in named
    }


def test_a_problem_brings_its_repair_and_a_version_comes_back_into_the_draft(site: Site):
    """`repair` is additive and null where nobody knows; restore answers with the draft and its new tag."""
    slug = "repaired"
    site.http.post(HOME, json={"slug": slug, "graph": plain_graph()}).raise_for_status()
    site.http.post(f"{HOME}/{slug}/publish", json={"note": "first"}).raise_for_status()
    before = site.http.get(f"{HOME}/{slug}/draft")
    broken = before.json()
    broken["links"].append({"from": ["nobody", "x"], "to": ["nowhere", "y"]})
    found = site.http.post(f"{HOME}/{slug}/validate", json=broken).json()["problems"]
    repairs = [each["repair"] for each in found if each["code"] == "graph.dangling_link"]
    assert repairs[0]["kind"] == "remove_link"
    assert repairs[0]["change"] == {"removed_links": [broken["links"][-1]]}
    changed = {**before.json(), "description": "now with rain"}
    site.http.put(f"{HOME}/{slug}/draft", json=changed).raise_for_status()
    compared = site.http.get(f"{HOME}/{slug}/diff", params={"from": 1}).json()
    [change] = compared["changes"]
    assert (change["what"], change["path"], change["after"]) == ("document", ["description"], "now with rain")
    restored = site.http.post(f"{HOME}/{slug}/draft/restore", json={"version": 1})
    assert restored.json() == before.json()
    assert restored.headers["etag"] == site.http.get(f"{HOME}/{slug}/draft").headers["etag"]
    assert site.http.post(f"{HOME}/{slug}/draft/restore", json={"version": 9}).status_code == 404
