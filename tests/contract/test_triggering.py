"""Contract §3 over real HTTP: the trigger, its answer, body, key and idempotency."""

import json
import time

import httpx
import pytest
from standardwebhooks import Webhook

from tests.support.site import KEY, Site, refused, until

ACCEPTED = {
    "job_id",
    "task_id",
    "project_id",
    "workflow",
    "version",
    "status",
    "wait",
    "callback_url",
    "external_id",
    "trace_id",
    "request_id",
    "created_at",
    "ignored_fields",
    "links",
}
TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_the_answer_has_every_member_of_the_contract(site: Site):
    """The 202 says where the run is and what was taken; the run can be read at once."""
    answer = site.trigger(
        subject="A lamp", external_id="SKU-7", colour="red", callback_url=f"{site.url}/v1/inbox/members"
    )
    assert answer.status_code == 202
    body = answer.json()
    assert set(body) == ACCEPTED
    assert body["job_id"] == body["task_id"]
    assert body["job_id"].startswith("run_")
    assert answer.headers["location"] == body["links"]["self"] == f"/v1/runs/{body['job_id']}"
    assert (body["workflow"], body["version"], body["status"], body["wait"]) == ("plain", 1, "queued", None)
    assert (body["external_id"], body["ignored_fields"]) == ("SKU-7", ["colour"])
    assert set(body["links"]) == {"self", "events", "cancel"}
    found = site.http.get(body["links"]["self"])
    assert found.status_code == 200
    assert found.json()["external_id"] == "SKU-7"
    assert site.http.get("/v1/runs", params={"q": "SKU-7"}).json()["items"][0]["job_id"] == body["job_id"]


def test_ids_of_the_caller_are_taken_over(site: Site):
    """X-Request-Id and the W3C trace go through to the run."""
    headers = {"x-request-id": "shop-42", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    answer = site.trigger(headers=headers, subject="A lamp")
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "shop-42"
    assert answer.json()["trace_id"] == TRACE
    run = site.run(answer.json()["job_id"])
    assert (run["request_id"], run["trace_id"]) == ("shop-42", TRACE)


def test_a_version_is_pinned_by_its_number(site: Site):
    """`slug@version` runs that version; one that is not there is named as not found."""
    assert site.trigger("plain@1", subject="x").json()["version"] == 1
    refused(site.trigger("plain@9", subject="x"), 404, "trigger.workflow_not_found")
    refused(site.trigger("nothing", subject="x"), 404, "trigger.workflow_not_found")


def test_a_draft_and_an_archived_workflow_say_what_they_are(site: Site):
    """Never published is 409, taken out of use 410."""
    site.http.post("/v1/workflows", json={"slug": "draft-only"}).raise_for_status()
    refused(site.trigger("draft-only", x=1), 409, "trigger.workflow_not_published")
    site.http.delete("/v1/workflows/draft-only").raise_for_status()
    refused(site.trigger("draft-only", x=1), 410, "trigger.workflow_archived")


def test_the_project_may_be_named(site: Site):
    """`project_id` is an id or a slug of the caller's organisation."""
    known = site.trigger(subject="x").json()["project_id"]
    assert site.trigger(subject="x", project_id=known).json()["project_id"] == known
    assert site.trigger(subject="x", project_id="default").json()["project_id"] == known
    problem = refused(site.trigger(subject="x", project_id="prj_other"), 422, "trigger.unknown_value")
    assert problem["invalid_field"] == "project_id"


def test_the_key_is_demanded(site: Site):
    """No key and a wrong key are 401, with the challenge that HTTP asks for."""
    bare = httpx.post(f"{site.url}/v1/hooks/plain", json={"subject": "x"}, trust_env=False)
    refused(bare, 401, "auth.missing")
    assert bare.headers["www-authenticate"].startswith("Bearer")
    refused(site.trigger(headers={"authorization": "Bearer sk_wrong"}, subject="x"), 401, "auth.invalid")
    refused(site.trigger(headers={"authorization": "Bearer ключ".encode()}, subject="x"), 401, "auth.invalid")


JSON = {"content-type": "application/json"}
BODIES = [
    (b'{"subject": ', JSON, 400, "malformed_json"),
    (b"", JSON, 400, "malformed_json"),
    (b'{"subject": "\xff"}', JSON, 400, "malformed_json"),
    (b'\xef\xbb\xbf{"subject": "x"}', JSON, 400, "malformed_json"),
    (b'{"subject": NaN}', JSON, 400, "malformed_json"),
    (b'{"subject": 1e999}', JSON, 400, "malformed_json"),
    (b'{"subject": "\\ud800"}', JSON, 400, "malformed_json"),
    (b'{"subject": ' + b"9" * 5000 + b"}", JSON, 400, "malformed_json"),
    (b"[1]", JSON, 400, "not_an_object"),
    (b"null", JSON, 400, "not_an_object"),
    (b'{"subject": "x", "subject": "y"}', JSON, 400, "duplicate_key"),
    (b'{"subject": "x", "a": ' + b"[" * 64 + b"]" * 64 + b"}", JSON, 400, "too_deep"),
    (b"[" * 100_000, JSON, 400, "too_deep"),
    (b'{"a":' * 100_000, JSON, 400, "too_deep"),
    (b"subject=x", {"content-type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
    (b'{"subject": "x"}', {}, 415, "unsupported_media_type"),
    (b'{"subject": "x"}', JSON | {"content-encoding": "gzip"}, 415, "unsupported_encoding"),
    (b'{"subject": "x"}', {"content-type": "application/json; charset=latin-1"}, 415, "unsupported_encoding"),
    (b'{"subject": "' + b"x" * (1 << 20) + b'"}', JSON, 413, "body_too_large"),
]


@pytest.mark.parametrize(("body", "headers", "status", "code"), BODIES, ids=range(len(BODIES)))
def test_a_body_that_cannot_be_read_is_refused_by_name(site: Site, body, headers, status, code):
    """Every way a body can be unreadable has its status and code, and none uses a worker."""
    refused(site.http.post("/v1/hooks/plain", content=body, headers=headers), status, f"trigger.{code}")


def test_sixty_four_levels_and_a_whole_mebibyte_pass(site: Site):
    """The limits themselves are still allowed."""
    deep = b'{"subject": "x", "a": ' + b"[" * 63 + b"]" * 63 + b"}"
    assert site.http.post("/v1/hooks/plain", content=deep, headers=JSON).status_code == 202
    head, tail = b'{"subject": "x", "a": "', b'"}'
    large = head + b"x" * ((1 << 20) - len(head) - len(tail)) + tail
    assert site.http.post("/v1/hooks/plain", content=large, headers=JSON).status_code == 202


def test_the_same_key_and_payload_get_the_first_answer_byte_for_byte(site: Site):
    """Header or field, other order of members: one run, one answer (S119)."""
    first = site.trigger(headers={"idempotency-key": "k-1"}, subject="x", external_id="e")
    again = site.trigger(headers={"idempotency-key": "k-1"}, external_id="e", subject="x")
    field = site.trigger(external_id="e", subject="x", idempotency_key="k-1")
    both = site.trigger(
        headers={"idempotency-key": "k-1"}, external_id="e", subject="x", idempotency_key="k-1"
    )
    assert {answer.status_code for answer in (first, again, field, both)} == {202}
    assert {answer.content for answer in (again, field, both)} == {first.content}
    assert "idempotency-replayed" not in first.headers
    assert {answer.headers["idempotency-replayed"] for answer in (again, field, both)} == {"true"}
    assert again.headers["location"] == first.headers["location"]


def test_the_same_key_with_another_payload_is_a_mismatch(site: Site):
    """422, and no run: neither an accepted nor a failed one."""
    site.job(subject="x", idempotency_key="k-2")
    before = site.http.get("/v1/runs", params={"limit": 1}).json()["items"][0]["job_id"]
    for other in ({"subject": "y"}, {"subject": 7}, {}):
        answer = site.trigger(idempotency_key="k-2", **other)
        assert "job_id" not in refused(answer, 422, "trigger.idempotency_mismatch")
    assert site.http.get("/v1/runs", params={"limit": 1}).json()["items"][0]["job_id"] == before


def test_header_and_field_must_agree_and_be_printable(site: Site):
    """A bad key is named as the field it is."""
    two = site.trigger(headers={"idempotency-key": "a"}, subject="x", idempotency_key="b")
    assert refused(two, 422, "trigger.bad_idempotency_key")["invalid_field"] == "idempotency_key"
    twice = [("authorization", f"Bearer {KEY}"), ("idempotency-key", "a"), ("idempotency-key", "b")]
    answer = httpx.post(f"{site.url}/v1/hooks/plain", json={"subject": "x"}, headers=twice)
    assert refused(answer, 422, "trigger.bad_idempotency_key")["invalid_field"] == "idempotency_key"
    for key in ("", "é", "x" * 256, 7):
        answer = site.trigger(subject="x", idempotency_key=key)
        assert refused(answer, 422, "trigger.bad_idempotency_key")["invalid_field"] == "idempotency_key"


def test_a_refused_trigger_does_not_use_up_its_key(site: Site):
    """Corrected input with the same key starts the run."""
    refused(site.trigger(idempotency_key="k-3"), 422, "trigger.missing_field")
    answer = site.trigger(subject="x", idempotency_key="k-3")
    assert answer.status_code == 202
    assert "idempotency-replayed" not in answer.headers


def test_signed_triggers_are_checked_and_may_be_demanded(site: Site):
    """Standard Webhooks headers hold or the trigger is 401; a caller's settings can demand them."""
    made = site.http.post("/v1/callers", json={"name": "signing"}).json()
    key = site.http.post("/v1/keys", json={"caller": "signing", "role": "caller"}).json()["key"]
    body = json.dumps({"subject": "x"})

    def send(**headers: str) -> httpx.Response:
        own = JSON | {"authorization": f"Bearer {key}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return site.http.post("/v1/hooks/plain", content=body, headers=own)

    def signed(at: float) -> dict[str, str]:
        from datetime import UTC, datetime  # noqa: PLC0415

        stamp = datetime.fromtimestamp(at, UTC)
        return {
            "webhook_id": "msg_1",
            "webhook_timestamp": str(int(at)),
            "webhook_signature": Webhook(made["secret"]).sign("msg_1", stamp, body),
        }

    assert send().status_code == 202
    assert send(**signed(time.time())).status_code == 202
    refused(send(**signed(time.time() - 3600)), 401, "auth.invalid")
    refused(send(**signed(time.time()) | {"webhook_signature": "v1,AAAA"}), 401, "auth.invalid")
    refused(send(webhook_id="msg_1"), 401, "auth.invalid")
    site.http.put(
        "/v1/callers/signing/settings", json={"settings": {"require_signature": True}}
    ).raise_for_status()
    until(lambda: send().status_code == 401, seconds=5)
    assert send(**signed(time.time())).status_code == 202


def test_a_full_trigger_of_the_example_makes_a_picture(site: Site):
    """S15 to S20 as they stand in the README end in an output for the platform."""
    job = site.job(
        "product-image",
        product_id="SKU-1",
        product_name="Copper kettle",
        product_category="kitchen",
        target_style="anime",
        target_platform="instagram_feed",
        callback_url=f"{site.url}/v1/inbox/example",
    )
    run = site.ended(job)
    assert (run["status"], run["callback_status"]) == ("succeeded", "delivered"), run
    output = run["outputs"][0]
    assert (output["platform_code"], output["width"], output["height"]) == ("instagram_feed", 1080, 1350)
