"""The trigger takes what is right, says no to what is not, and never says more than it must (contract §3)."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.delivery.signing import sign
from app.store.audit import Actor


def by(world: Any) -> Actor:
    return Actor(world.org_id, "tests")


def test_a_good_trigger_is_answered_after_it_is_stored(world: Any) -> None:
    """The 202 has every member of the contract, and the run is readable at its Location at once."""
    answer = world.trigger(
        product_id="SKU-1", external_id="SKU-1", extra=1, callback_url="https://example.com/x"
    )
    body = answer.json()
    assert answer.status_code == 202
    assert body["job_id"] == body["task_id"]
    assert (body["workflow"], body["version"], body["status"]) == ("product-image", 1, "queued")
    assert body["ignored_fields"] == ["extra"]
    assert body["callback_url"] == "https://example.com/x"
    assert answer.headers["location"] == body["links"]["self"]
    assert "idempotency-replayed" not in answer.headers
    run = world.ask("GET", answer.headers["location"]).json()
    assert run["trigger"] == {"product_name": "Oak chair", "product_id": "SKU-1"}
    assert run["external_id"] == "SKU-1"
    assert run["callback_status"] == "pending"


def test_defaults_are_filled_in(world: Any) -> None:
    """A field that is left out gets its declared default as input, and null counts as left out."""
    job_id = world.trigger(target_style=None, external_id=None).json()["job_id"]
    run = world.ask("GET", f"/v1/runs/{job_id}").json()
    assert (run["inputs"]["target_style"], run["inputs"]["target_platform"]) == ("studio", "web")


def test_a_version_can_be_pinned(world: Any) -> None:
    """slug@version runs that version."""
    assert world.trigger("product-image@1").json()["version"] == 1


def test_request_and_trace_ids_are_carried(world: Any) -> None:
    """X-Request-Id and traceparent of the caller are kept when usable, and replaced when not (S123)."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"x-request-id": "abc-1", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    answer = world.ask("POST", "/v1/hooks/product-image", json={"product_name": "A"}, headers=headers)
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "abc-1"
    assert answer.json()["trace_id"] == trace
    odd = {"x-request-id": "bad id\t!", "traceparent": "00-zz-1"}
    other = world.ask("POST", "/v1/hooks/product-image", json={"product_name": "A"}, headers=odd)
    assert other.json()["request_id"].startswith("req_")
    assert len(other.json()["trace_id"]) == 32


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "auth.missing"),
        ({"authorization": "Bearer sk_unknown_unknown_unknown_unknown"}, "auth.invalid"),
        ({"authorization": "Bearer "}, "auth.invalid"),
        ({"authorization": "Basic b3duZXI6a2V5"}, "auth.invalid"),
        ({"authorization": "Bearer " + "x" * 5000}, "auth.invalid"),
        ({"authorization": "Bearer schlüssel-mit-umlaut-und-länge".encode("latin-1")}, "auth.invalid"),
        ({"cookie": "sakuga_session=abc"}, "auth.missing"),
    ],
)
def test_without_a_good_key_nothing_is_told(world: Any, headers: dict[str, Any], code: str) -> None:
    """Known and unknown workflows answer the same 401, and a cookie is not looked at (S15)."""
    told = []
    for slug in ("product-image", "nowhere"):
        answer = world.ask("POST", f"/v1/hooks/{slug}", None, content=b"{", headers=headers)
        told.append({**answer.json(), "request_id": "", "trace_id": "", "instance": ""})
        assert (answer.status_code, answer.json()["error_code"]) == (401, code)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert told[0] == told[1]


def test_a_revoked_key_is_refused(world: Any) -> None:
    """Revoked and unknown keys get the same answer (S13)."""
    made = world.system.keys.create(world.org_id, world.caller_id, "caller", "short-lived")
    assert world.trigger(key=made.plain).status_code == 202
    world.system.keys.revoke(world.org_id, made.id)
    refused, unknown = world.trigger(key=made.plain), world.trigger(key="sk_" + "a" * 38)
    assert refused.status_code == unknown.status_code == 401
    assert refused.json()["detail"] == unknown.json()["detail"]


def test_a_role_that_may_not_trigger_is_told_so(world: Any) -> None:
    """403 names the action that is missing."""
    answer = world.trigger(key=world.key("viewer"))
    assert (answer.status_code, answer.json()["error_code"]) == (403, "auth.scope")
    assert answer.json()["action"] == "runs.trigger"


def test_a_foreign_workflow_does_not_exist(world: Any, stranger: str) -> None:
    """Another organisation's workflow answers as one that nobody has."""
    foreign, unknown = world.trigger(key=stranger).json(), world.trigger("nowhere", key=stranger).json()
    assert foreign["error_code"] == unknown["error_code"] == "trigger.workflow_not_found"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_post_triggers(world: Any, method: str) -> None:
    """Other methods get 405 with Allow."""
    answer = world.ask(method, "/v1/hooks/product-image")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_body_over_the_limit_is_refused(world: Any) -> None:
    """1 MiB passes the door; one byte more is 413, announced or streamed."""
    frame = len(json.dumps({"product_name": "A", "pad": ""}))
    fits = json.dumps({"product_name": "A", "pad": "x" * (1024 * 1024 - frame)}).encode()
    headers = {"content-type": "application/json"}
    assert len(fits) == 1024 * 1024
    assert world.ask("POST", "/v1/hooks/product-image", content=fits, headers=headers).status_code == 202

    def stream() -> Iterator[bytes]:
        yield fits
        yield b" "

    for body in (fits + b" ", stream()):
        answer = world.ask("POST", "/v1/hooks/product-image", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error_code"]) == (413, "trigger.body_too_large")
        assert answer.json()["max_bytes"] == 1024 * 1024


def test_draft_only_and_archived_workflows(world: Any) -> None:
    """409 before the first publication, 410 after archiving."""
    world.ask("POST", "/v1/workflows", json={"slug": "only-a-draft"})
    assert world.trigger("only-a-draft").json()["error_code"] == "trigger.workflow_not_published"
    assert world.trigger("only-a-draft").status_code == 409
    world.ask("DELETE", "/v1/workflows/only-a-draft")
    answer = world.trigger("only-a-draft")
    assert (answer.status_code, answer.json()["error_code"]) == (410, "trigger.workflow_archived")


def test_what_was_accepted_before_archiving_gets_its_first_answer_again(world: Any) -> None:
    """The same key and payload are answered as before, byte for byte; anything else meets the archive."""
    graph = world.ask("GET", "/v1/workflows/product-image/draft").json()
    world.ask("POST", "/v1/workflows", json={"slug": "soon-archived", "graph": graph})
    assert world.ask("POST", "/v1/workflows/soon-archived/publish", json={"note": "x"}).status_code == 201
    first = world.trigger("soon-archived", product_id="P-1", idempotency_key="order-1")
    assert first.status_code == 202, first.text
    world.ask("DELETE", "/v1/workflows/soon-archived")
    again = world.trigger("soon-archived", product_id="P-1", idempotency_key="order-1")
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = world.trigger("soon-archived", product_id="P-2", idempotency_key="order-1")
    assert other.json()["error_code"] == "trigger.idempotency_mismatch"
    fresh = world.trigger("soon-archived", product_id="P-1", idempotency_key="order-2")
    assert (fresh.status_code, fresh.json()["error_code"]) == (410, "trigger.workflow_archived")


@pytest.mark.parametrize(
    "url",
    ["https://example.com/hook", "https://example.com:8443/a?b=c", "http://127.0.0.1:8099/v1/inbox/first"],
)
def test_good_callbacks_are_taken(world: Any, url: str) -> None:
    """Public https on 443 and 8443, and our own test inbox."""
    assert world.trigger(callback_url=url).status_code == 202


def test_an_invalid_trigger_owes_a_callback(world: Any) -> None:
    """The same error object is put on its way to a good callback_url (S41)."""
    answer = world.trigger(target_style="baroque", callback_url="https://example.com/hook")
    job_id = answer.json()["job_id"]
    delivery = world.ask("GET", f"/v1/runs/{job_id}/deliveries").json()["items"][0]
    body = world.ask("GET", f"/v1/runs/{job_id}/callback").json()
    assert delivery["url"] == "https://example.com/hook"
    assert (body["event"], body["status"]) == ("job.failed", "failed")
    assert body["error"]["error_code"] == answer.json()["error_code"] == "trigger.unknown_value"
    assert body["error"]["invalid_field"] == "target_style"
    assert body["trigger"]["target_style"] == "baroque"


def test_a_project_can_be_named(world: Any) -> None:
    """project_id takes the project's id or slug."""
    project_id = world.trigger().json()["project_id"]
    assert world.trigger(project_id="default").json()["project_id"] == project_id
    assert world.trigger(project_id=project_id).json()["project_id"] == project_id


def test_signatures_are_checked_when_there(world: Any) -> None:
    """A good signature passes, a wrong or old one is 401; a caller may demand one (contract §3)."""
    caller = world.system.callers.create(by(world), "signer")
    key = world.key("caller", caller.id)
    body, now = json.dumps({"product_name": "A"}).encode(), int(time.time())

    def send(headers: dict[str, str], content: bytes = body) -> int:
        plain = {"content-type": "application/json", **headers}
        return int(
            world.ask("POST", "/v1/hooks/product-image", key, content=content, headers=plain).status_code
        )

    good = sign(caller.secrets, "msg_1", now, body)
    assert send(good) == 202
    assert send(good, b'{"product_name": "B"}') == 401
    assert send(sign(caller.secrets, "msg_1", now - 3600, body)) == 401
    assert send({"webhook-id": "msg_1"}) == 401
    assert send({**good, "webhook-signature": "nonsense"}) == 401
    assert send({}) == 202
    world.system.callers.configure(by(world), "signer", {"require_signature": True})
    assert send({}) == 401
    assert send(good) == 202


def test_when_the_store_is_away_nothing_is_promised(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with Retry-After, and no run (contract §3)."""
    before = world.ask("GET", "/v1/runs?limit=1").json()["items"][0]["job_id"]
    with store_failing(world, monkeypatch):
        answer = world.trigger()
    assert (answer.status_code, answer.json()["error_code"]) == (503, "trigger.unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["retryable"] is True
    assert world.ask("GET", "/v1/runs?limit=1").json()["items"][0]["job_id"] == before


@contextmanager
def store_failing(world: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail() -> Any:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(world.system.db, "write", fail)
        yield
