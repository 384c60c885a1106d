"""Contract §4 over real HTTP: lists, steps, cancel, rerun, replay."""

import json
import time
from datetime import datetime, timedelta

import httpx
import pytest

from tests.support.site import Site, node, plain_graph, until

WAIT = {"reason", "position", "expected_start", "explanation"}


@pytest.fixture(scope="module")
def broken(site: Site) -> dict:
    """A run that was refused for its input, without a callback."""
    answer = site.trigger(external_id="broken-1")
    return site.run(answer.json()["job_id"])


@pytest.fixture(scope="module")
def limited(site: Site) -> str:
    """A workflow of which one run may start every three seconds."""
    site.workflow("limited", plain_graph(node("limit", "rate_limiter", limit=1, window_seconds=3)))
    return "limited"


def ids(site: Site, **filters: object) -> list[str]:
    answer = site.http.get("/v1/runs", params=filters)
    assert answer.status_code == 200, answer.text
    return [each["job_id"] for each in answer.json()["items"]]


def test_every_filter_narrows_the_list(site: Site, done: dict, broken: dict):
    """Each of the contract's filters finds the one run and leaves out the other."""
    good, bad = done["job_id"], broken["job_id"]
    at = done["created_at"]
    for filters, inside, outside in [
        ({"workflow": "plain", "external": ""}, good, None),
        ({"workflow": "product-image"}, None, good),
        ({"status": "succeeded"}, good, bad),
        ({"status": "failed,cancelled"}, bad, good),
        ({"caller": "default"}, good, None),
        ({"caller": "nobody"}, None, good),
        ({"project": done["project_id"]}, good, None),
        ({"project": "default"}, good, None),
        ({"project": "elsewhere"}, None, good),
        ({"callback_status": "delivered"}, good, bad),
        ({"callback_status": "none"}, bad, good),
        ({"error_code": "trigger.missing_field"}, bad, good),
        ({"since": at}, good, None),
        ({"until": at}, None, good),
        ({"since": "2100-01-01T00:00:00Z"}, None, good),
        ({"q": "done-1"}, good, bad),
        ({"q": good}, good, bad),
        ({"q": done["trace_id"]}, good, bad),
        ({"q": "A lamp"}, good, bad),
    ]:
        found = ids(site, limit=200, **filters)
        assert inside is None or inside in found, filters
        assert outside is None or outside not in found, filters


def test_pages_follow_the_key_and_hold_still(site: Site):
    """A page begins after the cursor, whatever arrived meanwhile; the last one has none."""
    jobs = [site.job(subject=str(number), external_id="page") for number in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        page = site.http.get(
            "/v1/runs", params={"q": "page", "limit": 2} | ({"cursor": cursor} if cursor else {})
        ).json()
        seen += [each["job_id"] for each in page["items"]]
        site.job(subject="late", external_id="page")
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == jobs[::-1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1000", "limit"),
        ("limit=x", "limit"),
        ("cursor=%27", "cursor"),
        ("status=done", "status"),
        ("callback_status=x", "callback_status"),
        ("since=yesterday", "since"),
        ("until=1e99", "until"),
    ],
)
def test_a_bad_filter_is_named(site: Site, query: str, field: str):
    """A parameter that cannot be used is a 422 that names it."""
    answer = site.http.get(f"/v1/runs?{query}")
    assert answer.status_code == 422
    assert answer.json()["invalid_field"] == field


def test_a_run_says_all_of_the_contract(site: Site, done: dict):
    """What §4 promises of a run stands on the run (S103, S123, S124)."""
    assert {
        "status",
        "wait",
        "progress",
        "duration",
        "credit_cost",
        "callback_status",
        "outputs",
    } <= done.keys()
    assert {"job_id", "task_id", "project_id", "callback_url", "trace_id", "input_version"} <= done.keys()
    assert done["progress"] is None
    assert done["duration"] > 0
    assert done["credit_cost"] > 0
    assert done["model_id"] == "procedural/instant-1"
    assert done["prompt_version"] == "plain@1"
    assert done["executor"]
    assert done["outputs"][0]["asset_url"].startswith(site.url)


def test_steps_say_who_did_what_for_how_long(site: Site, done: dict):
    """One step per node in order, with attempts, executor, model, versions and output URIs (S124)."""
    steps = site.http.get(f"/v1/runs/{done['job_id']}/steps").json()["items"]
    assert [each["node_id"] for each in steps] == ["input", "prompt", "paint", "check", "out"]
    assert {each["status"] for each in steps} == {"succeeded"}
    paint = steps[2]
    assert paint["model_id"] == "procedural/instant-1"
    assert paint["prompt_version"] == "plain@1"
    assert paint["input_version"] == done["input_version"]
    assert paint["attempts"] == 1
    assert paint["executor"]
    assert paint["duration"] >= 0
    assert paint["output_uris"][0].startswith("sha256:")


def test_unknown_runs_and_things_look_alike(site: Site):
    """404 auth.not_found wherever an id leads nowhere."""
    for path in ("", "/steps", "/events", "/callback", "/deliveries"):
        answer = site.http.get(f"/v1/runs/run_0{path}")
        assert (answer.status_code, answer.json()["error_code"]) == (404, "auth.not_found"), path
    for path in ("/v1/runs/run_0/cancel", "/v1/runs/run_0/rerun", "/v1/deliveries/dlv_0/replay"):
        answer = site.http.post(path)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "auth.not_found"), path


def test_a_limited_run_tells_its_place_and_it_shrinks(site: Site, limited: str):
    """The 202 and the run say why it waits, and the place in the queue gets smaller (S63)."""
    jobs = []
    waits = []
    for number in range(4):
        answer = site.trigger(limited, subject=str(number)).json()
        jobs.append(answer["job_id"])
        waits.append(answer["wait"])
    assert waits[0] is None
    for position, wait in enumerate(waits[1:], 1):
        assert set(wait) == WAIT
        assert (wait["reason"], wait["position"]) == ("rate_limited", position)
        assert wait["explanation"] == "1 per 3 seconds for default"
    last = site.run(jobs[3])
    assert last["status"] in {"queued", "waiting"}
    assert (last["wait"]["reason"], last["wait"]["position"]) == ("rate_limited", 3)
    # the first start is counted from when it happened, a moment after its acceptance
    told, now = (datetime.fromisoformat(each["expected_start"]) for each in (waits[3], last["wait"]))
    assert timedelta(0) <= now - told < timedelta(seconds=3)
    listed = site.http.get("/v1/runs", params={"q": jobs[3]}).json()["items"][0]
    assert listed["wait"]["position"] == 3
    until(lambda: site.run(jobs[1])["status"] == "succeeded", seconds=15)
    assert site.run(jobs[3])["wait"]["position"] <= 2
    listed = site.http.get("/v1/runs", params={"q": jobs[3]}).json()["items"][0]
    assert listed["wait"]["position"] <= 2
    for job in jobs[2:]:
        assert site.http.post(f"/v1/runs/{job}/cancel").status_code == 200


def test_cancel_ends_an_open_run_once_and_tells_the_caller(site: Site, limited: str):
    """The caller hears run.cancelled; a second cancel is 409, and the audit log names the request."""
    path = site.mailbox.path()
    site.job(limited, subject="first")
    job = site.job(limited, subject="second", callback_url=site.mailbox.url(path))
    answer = site.http.post(f"/v1/runs/{job}/cancel", headers={"x-request-id": "cancel-1"})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    run = site.ended(job)
    assert (run["status"], run["error_code"]) == ("cancelled", "run.cancelled")
    told = json.loads(site.mailbox.got[path][0].body)
    assert (told["event"], told["status"], told["error"]["error_code"]) == (
        "job.failed",
        "failed",
        "run.cancelled",
    )
    again = site.http.post(f"/v1/runs/{job}/cancel")
    assert (again.status_code, again.json()["error_code"]) == (409, "run.already_ended")
    entry = site.http.get("/v1/audit", params={"action": "run.cancel", "object": job}).json()["items"][0]
    assert entry["request_id"] == "cancel-1"


def test_a_run_is_repeated_with_other_inputs_version_or_from_a_node(site: Site, done: dict):
    """Each way of `rerun` makes a new run that names the first one."""
    path = f"/v1/runs/{done['job_id']}/rerun"
    plain = site.http.post(path)
    assert plain.status_code == 202
    assert plain.headers["location"] == f"/v1/runs/{plain.json()['job_id']}"
    other = site.http.post(path, json={"inputs": {"subject": "A chair"}, "version": 1}).json()["job_id"]
    part = site.http.post(path, json={"from_node": "check"}).json()["job_id"]
    first, second, third = (site.ended(job) for job in (plain.json()["job_id"], other, part))
    assert {each["status"] for each in (first, second, third)} == {"succeeded"}
    assert {each["rerun_of"] for each in (first, second, third)} == {done["job_id"]}
    assert second["trigger"]["subject"] == "A chair"
    assert third["outputs"][0]["sha256"] == done["outputs"][0]["sha256"]
    assert third["credit_cost"] == 0
    for body, field in [
        ({"from_node": "nowhere"}, "from_node"),
        ({"from_node": "check", "inputs": {"subject": "x"}}, "from_node"),
        ({"node": "x"}, "node"),
        ({"version": 0}, "version"),
    ]:
        answer = site.http.post(path, json=body)
        assert answer.status_code in {409, 422}
        assert answer.json()["invalid_field"] == field
    assert site.http.post(path, json={"version": 99}).status_code == 404


def test_a_service_sees_its_own_runs_only(site: Site, done: dict):
    """A key of the role caller reads its own runs; all else looks unknown."""
    site.http.post("/v1/callers", json={"name": "narrow"}).raise_for_status()
    key = site.http.post("/v1/keys", json={"caller": "narrow", "role": "caller"}).json()["key"]
    own = httpx.Client(base_url=site.url, headers={"authorization": f"Bearer {key}"}, trust_env=False)
    with own:
        job = own.post("/v1/hooks/plain", json={"subject": "mine"}).json()["job_id"]
        assert own.get(f"/v1/runs/{job}").status_code == 200
        assert [each["job_id"] for each in own.get("/v1/runs").json()["items"]] == [job]
        assert own.get(f"/v1/runs/{done['job_id']}").status_code == 404
        assert own.post("/v1/runs/replay", json={}).status_code == 403
        assert own.get("/v1/workflows").status_code == 403


def test_runs_are_repeated_by_filter_dry_run_first(site: Site):
    """Without a word only the count and a sample; then the same runs again, throttled, each audited."""
    site.job(subject="again", external_id="bulk-0")
    jobs = [site.job(subject="again", external_id=f"bulk-{number}") for number in (1, 2, 3)]
    for job in jobs:
        site.ended(job)
    since = site.run(jobs[0])["created_at"]
    wanted = {"filter": {"workflow": "plain", "status": "succeeded", "q": "bulk-", "since": since}}
    dry = site.http.post("/v1/runs/replay", json=wanted)
    assert dry.status_code == 202
    found = dry.json()
    assert (found["dry_run"], found["matched"], found["replayed"]) == (True, 3, 0)
    assert [each["job_id"] for each in found["sample"]] == jobs
    assert ids(site, q="bulk-")[0] == jobs[-1]

    began = time.time()
    real = site.http.post("/v1/runs/replay", json=wanted | {"dry_run": False, "per_second": 0.8})
    assert real.status_code == 202
    assert real.json()["replayed"] == 3
    assert [each["rerun_of"] for each in real.json()["started"]] == jobs
    started = [each["job_id"] for each in real.json()["started"]]
    wait = site.run(started[2])["wait"]
    assert set(wait) == WAIT
    assert (wait["reason"], wait["position"]) == ("rate_limited", None)
    last = site.ended(started[2])
    assert last["status"] == "succeeded"
    assert datetime.fromisoformat(last["started_at"]).timestamp() - began >= 2 / 0.8
    assert [site.run(job)["rerun_of"] for job in started] == jobs
    audit = site.http.get("/v1/audit", params={"action": "run.rerun", "object": jobs[0]}).json()["items"]
    assert audit[0]["detail"]["started"] == started[0]


def test_a_replay_without_a_filter_is_refused(site: Site):
    """Everything again is never what was meant."""
    for empty in ({}, {"filter": {}}, {"filter": {"q": " ", "workflow": ""}}, {"status": ""}):
        for action in ("replay", "cancel"):
            answer = site.http.post(f"/v1/runs/{action}", json={"dry_run": False, **empty})
            assert (answer.status_code, answer.json()["invalid_field"]) == (422, "filter")
    answer = site.http.post("/v1/runs/replay", json={"filter": {"status": "gone"}})
    assert (answer.status_code, answer.json()["invalid_field"]) == (422, "filter.status")


def test_filters_of_bulk_actions_stand_in_filter_or_beside_the_rest(site: Site, done: dict):
    """Both ways mean the same; a filter that is named twice is refused."""
    mine = {"q": done["job_id"]}
    inner, beside = (site.http.post("/v1/runs/replay", json=each).json() for each in ({"filter": mine}, mine))
    assert inner == beside
    assert inner["matched"] == 1
    twice = site.http.post("/v1/runs/replay", json={"filter": mine, **mine})
    assert (twice.status_code, twice.json()["invalid_field"]) == (422, "q")
    sent = {"status": "delivered", "job_id": done["job_id"]}
    for asked in (sent, {"filter": sent}):
        assert site.http.post("/v1/deliveries/replay", json={"dry_run": True, **asked}).json()["matched"] == 1
