"""Earlier results that are reused, as an outsider meets them: found, told of, forgotten."""

from typing import Any

from tests.support.site import Site, plain_graph


def publish(site: Site, slug: str, seconds: Any = 600, node: str = "paint") -> Any:
    """The plain workflow, one of its nodes reusing results; the answer to the last request."""
    graph = plain_graph()
    next(each for each in graph["nodes"] if each["id"] == node)["cache"] = {"seconds": seconds}
    made = site.http.post("/v1/workflows", json={"slug": slug, "graph": graph})
    return site.http.post(f"/v1/workflows/{slug}/publish", json={}) if made.is_success else made


def painted(site: Site, job: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The step that paints, and the run, when it is over."""
    site.ended(job)
    items = site.http.get(f"/v1/runs/{job}/steps").json()["items"]
    return next(each for each in items if each["node_id"] == "paint"), site.run(job)


def test_the_same_request_is_paid_once(site: Site) -> None:
    """The second run takes the picture of the first, at no credits; asked to be fresh, or after
    forgetting, it is made anew, and the log says who forgot."""
    assert publish(site, "thrifty").is_success
    first = site.job("thrifty", subject="cup")
    made, run = painted(site, first)
    assert (made["cached_from"], run["credit_cost"]) == (None, 0.1)
    taken, run = painted(site, site.job("thrifty", subject="cup"))
    assert taken["cached_from"]["job_id"] == first
    assert (taken["credit_cost"], run["credit_cost"], taken["attempts"]) == (0, 0, 0)
    assert taken["output_uris"] == made["output_uris"]
    assert painted(site, site.job("thrifty", subject="pot"))[0]["cached_from"] is None
    told = {each["node_id"]: each["cached_from"] for each in run["steps"]}
    assert told["paint"] == taken["cached_from"]

    again = site.http.post(f"/v1/runs/{first}/rerun", json={"fresh": True}).json()["job_id"]
    fresh, run = painted(site, again)
    assert (fresh["cached_from"], run["fresh"], run["credit_cost"]) == (None, True, 0.1)
    assert painted(site, site.job("thrifty", subject="cup"))[0]["cached_from"]["job_id"] == again

    assert site.http.get("/v1/workflows/thrifty/cache").json()["results"] == 2
    assert site.http.delete("/v1/workflows/thrifty/cache").json() == {"workflow": "thrifty", "forgotten": 2}
    assert painted(site, site.job("thrifty", subject="cup"))[0]["cached_from"] is None
    log = site.http.get("/v1/audit?action=workflow.forget_results").json()["items"]
    assert [(each["object"], each["detail"]) for each in log] == [("thrifty", {"forgotten": 2})]


def test_a_dry_run_says_what_may_be_reused(site: Site) -> None:
    """Only the node that asks for it; what it costs at most stays the price of making it."""
    assert publish(site, "thrifty-dry").is_success
    answer = site.http.post("/v1/workflows/thrifty-dry/dry-run", json={"subject": "cup"}).json()
    assert [each["node_id"] for each in answer["steps"] if each["may_be_reused"]] == ["paint"]
    assert answer["credits"] == 0.1


def test_a_wrong_cache_is_refused_with_its_node_and_field(site: Site) -> None:
    """A node type that does its work each time, and times that are none, each with what would be right."""
    answer = publish(site, "thrifty-wrong", node="input")
    assert (answer.status_code, answer.json()["error_code"]) == (422, "graph.bad_settings")
    (problem,) = answer.json()["errors"]
    assert problem["field"] == "cache"
    assert "'input': earlier results cannot be reused" in problem["detail"]
    for number, seconds in enumerate((0, -1, 1.5, "600", True, None, 31_536_001)):
        answer = publish(site, f"thrifty-{number}", seconds)
        assert answer.status_code == 422, seconds
        assert "node 'paint': cache.seconds" in answer.text, answer.text
