"""Single rows of a file from outside: approve, reject, make again."""

import csv
import io

import pytest

from tests.support.site import refused, until


@pytest.fixture(scope="module")
def batch(site):
    """Three rows that have run."""
    body = "subject\nA lamp\nA vase\nA chair"
    headers = {"content-type": "text/csv"}
    sent = site.http.post("/v1/workflows/plain/rows", content=body, headers=headers)
    assert sent.status_code == 202, sent.text
    return ready(site, sent.json()["id"])


def ready(site, batch_id):
    until(lambda: site.http.get(f"/v1/batches/{batch_id}").json()["status"] == "finished")
    return batch_id


def rows(site, batch_id):
    items = site.http.get(f"/v1/batches/{batch_id}/rows").json()["items"]
    return {each["row"]: each for each in items}


def test_a_verdict_is_kept_with_who_and_when_and_stands_in_the_download(site, batch):
    """It may be changed and taken back; every row has its own."""
    here = f"/v1/batches/{batch}/rows"
    told = site.http.put(f"{here}/1/verdict", json={"verdict": "rejected", "note": "too dark"}).json()
    assert (told["verdict"], told["verdict_note"]) == ("rejected", "too dark")
    assert told["decided_by"]
    assert told["decided_at"]
    assert site.http.put(f"{here}/2/verdict", json={"verdict": "approved"}).json()["verdict"] == "approved"
    site.http.put(f"{here}/3/verdict", json={"verdict": "approved"})
    assert site.http.put(f"{here}/3/verdict", json={"verdict": None}).json()["verdict"] is None
    assert [each["verdict"] for each in rows(site, batch).values()] == ["rejected", "approved", None]
    file = site.http.get(f"/v1/batches/{batch}/results.csv").text.removeprefix("\ufeff")
    found = list(csv.DictReader(io.StringIO(file)))
    assert [(each["verdict"], each["verdict_note"]) for each in found][:2] == [
        ("rejected", "too dark"),
        ("approved", ""),
    ]
    log = site.http.get("/v1/audit?action=batch.judge&limit=50").json()["items"]
    assert len([each for each in log if batch in str(each)]) == 4


def test_a_row_is_made_again_with_other_fields_and_judged_anew(site, batch):
    """Its new run has a picture of those; the verdict on the old one stays with that."""
    before = rows(site, batch)[1]
    again = site.http.post(f"/v1/batches/{batch}/rows/1/again", json={"fields": {"subject": "A bright lamp"}})
    assert again.status_code == 202, again.text
    assert again.json()["job_id"] is None
    after = rows(site, ready(site, batch))[1]
    assert after["job_id"] != before["job_id"]
    assert (after["fields"], after["verdict"]) == ({"subject": "A bright lamp"}, None)
    assert "A bright lamp" in site.run(after["job_id"])["metadata"]["prompt_used"]
    assert "A lamp" in site.run(before["job_id"])["metadata"]["prompt_used"]


def test_what_cannot_be_judged_or_made_says_why(site, batch):
    """Unknown rows and verdicts, fields that do not fit, files that were cancelled."""
    here = f"/v1/batches/{batch}/rows"
    refused(site.http.put(f"{here}/9/verdict", json={"verdict": "approved"}), 404, "auth.not_found")
    refused(site.http.put(f"{here}/1/verdict", json={"verdict": "nice"}), 422, "http.invalid_request")
    wrong = site.http.post(f"{here}/2/again", json={"fields": {"subject": "x" * 300}})
    refused(wrong, 422, "trigger.too_long")
    site.http.post(f"/v1/batches/{batch}/cancel")
    refused(site.http.post(f"{here}/2/again"), 409, "http.conflict")
