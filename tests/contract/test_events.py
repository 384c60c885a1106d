"""Contract §4 over real HTTP: a run as it happens, as a stream and over a WebSocket."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.site import KEY, LISTENERS, Site, plain_graph, refused


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


def test_a_full_house_refuses_one_more_until_a_seat_is_free(site: Site):
    """So many follow at once, by stream or socket; the next is answered 429 with the time to come back, and
    whoever leaves makes room. The listeners are told all the same."""
    site.workflow("followed", plain_graph())
    site.http.post("/v1/workflows/followed/pause")
    job = site.job("followed", subject="A vase")
    headers = {"authorization": f"Bearer {KEY}"}
    url = f"ws://127.0.0.1:{site.port}/v1/runs/{job}/ws"
    with ExitStack() as house:
        sockets = [
            house.enter_context(connect(url, additional_headers=headers, proxy=None))
            for _ in range(LISTENERS)
        ]
        for socket in sockets:
            assert json.loads(socket.recv(10))["event"] == "run.queued"
        answer = site.http.get(f"/v1/runs/{job}/events")
        refused(answer, 429, "http.too_many_requests")
        assert int(answer.headers["retry-after"]) > 0
        with pytest.raises(InvalidStatus) as caught:
            connect(url, additional_headers=headers, proxy=None)
        assert caught.value.response.status_code == 429
        sockets.pop().close()
        site.http.post("/v1/workflows/followed/resume")
        site.ended(job)
        for socket in sockets:
            assert "run.succeeded" in [json.loads(text)["event"] for text in socket]
    assert stream(site, job)
