"""Trying a draft out from outside: its runs, what of them still holds, pins, samples."""

import pytest

from tests.support.site import KEY, plain_graph, refused


def steps(site, job):
    return {each["node_id"]: each for each in site.http.get(f"/v1/runs/{job}/steps").json()["items"]}


def try_out(site, slug, **how):
    answer = site.http.post(f"/v1/workflows/{slug}/draft/runs", json=how)
    assert answer.status_code == 202, answer.text
    found = site.ended(answer.json()["job_id"])
    assert found["status"] == "succeeded", found
    return found


def save(site, slug, change):
    graph = plain_graph()
    for node in graph["nodes"]:
        node["settings"].update(change.get(node["id"], {}))
    assert site.http.put(f"/v1/workflows/{slug}/draft", json=graph).status_code == 200


def reasons(site, slug, job):
    items = site.http.get(f"/v1/workflows/{slug}/draft/stale", params={"run": job}).json()["items"]
    return {each["node_id"]: (each["reason"], each["names"]) for each in items}


@pytest.fixture(scope="module")
def first(site):
    """A run of a draft that was never published."""
    made = site.http.post("/v1/workflows", json={"slug": "drafty", "graph": plain_graph()})
    assert made.status_code == 201
    return try_out(site, "drafty", inputs={"subject": "A lamp"})


def test_a_draft_runs_as_it_is_and_its_run_keeps_its_graph(site, first):
    """Nothing is published by it; it may be repeated later as it was, whatever became of the draft."""
    assert first["version"] == 0
    assert first["outputs"]
    assert site.http.get("/v1/workflows/drafty").json()["published"] is None
    save(site, "drafty", {"prompt": {"template": "Nothing but {{subject}}"}})
    again = site.http.post(f"/v1/runs/{first['job_id']}/rerun", json={}).json()["job_id"]
    assert site.ended(again)["status"] == "succeeded"
    made = steps(site, again)["prompt"]["outputs"]["prompt"]["positive"]
    assert made == steps(site, first["job_id"])["prompt"]["outputs"]["prompt"]["positive"]
    save(site, "drafty", {})


def test_only_what_a_change_reaches_is_done_again(site, first):
    """A changed check leaves the picture as it was, at no cost; a changed template does not."""
    assert reasons(site, "drafty", first["job_id"]) == {}
    save(site, "drafty", {"check": {"min_width": 65}})
    found = reasons(site, "drafty", first["job_id"])
    assert found == {"check": ("settings", ["min_width"]), "out": ("upstream", ["check"])}
    done = try_out(site, "drafty", inputs={"subject": "A lamp"}, base=first["job_id"])
    kept = {name for name, each in steps(site, done["job_id"]).items() if each["attempts"] == 0}
    assert kept == {"prompt", "paint"}
    assert done["credit_cost"] == 0
    save(site, "drafty", {"prompt": {"template": "Blue {{subject}}"}})
    assert reasons(site, "drafty", done["job_id"])["paint"] == ("upstream", ["prompt"])
    other = try_out(site, "drafty", inputs={"subject": "A vase"}, base=done["job_id"])
    assert all(each["attempts"] for each in steps(site, other["job_id"]).values())
    save(site, "drafty", {})


def test_a_run_from_a_node_and_one_to_a_node_build_on_an_earlier_one(site, first):
    """From here does the node and what follows again; to here stops there."""
    how = {"inputs": {"subject": "A lamp"}, "base": first["job_id"]}
    onward = steps(site, try_out(site, "drafty", **how, from_node="paint")["job_id"])
    assert [name for name, each in onward.items() if each["attempts"] == 0] == ["prompt"]
    until = steps(site, try_out(site, "drafty", **how, targets=["paint"])["job_id"])
    assert {name: each["attempts"] for name, each in until.items()} == {"input": 1, "prompt": 0, "paint": 1}
    problem = site.http.post("/v1/workflows/drafty/draft/runs", json={**how, "from_node": "nobody"})
    refused(problem, 409, "run.not_rerunnable")
    gone = site.http.post("/v1/workflows/drafty/draft/runs", json={**how, "base": "run_nothing"})
    refused(gone, 404, "auth.not_found")


def test_a_pinned_result_replaces_its_node_in_runs_of_the_draft_only(site, first):
    """The node and what only it needed do not run; a caller's trigger of the same graph knows no pin."""
    assert site.http.post("/v1/workflows/drafty/publish", json={}).status_code == 201
    pins = "/v1/workflows/drafty/draft/pins"
    assert site.http.put(f"{pins}/paint", json={"run_id": first["job_id"]}).json()["edited"] is False
    assert reasons(site, "drafty", first["job_id"]) == {}
    done = try_out(site, "drafty", inputs={"subject": "A chair"})
    found = steps(site, done["job_id"])
    assert found["paint"]["outputs"] == steps(site, first["job_id"])["paint"]["outputs"]
    assert (found["prompt"]["status"], found["check"]["attempts"]) == ("skipped", 1)
    assert done["credit_cost"] == 0
    for slug in ("drafty", "drafty@1"):
        called = site.ended(site.job(slug, subject="A chair"))
        assert all(each["attempts"] == 1 for each in steps(site, called["job_id"]).values()), slug
        assert called["credit_cost"] > 0 or steps(site, called["job_id"])["paint"]["status"] == "succeeded"
    assert site.http.delete(pins).json() == {"removed": 1}
    assert site.http.get(pins).json() == {"items": []}
    assert reasons(site, "drafty", done["job_id"])["paint"] == ("pin", [])


def test_an_edited_result_is_checked_against_its_socket(site, first):
    """A text goes into a text; anything else names the output and what would be right."""
    pins = "/v1/workflows/drafty/draft/pins"
    made = {"prompt": {"positive": "A golden lamp", "negative": ""}}
    assert site.http.put(f"{pins}/prompt", json={"outputs": made}).json()["edited"] is True
    done = steps(site, try_out(site, "drafty", inputs={"subject": "x"})["job_id"])
    assert done["paint"]["outputs"]["images"][0]["prompt"] == "A golden lamp"
    assert done["prompt"]["attempts"] == 0
    assert site.http.delete(f"{pins}/prompt").status_code == 204
    for outputs, field in (
        ({"prompt": 7}, "outputs.prompt"),
        ({"prompt": {"negative": "x"}}, "outputs.prompt"),
        ({"picture": 1}, "outputs.picture"),
    ):
        problem = refused(
            site.http.put(f"{pins}/prompt", json={"outputs": outputs}), 422, "http.invalid_request"
        )
        assert problem["errors"][0]["field"] == field
    for node, body in (("input", {"outputs": {}}), ("nobody", {"outputs": {}}), ("paint", {})):
        refused(site.http.put(f"{pins}/{node}", json=body), 422, "http.invalid_request")
    assert site.http.get(pins).json() == {"items": []}


def test_samples_are_kept_by_name_and_drafts_with_errors_do_not_run(site, first):
    """A sample is replaced by one of its name; a draft that cannot run says what is wrong."""
    here = "/v1/workflows/drafty/samples"
    site.http.put(f"{here}/Lamp", json={"payload": {"subject": "A lamp"}})
    site.http.put(f"{here}/Lamp", json={"payload": {"subject": "A red lamp"}})
    assert [each["payload"] for each in site.http.get(here).json()["items"]] == [{"subject": "A red lamp"}]
    refused(site.http.put(f"{here}/x", json={"payload": {"callback_url": "y"}}), 422, "http.invalid_request")
    assert site.http.delete(f"{here}/Lamp").status_code == 204
    assert site.http.delete(f"{here}/Lamp").status_code == 404
    save(site, "drafty", {"prompt": {"template": "{{subject}} {{mood}}"}})
    problem = refused(
        site.http.post("/v1/workflows/drafty/draft/runs", json={"inputs": {"subject": "x"}}),
        422,
        "graph.missing_input",
    )
    assert problem["errors"][0]["node_id"] == "prompt"
    save(site, "drafty", {})
    bad = site.http.post("/v1/workflows/drafty/draft/runs", json={"inputs": {}})
    refused(bad, 422, "trigger.missing_field")
    assert KEY
