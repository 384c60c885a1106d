"""Pause, resume and deadline, from outside."""

from tests.support.site import plain_graph, refused, until


def test_a_paused_workflow_accepts_and_starts_nothing_until_it_is_resumed(site):
    """202 with the reason, who and since when; a pinned and a plain trigger wait alike; resume runs both."""
    site.workflow("held", plain_graph())
    paused = site.http.post("/v1/workflows/held/pause")
    assert paused.status_code == 200
    assert paused.json()["paused_at"]
    answer = site.trigger("held", subject="A vase")
    assert answer.status_code == 202
    wait = answer.json()["wait"]
    assert wait["reason"] == "paused"
    assert "the workflow held" in wait["explanation"]
    job = answer.json()["job_id"]
    found = site.run(job)
    assert (found["status"], found["wait"]["reason"]) == ("queued", "paused")
    assert site.http.get("/v1/runs?workflow=held").json()["items"][0]["wait"]["reason"] == "paused"
    assert site.http.post("/v1/workflows/held/resume").json()["paused_at"] is None
    assert site.ended(job)["status"] == "succeeded"
    open_runs = "/v1/runs?workflow=held&status=queued,running,waiting"
    until(lambda: not site.http.get(open_runs).json()["items"])


def test_a_paused_caller_and_a_paused_run_say_so(site):
    """Each is paused and resumed by itself, twice without harm; an ended run cannot be paused."""
    site.workflow("held-too", plain_graph())
    assert site.http.post("/v1/callers/default/pause").json()["paused_by"]
    assert site.http.post("/v1/callers/default/pause").status_code == 200
    job = site.job("held-too", subject="A lamp")
    assert "the caller default" in site.run(job)["wait"]["explanation"]
    assert site.http.post(f"/v1/runs/{job}/pause").json()["paused_at"]
    assert site.http.post("/v1/callers/default/resume").json()["paused_at"] is None
    assert until(lambda: "this run" in site.run(job)["wait"]["explanation"])
    assert site.http.post(f"/v1/runs/{job}/resume").json()["paused_at"] is None
    assert site.ended(job)["status"] == "succeeded"
    refused(site.http.post(f"/v1/runs/{job}/pause"), 409, "run.already_ended")


def test_a_deadline_ends_a_run_and_tells_its_caller(site):
    """A run that is held past its workflow's deadline fails with run.deadline_exceeded, once."""
    site.workflow("timed", plain_graph())
    changed = site.http.patch("/v1/workflows/timed", json={"deadline_seconds": 1})
    assert changed.json()["deadline_seconds"] == 1
    site.http.post("/v1/workflows/timed/pause")
    path = site.mailbox.path()
    job = site.job("timed", subject="A lamp", callback_url=site.mailbox.url(path))
    assert site.run(job)["deadline"]
    found = site.ended(job)
    assert (found["status"], found["error_code"]) == ("failed", "run.deadline_exceeded")
    assert len(site.mailbox.got[path]) == 1
    refused(site.http.patch("/v1/workflows/timed", json={"deadline_seconds": 0}), 422, "http.invalid_request")


def test_many_runs_are_cancelled_by_filter_after_they_were_counted(site):
    """Counting changes nothing; then exactly the open runs that match end, and others go on."""
    site.workflow("many", plain_graph())
    site.http.post("/v1/workflows/many/pause")
    jobs = [site.job("many", subject="A lamp") for _ in range(5)]
    asked = {"filter": {"workflow": "many"}}
    counted = site.http.post("/v1/runs/cancel", json=asked).json()
    assert (counted["dry_run"], counted["matched"], counted["cancelled"]) == (True, 5, 0)
    assert {site.run(job)["status"] for job in jobs} == {"queued"}
    done = site.http.post("/v1/runs/cancel", json=asked | {"dry_run": False, "limit": 4}).json()
    assert done["cancelled"] == 4
    assert [site.run(job)["status"] for job in jobs] == ["cancelled"] * 4 + ["queued"]
    site.http.post("/v1/workflows/many/resume")
    assert site.ended(jobs[4])["status"] == "succeeded"
    refused(site.http.post("/v1/runs/cancel", json={}), 422, "http.invalid_request")
    refused(
        site.http.post("/v1/runs/cancel", json={"filter": {"status": "failed"}}), 422, "http.invalid_request"
    )
