"""Contract §5 over real HTTP: what a receiver gets, how often, and signed."""

import json
from itertools import pairwise

import httpx
import pytest
from standardwebhooks import Webhook

from tests.support.site import DELAYS, SECRET, Site, node, plain_graph, until

BODY = {
    "schema_version",
    "event",
    "job_id",
    "task_id",
    "project_id",
    "workflow",
    "version",
    "external_id",
    "status",
    "quality_warning",
    "trigger",
    "outputs",
    "metadata",
    "error",
    "timestamp",
}
OUTPUT = {
    "asset_id",
    "asset_url",
    "asset_type",
    "format",
    "width",
    "height",
    "bytes",
    "sha256",
    "platform_code",
    "alt_text",
    "caption",
    "filename_suggestion",
    "qc",
}
METADATA = {
    "prompt_used",
    "model_id",
    "seed",
    "style",
    "prompt_version",
    "credit_cost",
    "processing_time_seconds",
    "attempts",
    "trace_id",
}
ERROR = {"error_code", "error_description", "invalid_field", "node_id", "retryable", "attempts"}


def sent(site: Site, replies: str, **body: object) -> tuple[dict, list, str]:
    """A plain run told to a receiver that answers so; the run, what arrived, and the path."""
    path = site.mailbox.path(replies)
    run = site.ended(site.job(subject="x", callback_url=site.mailbox.url(path), **body))
    return run, site.mailbox.got[path], path


def test_the_callback_has_every_field_and_a_good_signature(site: Site):
    """S51 to S54, S58, S75: nothing more has to be asked for."""
    path = site.mailbox.path()
    job = site.job(
        "product-image",
        product_name="Copper kettle",
        product_id="SKU-9",
        external_id="order-9",
        callback_url=site.mailbox.url(path),
    )
    run = site.ended(job)
    (letter,) = site.mailbox.got[path]
    told = Webhook(SECRET).verify(letter.body, letter.headers)
    assert letter.headers["content-type"] == "application/json"
    assert letter.headers["webhook-id"].startswith("msg_")
    assert letter.headers["webhook-signature"].startswith("v1,")
    assert told.keys() >= BODY
    assert (told["schema_version"], told["event"], told["status"]) == ("1.0", "job.completed", "success")
    assert told["job_id"] == told["task_id"] == job
    assert (told["external_id"], told["error"], told["quality_warning"]) == ("order-9", None, False)
    assert told["trigger"] == {"product_name": "Copper kettle", "product_id": "SKU-9"}
    output = told["outputs"][0]
    assert output.keys() >= OUTPUT
    assert (output["asset_type"], output["platform_code"]) == ("image", "web")
    assert output["alt_text"]
    assert output["caption"]
    assert output["filename_suggestion"].endswith(f".{output['format']}")
    assert output["qc"]["passed"] is True
    assert {"name", "passed", "value", "threshold"} <= output["qc"]["checks"][0].keys()
    assert told["metadata"].keys() >= METADATA
    assert "Copper kettle" in told["metadata"]["prompt_used"]
    assert told["metadata"]["trace_id"] == run["trace_id"]
    assert told["timestamp"].endswith("Z")
    assert site.http.get(f"/v1/runs/{job}/callback").content == letter.body


def test_the_picture_opens_without_a_key_and_only_as_signed(site: Site):
    """`asset_url` is a real picture of the size it says; any change to it is 404."""
    run, (letter,), _ = sent(site, "204")
    output = json.loads(letter.body)["outputs"][0]
    picture = httpx.get(output["asset_url"], trust_env=False)
    assert picture.status_code == 200
    assert picture.headers["content-type"] == f"image/{output['format']}"
    assert len(picture.content) == output["bytes"]
    assert picture.headers["x-content-type-options"] == "nosniff"
    url = output["asset_url"]
    for bad in (
        url[:-1],
        url.replace("exp=", "exp=9"),
        url.partition("?")[0],
        url + "%C3%A9",
        url.replace("sig=", "sig=é"),
    ):
        answer = httpx.get(bad, trust_env=False)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "auth.not_found"), bad
    assert run["status"] == "succeeded"


def test_a_failing_receiver_is_tried_again_on_the_schedule(site: Site):
    """Same id and bytes at each attempt, never earlier than the schedule, fresh time and signature each."""
    run, letters, _ = sent(site, "500,302,204")
    assert run["callback_status"] == "delivered"
    assert len(letters) == 3
    assert len({letter.body for letter in letters}) == 1
    assert len({letter.headers["webhook-id"] for letter in letters}) == 1
    for delay, (before, after) in zip(DELAYS, pairwise(letters), strict=False):
        assert after.at - before.at >= delay
    for letter in letters:
        Webhook(SECRET).verify(letter.body, letter.headers)
    (delivery,) = site.http.get(f"/v1/runs/{run['job_id']}/deliveries").json()["items"]
    assert [each["status_code"] for each in delivery["tries"]] == [500, 302, 204]
    assert [each["error_code"] for each in delivery["tries"]] == [
        "delivery.http_5xx",
        "delivery.http_3xx",
        None,
    ]
    assert all(each["reason"] for each in delivery["tries"][:2])


def test_gone_stops_at_once(site: Site):
    """410 ends the delivery with one attempt."""
    run, letters, _ = sent(site, "410")
    assert (run["status"], run["callback_status"], len(letters)) == ("succeeded", "permanently_failed", 1)


def test_retry_after_lengthens_a_wait_up_to_double(site: Site):
    """A receiver that asks for an hour gets double the schedule."""
    run, letters, _ = sent(site, "503+retry-after=3600,204")
    assert run["callback_status"] == "delivered"
    assert DELAYS[0] * 2 <= letters[1].at - letters[0].at < DELAYS[0] * 2 + 8


def test_after_the_last_try_it_is_listed_alerted_and_replayed(site: Site):
    """1 + 3 attempts, an alert, no second run; one replay sends the same id and bytes again."""
    run, letters, path = sent(site, "500,500,500,500,204", external_id="given-up")
    assert (run["status"], run["callback_status"], len(letters)) == ("succeeded", "permanently_failed", 4)
    alerts = site.http.get("/v1/alerts", params={"limit": 200}).json()["items"]
    assert ("delivery.permanently_failed", run["job_id"]) in {
        (each["code"], each["subject"]) for each in alerts
    }
    listed = site.http.get("/v1/deliveries", params={"status": "permanently_failed"}).json()["items"]
    delivery = next(each for each in listed if each["job_id"] == run["job_id"])
    assert len(site.http.get("/v1/runs", params={"q": "given-up"}).json()["items"]) == 1

    answer = site.http.post(f"/v1/deliveries/{delivery['id']}/replay", headers={"x-request-id": "replay-1"})
    assert answer.status_code == 202
    until(lambda: site.run(run["job_id"])["callback_status"] == "delivered")
    letters = site.mailbox.got[path]
    assert len(letters) == 5
    assert letters[4].body == letters[0].body
    assert letters[4].headers["webhook-id"] == letters[0].headers["webhook-id"]
    entry = site.http.get("/v1/audit", params={"object": delivery["id"]}).json()["items"][0]
    assert (entry["action"], entry["request_id"]) == ("delivery.replay", "replay-1")

    many = {"status": "delivered", "job_id": run["job_id"]}
    dry = site.http.post("/v1/deliveries/replay", json=many | {"dry_run": True}).json()
    assert (dry["matched"], dry["replayed"]) == (1, 0)
    assert site.http.post("/v1/deliveries/replay", json=many).json()["replayed"] == 1
    until(lambda: len(site.mailbox.got[path]) == 6)


def test_a_failed_picture_check_fails_or_warns_as_set(site: Site):
    """Never a bad picture as plain success: failed, or success with the warning (S46, S48)."""
    strict, lenient = plain_graph(on_fail="fail"), plain_graph(on_fail="deliver_with_warning")
    for graph in (strict, lenient):
        graph["nodes"][3]["settings"] |= {"min_width": 2000}
    site.workflow("qc-strict", strict)
    site.workflow("qc-lenient", lenient)
    path = site.mailbox.path()
    failed = site.ended(site.job("qc-strict", subject="x", callback_url=site.mailbox.url(path)))
    told = json.loads(site.mailbox.got[path][0].body)
    assert (failed["status"], failed["error_code"]) == ("failed", "node.qc_failed")
    assert (told["event"], told["status"], told["outputs"]) == ("job.failed", "failed", [])
    assert told["error"].keys() >= ERROR
    assert (told["error"]["node_id"], told["error"]["retryable"]) == ("check", False)
    warned = site.ended(site.job("qc-lenient", subject="x"))
    assert (warned["status"], warned["quality_warning"]) == ("succeeded", True)
    assert warned["outputs"][0]["qc"]["passed"] is False


def test_the_test_inbox_takes_callbacks_and_says_whether_they_are_ours(site: Site):
    """Anyone's URL: posts need no key, reading does; our own signature is recognised."""
    job = site.job(subject="x", callback_url=f"{site.url}/v1/inbox/mine")
    assert site.ended(job)["callback_status"] == "delivered"
    anonymous = httpx.post(f"{site.url}/v1/inbox/mine", json={"hello": 1}, trust_env=False)
    assert anonymous.status_code == 200
    messages = site.http.get("/v1/inbox/mine").json()["items"]
    assert [(each["body"].get("job_id"), each["verified"]) for each in messages] == [
        (None, None),
        (job, True),
    ]
    assert httpx.get(f"{site.url}/v1/inbox/mine", trust_env=False).status_code == 401


def test_two_signatures_while_a_secret_rotates(site: Site):
    """A receiver with the old or the new secret verifies every callback of the day."""
    old = site.http.post("/v1/callers", json={"name": "rotating"}).json()["secret"]
    key = site.http.post("/v1/keys", json={"caller": "rotating"}).json()["key"]
    new = site.http.post("/v1/callers/rotating/secret").json()["secret"]
    path = site.mailbox.path()
    answer = site.trigger(
        headers={"authorization": f"Bearer {key}"}, subject="x", callback_url=site.mailbox.url(path)
    )
    site.ended(answer.json()["job_id"])
    (letter,) = site.mailbox.got[path]
    assert letter.headers["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        Webhook(secret).verify(letter.body, letter.headers)


@pytest.mark.parametrize("path", ["/callback", "/nowhere"])
def test_the_callback_of_an_open_run_is_not_there_yet(site: Site, path: str):
    """409 until the run has ended, 404 for what there never is."""
    if path == "/callback":
        site.workflow("one-a-day", plain_graph(node("limit", "rate_limiter", limit=1, window_seconds=86_400)))
        site.job("one-a-day", subject="1")
    job = site.job("one-a-day", subject="2")
    answer = site.http.get(f"/v1/runs/{job}{path}")
    expected = {"/nowhere": (404, "http.not_found"), "/callback": (409, "run.not_ended")}[path]
    assert (answer.status_code, answer.json()["error_code"]) == expected
    site.http.post(f"/v1/runs/{job}/cancel")
