"""Schedules, forms and rows from outside: each is a run like any other (contract §3, S1)."""

import re
from typing import Any

import httpx
import pytest

from tests.support.site import KEY, Site, node, plain_graph, until

FIELDS = [
    {
        "name": "subject",
        "type": "string",
        "required": True,
        "max_length": 60,
        "description": "What it shows.",
    },
    {"name": "count", "type": "integer", "minimum": 1, "maximum": 3, "default": 1},
    {"name": "mood", "type": "string", "enum": ["calm", "loud"]},
]
CSV = {"content-type": "text/csv"}


@pytest.fixture(scope="module")
def slug(site: Site) -> str:
    site.workflow("ways", plain_graph(fields=FIELDS))
    return "ways"


def anonymous(site: Site) -> httpx.Client:
    return httpx.Client(base_url=site.url, trust_env=False, timeout=30)


def form(site: Site, slug: str, **wanted: Any) -> str:
    answer = site.http.put(f"/v1/workflows/{slug}/form", json=wanted)
    assert answer.status_code == 200
    return str(answer.json()["url"]).removeprefix(site.url)


def ticket(page: str) -> str:
    found = re.search(r'name=".ticket" value="([^"]+)"', page)
    assert found
    return found[1]


def test_every_row_of_a_file_is_a_run(site: Site, slug: str) -> None:
    """Each ends by itself, is told to the callback, and stands in the results."""
    mailbox = site.mailbox
    path = mailbox.path()
    private = {"callback_url": "http://10.9.8.7/", "dry_run": "true"}
    wrong = site.http.post(f"/v1/workflows/{slug}/rows", params=private, content="subject\nx\n", headers=CSV)
    assert (wrong.status_code, wrong.json()["invalid_field"]) == (422, "callback_url")
    text = "subject;count;external_id\n" + "".join(f"Chair {each};1;SKU-{each}\n" for each in range(5))
    sent = site.http.post(
        f"/v1/workflows/{slug}/rows", params={"callback_url": mailbox.url(path)}, content=text, headers=CSV
    )
    assert sent.status_code == 202
    batch = sent.headers["location"]
    until(lambda: site.http.get(batch).json()["counts"]["succeeded"] == 5, 60)
    assert site.http.get(batch).json()["status"] == "finished"
    runs = site.http.get("/v1/runs", params={"batch": batch.rpartition("/")[2]}).json()["items"]
    assert {run["external_id"] for run in runs} == {f"SKU-{each}" for each in range(5)}
    assert {run["source"] for run in runs} == {"csv"}
    until(lambda: len(mailbox.got[path]) == 5)
    lines = site.http.get(f"{batch}/results.csv").text.splitlines()
    assert len(lines) == 6
    assert all("succeeded" in line and "/a/" in line for line in lines[1:])


def test_a_schedule_runs_now_and_shows_when_it_runs_next(site: Site, slug: str) -> None:
    """Its run ends as any other and is found under the schedule."""
    body = {
        "workflow": slug,
        "cron": "0 9 * * 1",
        "time_zone": "Asia/Kathmandu",
        "payload": {"subject": "Cup"},
    }
    made = site.http.post("/v1/schedules", json=body).json()
    started = site.http.post(f"/v1/schedules/{made['id']}/run")
    assert site.ended(started.json()["job_id"])["status"] == "succeeded"
    preview = site.http.get(f"/v1/schedules/{made['id']}/next").json()
    assert [each["local"][11:] for each in preview["items"]] == ["09:00:00+05:45"] * 5
    assert site.http.delete(f"/v1/schedules/{made['id']}").status_code == 204


def test_an_open_form_starts_a_run_and_shows_its_pictures(site: Site, slug: str) -> None:
    """No sign-in, no script: a page, a post, an address that cannot be guessed, and pictures."""
    path = form(site, slug, open=True, title="<b>Draw</b> & show", intro="Tell us.")
    with anonymous(site) as visitor:
        page = visitor.get(path)
        assert page.status_code == 200
        assert "&lt;b&gt;Draw&lt;/b&gt; &amp; show" in page.text
        assert "What it shows." in page.text
        assert page.headers["x-frame-options"] == "DENY"
        assert "nonce-" in page.headers["content-security-policy"]
        sent = {".ticket": ticket(page.text), "subject": "Teapot", "count": "2", "mood": "calm"}
        answer = visitor.post(path, data=sent)
        assert answer.status_code == 303
        again = visitor.post(path, data=sent)
        assert again.headers["location"] == answer.headers["location"]
        other = visitor.post(path, data=sent | {"subject": "Other"})
        assert other.status_code == 409
        result = answer.headers["location"]
        shown = until(lambda: text if "Make another" in (text := visitor.get(result).text) else "", 60)
        picture = re.search(r'<img src="([^"]+)"', shown)
        assert picture
        assert visitor.get(picture[1].replace("&amp;", "&")).headers["content-type"].startswith("image/")
        assert "run_" not in re.sub(r"<[^>]+>", "", shown)
        assert visitor.get(result[:-1] + ("0" if result[-1] != "0" else "1")).status_code == 404
    run = site.run(result.rpartition("/")[2].partition(".")[0])
    assert (run["source"], run["caller"]) == ("form", "default")


def test_a_form_says_what_is_wrong_where_it_is(site: Site, slug: str) -> None:
    """Every field at once, with what was written still in it, and no run."""
    path = form(site, slug, open=True)
    with anonymous(site) as visitor:
        page = visitor.get(f"{path}?mood=loud")
        assert '<option value="loud" selected' in page.text
        before = site.http.get("/v1/runs", params={"source": "form", "workflow": slug}).json()["items"]
        sent = {".ticket": ticket(page.text), "subject": "", "count": "<nine>", "mood": "sad"}
        answer = visitor.post(path, data=sent)
        assert answer.status_code == 422
        for name in ("subject", "count", "mood"):
            assert f'id="error-{name}"' in answer.text
        assert 'value="&lt;nine&gt;"' in answer.text
    assert site.http.get("/v1/runs", params={"source": "form", "workflow": slug}).json()["items"] == before


def test_what_is_no_honest_form_is_refused(site: Site, slug: str) -> None:
    """A foreign origin, a forged or missing ticket, too much text, an old address."""
    path = form(site, slug, open=True)
    with anonymous(site) as visitor:
        good = {".ticket": ticket(visitor.get(path).text), "subject": "Cup"}
        assert visitor.post(path, data=good, headers={"origin": "https://evil.example"}).status_code == 403
        assert visitor.post(path, data=good, headers={"sec-fetch-site": "cross-site"}).status_code == 403
        for forged in ("", "1-x.y", good[".ticket"][:-1] + "~"):
            assert visitor.post(path, data=good | {".ticket": forged}).status_code == 403
        assert visitor.post(path, data=good | {"subject": "x" * 200_000}).status_code == 413
        assert visitor.post(path, content=b"\xff=%ff").status_code == 422
        newer = form(site, slug, open=True, new_token=True)
        until(lambda: visitor.get(path).status_code == 404)
        assert visitor.get(newer).status_code == 200
        assert visitor.post(newer, data=good).status_code == 403
        form(site, slug, enabled=False)
        until(lambda: visitor.get(newer).status_code == 404)


def test_an_open_form_has_a_limit_for_each_visitor(site: Site, slug: str) -> None:
    """Whoever sends too often is told to wait; nothing is stored for it."""
    path = form(site, slug, open=True, new_token=True)
    with anonymous(site) as visitor:
        until(lambda: visitor.get(path).status_code == 200)
        codes = [visitor.post(path, data={"subject": ""}).status_code for _ in range(21)]
    assert codes == [403] * 20 + [429]


def test_a_form_for_members_asks_for_the_sign_in(site: Site, slug: str) -> None:
    """Strangers are sent to the door; a member comes back to the form and starts a run."""
    path = form(site, slug, open=False, new_token=True)
    with anonymous(site) as visitor:
        refused = until(lambda: answer if (answer := visitor.get(path)).status_code == 303 else None)
        assert refused.headers["location"] == f"/login?next={path}"
        assert visitor.post(path, data={"subject": "Cup"}).status_code == 303
        visitor.get("/login", params={"key": KEY})
        page = visitor.get(path)
        answer = visitor.post(path, data={".ticket": ticket(page.text), "subject": "Cup"})
        assert (answer.status_code, "/run_" in answer.headers["location"]) == (303, True)


def test_a_form_says_how_its_run_stands_in_the_queue_now(site: Site) -> None:
    """The place shown is that of this moment, not of the moment it was sent; a pause is told as well."""
    site.workflow("queued-form", plain_graph(node("slow", "rate_limiter", limit=1, window_seconds=3600)))
    path = form(site, "queued-form", open=True)
    _, ahead = (
        site.http.post("/v1/hooks/queued-form", json={"subject": "Vase"}).json()["job_id"] for _ in "12"
    )
    with anonymous(site) as visitor:
        sent = {".ticket": ticket(visitor.get(path).text), "subject": "Teapot"}
        result = visitor.post(path, data=sent).headers["location"]
        assert "You are number 2 in the queue." in visitor.get(result).text
        site.http.post(f"/v1/runs/{ahead}/cancel").raise_for_status()
        assert "You are number 1 in the queue." in visitor.get(result).text
        site.http.post("/v1/workflows/queued-form/pause").raise_for_status()
        assert "Paused." in visitor.get(result).text


def test_a_form_whose_budget_is_used_up_says_so_and_keeps_what_was_written(site: Site) -> None:
    """A visitor meets a page, not a problem document, and learns nothing about callers and credits."""
    monitor = node("money", "cost_monitor", daily_credits=0, when_exhausted="refuse")
    site.workflow("poor-form", plain_graph(monitor))
    path = form(site, "poor-form", open=True)
    with anonymous(site) as visitor:
        answer = visitor.post(path, data={".ticket": ticket(visitor.get(path).text), "subject": "Teapot"})
    assert (answer.status_code, answer.headers["content-type"]) == (402, "text/html; charset=utf-8")
    assert "No more can be made today." in answer.text
    assert 'value="Teapot"' in answer.text or ">Teapot</textarea>" in answer.text
    assert "default" not in answer.text
