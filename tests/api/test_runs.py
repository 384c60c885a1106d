"""Runs over HTTP: pages that hold still, filters, ends and repeats (contract §4)."""

import json
import time
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.store.tables import delivery
from app.store.tables import run as run_table
from app.store.tables import step as step_table


def ids(answer: Any) -> list[str]:
    return [each["job_id"] for each in answer.json()["items"]]


def test_pages_hold_still_while_runs_arrive(world: Any) -> None:
    """Walking by cursor sees each earlier run exactly once, newest first, whatever arrives meanwhile."""
    made = [world.trigger(external_id="walk").json()["job_id"] for _ in range(7)]
    seen, cursor = [], ""
    while True:
        query = f"/v1/runs?limit=3&q=walk{'&cursor=' + cursor if cursor else ''}"
        answer = world.ask("GET", query)
        seen += ids(answer)
        world.trigger(external_id="walk")
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert seen == sorted(seen, reverse=True)


def test_filters_narrow_the_list(world: Any) -> None:
    """Each filter of the contract finds the run it names, and leaves out others."""
    begun = time.time() - 1
    failed = world.trigger(target_style="baroque", external_id="F-1").json()["job_id"]
    queued = world.trigger(external_id="F-3", callback_url="https://example.com/x").json()["job_id"]

    def found(**query: str) -> set[str]:
        return set(ids(world.ask("GET", "/v1/runs", params={"limit": "200", **query})))

    assert failed in found(status="failed")
    assert queued not in found(status="failed")
    assert {failed, queued} <= found(status="failed,queued")
    assert failed in found(error_code="trigger.unknown_value")
    assert found(q="F-3") == {queued}
    assert found(q=queued) == {queued}
    assert queued in found(callback_status="pending")
    assert failed not in found(callback_status="pending")
    assert queued in found(caller="default", project="default")
    assert found(caller="nobody") == found(project="nowhere") == set()
    assert queued in found(since=str(begun))
    assert queued not in found(until=str(begun))
    assert found(since="2001-01-01T00:00:00Z", until="2002-01-01T00:00:00+02:00") == set()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("status=done", "status"),
        ("callback_status=lost", "callback_status"),
        ("since=yesterday", "since"),
        ("until=1e300", "until"),
        ("since=nan", "since"),
        ("cursor=../..", "cursor"),
        ("q=" + "x" * 300, "q"),
    ],
)
def test_bad_parameters_are_named(world: Any, query: str, field: str) -> None:
    """422 with the parameter's name."""
    answer = world.ask("GET", f"/v1/runs?{query}")
    assert (answer.status_code, answer.json()["invalid_field"]) == (422, field)


def test_a_search_takes_wildcards_literally(world: Any) -> None:
    """'%' and '_' find themselves only."""
    world.trigger(external_id="plain")
    assert ids(world.ask("GET", "/v1/runs", params={"q": "%"})) == []
    marked = world.trigger(external_id="50%_off").json()["job_id"]
    assert ids(world.ask("GET", "/v1/runs", params={"q": "50%_o"})) == [marked]


def test_an_open_run_shows_its_steps_to_come(world: Any) -> None:
    """Progress names the node, its place and the number of nodes; steps without a row are queued."""
    job_id = world.trigger().json()["job_id"]
    run = world.ask("GET", f"/v1/runs/{job_id}").json()
    steps = world.ask("GET", f"/v1/runs/{job_id}/steps").json()["items"]
    assert run["wait"]["reason"] == "worker"
    assert run["progress"]["total"] == len(steps) > 5
    assert run["progress"]["node"] == steps[0]["node_id"]
    assert {step["status"] for step in steps} == {"queued"}
    assert [step["position"] for step in steps] == list(range(len(steps)))


def test_a_run_ends_once(world: Any) -> None:
    """Cancel ends an open run; a second time is 409, and an unknown id 404."""
    job_id = world.trigger(callback_url="https://example.com/x").json()["job_id"]
    early = world.ask("GET", f"/v1/runs/{job_id}/callback")
    assert (early.status_code, early.json()["error_code"]) == (409, "run.not_ended")
    assert world.ask("POST", f"/v1/runs/{job_id}/cancel").json()["status"] == "cancelled"
    again = world.ask("POST", f"/v1/runs/{job_id}/cancel")
    assert (again.status_code, again.json()["error_code"]) == (409, "run.already_ended")
    body = world.ask("GET", f"/v1/runs/{job_id}/callback").json()
    assert body["error"]["error_code"] == "run.cancelled"
    assert world.ask("POST", "/v1/runs/run_0/cancel").status_code == 404


def test_a_rerun_takes_what_the_first_one_had(world: Any) -> None:
    """Trigger, external id and callback are kept; inputs may be replaced, and are checked again."""
    first = world.trigger(product_id="7", external_id="R-1", callback_url="https://example.com/x").json()
    again = world.ask("POST", f"/v1/runs/{first['job_id']}/rerun")
    assert again.status_code == 202
    run = world.ask("GET", again.headers["location"]).json()
    assert (run["rerun_of"], run["source"]) == (first["job_id"], "rerun")
    assert (run["external_id"], run["callback_url"]) == ("R-1", "https://example.com/x")
    assert run["trigger"] == {"product_name": "Oak chair", "product_id": "7"}
    other = world.ask("POST", f"/v1/runs/{first['job_id']}/rerun", json={"inputs": {"target_style": "noir"}})
    assert world.ask("GET", other.headers["location"]).json()["inputs"]["target_style"] == "noir"
    bad = world.ask("POST", f"/v1/runs/{first['job_id']}/rerun", json={"inputs": {"target_style": "baroque"}})
    assert (bad.status_code, bad.json()["invalid_field"]) == (422, "target_style")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"from_node": "nowhere"}, 409),
        ({"from_failed": True}, 409),
        ({"version": 99}, 404),
        ({"version": 0}, 422),
        ({"from": "prompt"}, 422),
    ],
)
def test_a_rerun_that_cannot_be_is_refused(world: Any, body: dict[str, Any], status: int) -> None:
    """The text says why."""
    job_id = world.trigger().json()["job_id"]
    answer = world.ask("POST", f"/v1/runs/{job_id}/rerun", json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_a_refused_trigger_can_be_repeated_with_better_inputs(world: Any) -> None:
    """The failed run of a 422 holds its payload."""
    failed = world.trigger(target_style="baroque").json()["job_id"]
    again = world.ask("POST", f"/v1/runs/{failed}/rerun", json={"inputs": {"target_style": "noir"}})
    assert again.status_code == 202


def test_a_rerun_from_a_node_keeps_what_came_before(world: Any) -> None:
    """Succeeded steps that do not hang on the node are taken over at no cost; the rest runs again."""
    first = world.trigger().json()["job_id"]
    order = [each["node_id"] for each in world.ask("GET", f"/v1/runs/{first}/steps").json()["items"]]
    rows = [
        {
            "run_id": first,
            "node_id": node_id,
            "position": position,
            "status": "succeeded",
            "attempts": 1,
            "started_at": time.time(),
            "duration": 0.1,
            "outputs": json.dumps({"made": node_id}),
            "credits": 1.0,
        }
        for position, node_id in enumerate(order)
    ]
    with world.system.db.write() as connection:
        connection.execute(insert(step_table), rows)
    again = world.ask("POST", f"/v1/runs/{first}/rerun", json={"from_node": "generator"})
    assert again.status_code == 202, again.text
    steps = world.ask("GET", f"{again.headers['location']}/steps").json()["items"]
    kept = {each["node_id"]: each for each in steps if each["status"] == "succeeded"}
    assert "prompt" in kept
    assert kept["prompt"]["outputs"] == {"made": "prompt"}
    assert kept["prompt"]["credit_cost"] == 0
    assert not kept.keys() & {"generator", "qc", "delivery"}


def test_ended_deliveries_are_replayed_one_by_one_or_many(world: Any) -> None:
    """One under way is 409; a filter counts first and sends then; the webhook id stays."""
    job_id = world.trigger(target_style="baroque", callback_url="https://example.com/x").json()["job_id"]
    item = world.ask("GET", f"/v1/runs/{job_id}/deliveries").json()["items"][0]
    early = world.ask("POST", f"/v1/deliveries/{item['id']}/replay")
    assert (early.status_code, early.json()["error_code"]) == (409, "delivery.not_replayable")
    with world.system.db.write() as connection:
        ended = {"status": "permanently_failed", "wake_at": None, "finished_at": time.time()}
        connection.execute(update(delivery).where(delivery.c.id == item["id"]).values(ended))
        connection.execute(
            update(run_table).where(run_table.c.id == job_id).values(callback_status="permanently_failed")
        )
    dry = world.ask("POST", "/v1/deliveries/replay", json={"job_id": job_id, "dry_run": True})
    assert (dry.status_code, dry.json()["matched"], dry.json()["replayed"]) == (202, 1, 0)
    sent = world.ask("POST", "/v1/deliveries/replay", json={"job_id": job_id})
    assert sent.json()["ids"] == [item["id"]]
    now = world.ask("GET", f"/v1/deliveries/{item['id']}").json()
    assert (now["status"], now["webhook_id"]) == ("pending", item["webhook_id"])
    assert world.ask("GET", f"/v1/runs/{job_id}").json()["callback_status"] == "pending"
