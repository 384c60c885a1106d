"""What the server writes to standard error: JSON, one line per ended run, no secret (S126)."""

import json

from tests.support.site import KEY, SECRET, Site, node, plain_graph, until

FIELDS = {
    "request_id",
    "project_id",
    "task_id",
    "user_id",
    "model",
    "prompt_version",
    "status",
    "duration",
    "callback_status",
}


def ended(site: Site, job: str) -> dict:
    """The one line about the end of a run."""

    def look() -> list[dict]:
        return [line for line in site.lines() if line["event"] == "run_ended" and line["task_id"] == job]

    (line,) = until(look, 10)
    return line


def test_each_end_of_a_run_is_one_line_with_nine_fields(site: Site):
    """Succeeded, refused and cancelled runs alike (S126)."""
    site.workflow("logged", plain_graph(node("limit", "rate_limiter", limit=1, window_seconds=86_400)))
    path = site.mailbox.path()
    answer = site.trigger(
        "logged", {"x-request-id": "log-1"}, subject="x", callback_url=site.mailbox.url(path)
    )
    good = site.ended(answer.json()["job_id"])
    line = ended(site, good["job_id"])
    assert line.keys() >= FIELDS
    assert (line["level"], line["role"], line["request_id"]) == ("info", "worker", "log-1")
    assert (line["status"], line["model"]) == ("succeeded", "procedural/instant-1")
    assert (line["prompt_version"], line["callback_status"]) == ("logged@1", "pending")
    assert line["project_id"] == good["project_id"]
    assert line["user_id"]
    assert line["duration"] > 0
    told = until(
        lambda: [e for e in site.lines() if e["event"] == "callback_ended" and e["task_id"] == good["job_id"]]
    )
    assert [each["callback_status"] for each in told] == ["delivered"]

    refused = ended(site, site.trigger("logged").json()["job_id"])
    assert refused.keys() >= FIELDS
    assert (refused["status"], refused["callback_status"]) == ("failed", "none")
    assert refused["error_code"] == "trigger.missing_field"

    job = site.job("logged", subject="held")
    site.http.post(f"/v1/runs/{job}/cancel").raise_for_status()
    cancelled = ended(site, job)
    assert cancelled.keys() >= FIELDS
    assert cancelled["status"] == "cancelled"


def test_every_line_is_json_and_none_holds_a_secret(site: Site):
    """A machine can read all of it, and may keep it."""
    site.http.post("/v1/callers", json={"name": "quiet"}).raise_for_status()
    made = site.http.post("/v1/keys", json={"caller": "quiet"}).json()["key"]
    site.trigger(headers={"authorization": f"Bearer {made}"}, subject="x")
    text = site.log.read_text()
    for line in text.splitlines():
        assert {"event", "level", "timestamp"} <= json.loads(line).keys(), line
    for secret in (KEY, SECRET, SECRET.removeprefix("whsec_"), made):
        assert secret not in text
