"""The dry run: judged and priced like a trigger, and nothing is stored or called."""

import pytest

from tests.support.site import graph, link, node, plain_graph, refused


def test_a_dry_run_tells_steps_credits_and_time_and_stores_nothing(site):
    """What runs, what is surely skipped, the price, the usual seconds after a run; no run appears."""
    fields = [
        {"name": "subject", "type": "string", "required": True},
        {"name": "mood", "type": "string"},
    ]
    graph = plain_graph(fields=fields)
    graph["nodes"].append(node("aside", "prompt_builder", template="{{mood}}"))
    graph["links"].append(link("input.mood", "aside.mood"))
    site.workflow("dry", graph)
    path = "/v1/workflows/dry/dry-run"
    first = site.http.post(path, json={"subject": "A lamp", "more": 1}).json()
    assert (first["valid"], first["starts"], first["wait"]) == (True, "now", None)
    assert first["ignored_fields"] == ["more"]
    assert first["seconds"] is None
    assert first["credits"] > 0
    assert [each["node_id"] for each in first["steps"] if not each["runs"]] == ["aside"]
    assert site.http.get("/v1/runs?workflow=dry").json()["items"] == []
    site.ended(site.job("dry", subject="A lamp"))
    assert site.http.post(path, json={"subject": "A lamp"}).json()["seconds"] > 0


def test_a_dry_run_names_every_wrong_field_and_what_would_hold_it(site):
    """Wrong fields come as in a refusal, but as an answer; pause, full window and used-up budget are told."""
    limited = node("limit", "rate_limiter", limit=1, window_seconds=3600)
    site.workflow("dry-held", plain_graph(limited))
    path = "/v1/workflows/dry-held/dry-run"
    wrong = site.http.post(path, json={"subject": 3, "callback_url": 4})
    assert wrong.status_code == 200
    assert not wrong.json()["valid"]
    assert {each["field"] for each in wrong.json()["errors"]} == {"subject", "callback_url"}
    site.job("dry-held", subject="A lamp")
    held = site.http.post(path, json={"subject": "A lamp"}).json()
    assert (held["starts"], held["wait"]["reason"]) == ("later", "rate_limited")
    assert held["wait"]["expected_start"]
    site.http.post("/v1/workflows/dry-held/pause")
    assert site.http.post(path, json={"subject": "A lamp"}).json()["wait"]["reason"] == "paused"
    for how, starts in (("hold", "later"), ("refuse", "refused")):
        monitor = node("money", "cost_monitor", daily_credits=0, when_exhausted=how)
        site.workflow(f"dry-{how}", plain_graph(monitor))
        poor = site.http.post(f"/v1/workflows/dry-{how}/dry-run", json={"subject": "A lamp"}).json()
        assert (poor["starts"], poor["wait"]["reason"]) == (starts, "budget")
        assert "has less than 0.1 left today" in poor["wait"]["explanation"]
        assert bool(poor["wait"]["expected_start"]) == (how == "hold")
    refused(site.http.post("/v1/workflows/nobody/dry-run", json={}), 404, "auth.not_found")
    told = site.command("trigger", "dry", "--set", "subject=A lamp", "--dry-run", SAKUGA_API_KEY="")
    assert "credits" in told.stdout, told.stderr


def test_a_dry_run_prices_the_runs_that_a_run_starts(site):
    """A map costs its items, a sub-workflow what it calls; where only a step can tell, no price is known."""
    site.workflow("dry-child", plain_graph())
    fields = [{"name": "items", "type": "array", "required": True}]
    each = node("each", "map", workflow="dry-child", item_field="subject")
    later = node("later", "map", workflow="dry-child", item_field="subject")
    nodes = [node("input", "webhook_input", fields=fields), each, node("hold", "delay", seconds=0), later]
    links = [
        link("input.items", "each.items"),
        link("input.items", "hold.value"),
        link("hold.value", "later.items"),
    ]
    site.workflow("dry-map", graph(nodes, links))
    call = node("call", "subworkflow", workflow="dry-map", fields=["items"])
    outer = [node("input", "webhook_input", fields=fields), call]
    site.workflow("dry-outer", graph(outer, [link("input.items", "call.items")]))
    one = site.http.post("/v1/workflows/dry-child/dry-run", json={"subject": "A"}).json()["credits"]
    found = site.http.post("/v1/workflows/dry-map/dry-run", json={"items": ["A", "B", "C"]}).json()
    priced = {step["node_id"]: (step["credits"], step["price_known"]) for step in found["steps"]}
    assert priced["each"] == (pytest.approx(3 * one), True)
    assert priced["later"] == (0, False)
    assert found["credits"] == pytest.approx(3 * one)
    deep = site.http.post("/v1/workflows/dry-outer/dry-run", json={"items": ["A"]}).json()
    (called,) = [step for step in deep["steps"] if step["node_id"] == "call"]
    assert (called["credits"], called["price_known"]) == (pytest.approx(one), False)
    assert site.http.get("/v1/runs?workflow=dry-child").json()["items"] == []
