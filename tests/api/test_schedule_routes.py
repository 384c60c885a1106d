"""Schedules over HTTP: made, read, changed, tried and deleted (contract §3, S1)."""

from typing import Any

import pytest

GOOD = {
    "workflow": "product-image",
    "cron": "0 9 * * mon-fri",
    "time_zone": "Europe/Berlin",
    "payload": {"product_name": "Oak chair"},
    "missed": "once",
}


@pytest.fixture
def made(world: Any) -> dict[str, Any]:
    answer = world.ask("POST", "/v1/schedules", json=GOOD)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/schedules/{answer.json()['id']}"
    return dict(answer.json())


def test_a_schedule_comes_back_as_it_was_made(world: Any, made: dict[str, Any]) -> None:
    """With the cron in words, its next time, and its runs a filter of the list of runs."""
    again = world.ask("GET", f"/v1/schedules/{made['id']}").json()
    assert again == made
    assert (made["description"], made["name"]) == ("Every weekday at 09:00", "Every weekday at 09:00")
    assert (made["caller"], made["enabled"], made["last_job_id"]) == ("default", True, None)
    listed = world.ask("GET", "/v1/schedules?workflow=product-image&limit=1").json()
    assert listed["items"][0]["id"] == made["id"]
    preview = world.ask("GET", f"/v1/schedules/{made['id']}/next?count=3").json()
    assert [each["local"][11:19] for each in preview["items"]] == ["09:00:00"] * 3
    assert preview["items"][0]["at"] == made["next_at"]


def test_run_now_starts_a_run_of_the_schedule(world: Any, made: dict[str, Any]) -> None:
    """Its answer is that of a trigger; the run is found under the schedule."""
    answer = world.ask("POST", f"/v1/schedules/{made['id']}/run")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    job = answer.json()["job_id"]
    (run,) = world.ask("GET", f"/v1/runs?schedule={made['id']}").json()["items"]
    assert (run["job_id"], run["source"], run["schedule_id"]) == (job, "schedule", made["id"])
    assert world.ask("GET", f"/v1/schedules/{made['id']}").json()["last_job_id"] == job
    assert job in str(world.ask("GET", "/v1/runs?source=schedule").json())


def test_a_put_replaces_everything(world: Any, made: dict[str, Any]) -> None:
    """What is left out falls back to its default; a disabled one has no next time."""
    body = {"workflow": "product-image", "cron": "@daily", "enabled": False, "name": "Nightly"}
    path = f"/v1/schedules/{made['id']}"
    refused = world.ask("PUT", path, json=body)
    assert (refused.status_code, refused.json()["error_code"]) == (422, "trigger.missing_field")
    assert refused.json()["invalid_field"] == "payload.product_name"
    body["payload"] = {"product_name": "Lamp"}
    changed = world.ask("PUT", path, json=body).json()
    assert (changed["cron"], changed["time_zone"], changed["next_at"]) == ("0 0 * * *", "UTC", None)
    assert world.ask("DELETE", path).status_code == 204
    assert world.ask("GET", path).status_code == 404


def test_every_wrong_field_is_listed(world: Any) -> None:
    """Each with its pointer and what would be right; wrong shapes before wrong meanings."""
    bad = GOOD | {"cron": "0 9 * *", "time_zone": "Mars/Olympus", "callback_url": "http://10.0.0.1/"}
    answer = world.ask("POST", "/v1/schedules", json=bad)
    errors = {each["field"]: each for each in answer.json()["errors"]}
    assert answer.status_code == 422
    assert set(errors) == {"cron", "time_zone", "callback_url"}
    assert "five fields" in errors["cron"]["detail"]
    assert errors["time_zone"]["pointer"] == "#/time_zone"
    assert errors["callback_url"]["error_code"] == "trigger.callback_url_refused"
    shape = world.ask("POST", "/v1/schedules", json=GOOD | {"missed": "sometimes", "when": "noon"})
    assert {each["field"] for each in shape.json()["errors"]} == {"missed", "when"}


def test_another_organisation_sees_nothing(world: Any, made: dict[str, Any], stranger: str) -> None:
    """The schedule is unknown to it, whatever it asks."""
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/run"), ("GET", "/next")):
        answer = world.ask(method, f"/v1/schedules/{made['id']}{path}", stranger)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "auth.not_found")
    assert world.ask("PUT", f"/v1/schedules/{made['id']}", stranger, json=GOOD).status_code in {404, 422}
    assert world.ask("GET", "/v1/schedules", stranger).json()["items"] == []
