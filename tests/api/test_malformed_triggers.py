"""Whatever arrives at the trigger's door: a problem that names code and field, never a fault of ours (S4)."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest

from app.api import codes

ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("malformed_triggers.jsonl").read_text("utf-8").splitlines()
]
MEMBERS = {
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "error_code",
    "error_description",
    "invalid_field",
    "retryable",
    "request_id",
    "trace_id",
    "errors",
}


def body_of(row: dict[str, Any]) -> bytes:
    if "base64" in row:
        return base64.b64decode(row["base64"])
    return str(row["text"]).encode() if "text" in row else json.dumps(row["json"]).encode()


def send(world: Any, row: dict[str, Any]) -> Any:
    headers = row.get("headers", {"content-type": "application/json"})
    slug = row.get("slug", "product-image")
    return world.ask("POST", f"/v1/hooks/{slug}", content=body_of(row), headers=headers)


def test_there_are_enough_of_them() -> None:
    """The corpus holds at least a hundred cases, each under its own name."""
    assert len(ROWS) >= 100
    assert len({row["name"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_is_refused_by_name(world: Any, row: dict[str, Any]) -> None:
    """Each is answered at once with its own status, code and field, in a complete problem document."""
    begun = time.monotonic()
    answer = send(world, row)
    problem = answer.json()
    assert time.monotonic() - begun < 2
    assert (answer.status_code, problem["error_code"]) == (row["status"], row["code"]), problem["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.keys() >= MEMBERS
    assert problem["invalid_field"] == row.get("field")
    assert problem["detail"] == problem["error_description"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    if row.get("field"):
        assert problem["errors"][0]["pointer"].startswith("#/")


@pytest.mark.parametrize("row", [row for row in ROWS if row["status"] == 422], ids=lambda row: row["name"])
def test_invalid_input_is_kept_as_a_failed_run(world: Any, row: dict[str, Any]) -> None:
    """A 422 names the failed run, which shows in the history with the same code and one attempt (S40)."""
    problem = send(world, row).json()
    run = world.ask("GET", f"/v1/runs/{problem['job_id']}").json()
    assert (run["status"], run["error_code"]) == ("failed", row["code"])
    assert run["error"]["invalid_field"] == row["field"]
    assert run["error"]["attempts"] == 1
    assert run["callback_url"] is None or not row["code"].endswith("callback_url_refused")


def test_nothing_secret_or_inside_leaks(world: Any) -> None:
    """No answer carries the key, a trace of code, SQL, or a resolved address."""
    told = "".join(send(world, row).text for row in ROWS)
    for hidden in ("owner-key", "Traceback", "sqlite", "SELECT", 'File "'):
        assert hidden not in told


def test_the_door_still_works_afterwards(world: Any) -> None:
    """After all of them a good trigger is taken."""
    assert world.trigger().status_code == 202
    assert world.ask("GET", "/healthz", None).status_code == 200


def test_every_code_used_is_explained() -> None:
    """Each code of the corpus has a page with its status."""
    for row in ROWS:
        assert codes.get(row["code"]).status == row["status"]


def test_all_wrong_fields_are_named_at_once(world: Any) -> None:
    """One answer lists every wrong field with what would be right (S41)."""
    answer = world.trigger(
        product_name=None,
        target_style="stduio",
        callback_url="http://example.com/",
        external_id=7,
        idempotency_key="",
    )
    errors = {each["field"]: each for each in answer.json()["errors"]}
    assert errors.keys() == {
        "product_name",
        "target_style",
        "callback_url",
        "external_id",
        "idempotency_key",
    }
    assert errors["target_style"]["did_you_mean"] == "studio"
    assert "studio" in errors["target_style"]["allowed"]
    assert errors["callback_url"]["reason"] == "scheme"
