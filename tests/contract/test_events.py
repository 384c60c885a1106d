"""Contract §4 over real HTTP: a run as it happens, as a stream and over a WebSocket."""

import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.site import KEY, Site


def told(lines: Iterator[str]) -> list[dict]:
    """The server-sent events of a stream."""
    events, event = [], {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            event[name] = value
        elif event:
            events.append(event)
            event = {}
    return [each for each in events if "event" in each]


def stream(site: Site, job: str, last: str | None = None) -> list[dict]:
    headers = {"last-event-id": last} if last else {}
    with site.http.stream("GET", f"/v1/runs/{job}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        return told(answer.iter_lines())


def test_events_tell_the_story_and_resume(site: Site, done: dict):
    """A stream of a live run ends with the delivery; resumed after an event it tells the rest, once; after
    what is none of its events it tells everything."""
    path = site.mailbox.path()
    live = stream(site, site.job(subject="live", callback_url=site.mailbox.url(path)))
    kinds = [each["event"] for each in live if "id" in each]
    assert kinds[0] == "run.queued"
    assert kinds[-1] == "delivery.delivered"
    assert {"run.started", "step.started", "step.succeeded", "run.succeeded", "delivery.created"} <= set(
        kinds
    )
    whole = [each for each in stream(site, done["job_id"]) if "id" in each]
    for cut in (0, len(whole) // 2, len(whole) - 1):
        rest = [each for each in stream(site, done["job_id"], whole[cut]["id"]) if "id" in each]
        assert rest == whole[cut + 1 :]
    for unknown in ("nope", "99", "run_1", "9999999999999-000000-run.queued"):
        assert [each for each in stream(site, done["job_id"], unknown) if "id" in each] == whole


def test_the_socket_tells_the_same_events(site: Site, done: dict):
    """The WebSocket sends what the stream sends, and closes when the story is over."""
    whole = [each for each in stream(site, done["job_id"]) if "id" in each]
    url = f"ws://127.0.0.1:{site.port}/v1/runs/{done['job_id']}/ws"
    with connect(url, additional_headers={"authorization": f"Bearer {KEY}"}, proxy=None) as socket:
        heard = [json.loads(text) for text in socket]
    assert [each["id"] for each in heard if each["id"]] == [each["id"] for each in whole]
    assert [each["data"] for each in heard if each["id"]] == [json.loads(each["data"]) for each in whole]
    with connect(
        f"{url}?after={whole[3]['id']}", additional_headers={"authorization": f"Bearer {KEY}"}, proxy=None
    ) as socket:
        assert [m["id"] for m in map(json.loads, socket) if m["id"]] == [each["id"] for each in whole[4:]]


@pytest.mark.parametrize(
    ("job", "key", "status"),
    [("done", "", 401), ("done", "x", 401), ("run_0", KEY, 404), ("run_0/nothing", KEY, 404)],
)
def test_the_socket_is_refused_with_a_problem(site: Site, done: dict, job: str, key: str, status: int):
    """The handshake is answered with the same document as any request."""
    job = done["job_id"] if job == "done" else job
    headers = {"authorization": f"Bearer {key}"} if key else {}
    with pytest.raises(InvalidStatus) as caught:
        connect(f"ws://127.0.0.1:{site.port}/v1/runs/{job}/ws", additional_headers=headers, proxy=None)
    assert caught.value.response.status_code == status
    assert json.loads(caught.value.response.body)["status"] == status
    assert not [line for line in site.lines() if line["level"] == "error"]
