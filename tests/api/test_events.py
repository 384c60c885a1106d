"""A run's story: derived from rows, in an order that never changes, resumable anywhere (contract §4)."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import WebSocketDenialResponse

from app.api.events import after, events_for
from app.store.deliveries import DeliveryAttemptRow, DeliveryRow
from app.store.runs import AttemptRow, RunRow, StepRow

T = 1_700_000_000.0
OWNER = {"authorization": "Bearer owner-key-0123456789abcdef"}
RUN = RunRow(
    id="run_1",
    org_id="org_1",
    project_id="prj_1",
    workflow_id="wf_1",
    workflow="w",
    version=1,
    version_id="wfv_1",
    caller_id="cal_1",
    caller="default",
    source="api",
    status="queued",
    wait=None,
    callback_url="https://example.com/x",
    external_id=None,
    trace_id="t",
    request_id="r",
    input_version="i",
    created_at=T,
    started_at=None,
    finished_at=None,
    credit_cost=0.0,
    callback_status="pending",
    error_code=None,
    error=None,
    quality_warning=False,
    thumb=None,
    rerun_of=None,
)


def step(node_id: str, position: int, start: float, seconds: float, status: str = "succeeded") -> StepRow:
    return StepRow(
        "run_1", node_id, position, status, 1, T + start, seconds, None, None, None, 0.0, None, None
    )


STEPS = (
    step("input", 0, 1, 0.1),
    step("prompt", 1, 1.1, 0.1),
    step("generator", 2, 1.2, 3),
    step("qc", 3, 4.2, 1),
)
ATTEMPTS = (
    AttemptRow("run_1", "generator", 1, "failed", "node.provider_timeout", "slow", T + 0.5, 0.4, T + 1, "w"),
)
DELIVERY = DeliveryRow(
    id="dlv_1",
    org_id="org_1",
    run_id="run_1",
    caller_id="cal_1",
    event="job.completed",
    message_id="msg_1",
    url="https://example.com/x",
    status="delivered",
    attempts=2,
    attempt_base=0,
    wake_at=None,
    created_at=T + 6,
    finished_at=T + 8,
    error_code=None,
)
TRIES = {
    "dlv_1": [
        DeliveryAttemptRow("dlv_1", 1, T + 6, 0.5, 500, "delivery.http_5xx", "500", None, T + 7),
        DeliveryAttemptRow("dlv_1", 2, T + 7, 0.5, 200, None, None, None, None),
    ]
}
STAGES = {"input": 0, "prompt": 0, "generator": 0, "qc": 1}


def moments() -> list[list[Any]]:
    """The events as a listener sees them, from acceptance to the last delivery."""
    running = replace(RUN, status="running", started_at=T + 0.4)
    done = replace(running, status="succeeded", finished_at=T + 5.5)
    pending = replace(DELIVERY, status="retrying", finished_at=None)
    return [
        events_for(RUN),
        events_for(running),
        events_for(running, (), ATTEMPTS, stages=STAGES),
        events_for(running, STEPS[:3], ATTEMPTS, stages=STAGES),
        events_for(running, STEPS, ATTEMPTS, stages=STAGES),
        events_for(done, STEPS, ATTEMPTS, (pending,), tries={"dlv_1": TRIES["dlv_1"][:1]}, stages=STAGES),
        events_for(done, STEPS, ATTEMPTS, (DELIVERY,), tries=TRIES, stages=STAGES),
    ]


def test_each_moment_only_adds() -> None:
    """What was told stays as it was, at its place: later moments continue earlier ones."""
    for earlier, later in pairwise(moments()):
        assert later[: len(earlier)] == earlier


def test_the_story_is_whole() -> None:
    """Every kind of event is there, in the order of a life."""
    kinds = [event.kind for event in moments()[-1]]
    assert kinds[0] == "run.queued"
    assert kinds.index("run.started") < kinds.index("step.attempt") < kinds.index("step.succeeded")
    assert kinds.index("run.succeeded") < kinds.index("delivery.attempt")
    assert kinds[-1] == "delivery.delivered"
    assert kinds.count("step.succeeded") == len(STEPS)


@given(st.integers(0, 15), st.integers(0, 6))
def test_resuming_tells_the_rest_and_nothing_twice(cut: int, moment: int) -> None:
    """Whatever was told last, the events after it are the ones not yet told."""
    told = moments()[moment][:cut]
    rest = after(moments()[-1], told[-1].id if told else None)
    assert told + rest == moments()[-1]
    assert len({event.id for event in told + rest}) == len(told + rest)


def test_clocks_that_differ_do_not_bend_the_story() -> None:
    """A run that ends by a slower clock before its last step still ends after it."""
    done = replace(RUN, status="failed", started_at=T, finished_at=T + 2)
    assert [event.kind for event in events_for(done, STEPS, stages=STAGES)][-1] == "run.failed"


def parse(text: str) -> list[dict[str, str]]:
    blocks = [block for block in text.split("\n\n") if block.strip()]
    return [dict(line.split(": ", 1) for line in block.splitlines() if ": " in line) for block in blocks]


@pytest.fixture(scope="module")
def ended(world: Any) -> str:
    job_id = str(world.trigger().json()["job_id"])
    world.ask("POST", f"/v1/runs/{job_id}/cancel")
    return job_id


def test_a_stream_ends_with_its_run(world: Any, ended: str) -> None:
    """Server-sent events carry kind, id and JSON; the stream closes when nothing more can come."""
    answer = world.ask("GET", f"/v1/runs/{ended}/events")
    events = parse(answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [event["event"] for event in events] == ["run.queued", "run.cancelled", "run.status"]
    assert json.loads(events[-1]["data"])["status"] == "cancelled"


def test_a_stream_resumes_after_the_last_event(world: Any, ended: str) -> None:
    """Last-Event-ID leaves out what was told; an odd one does no harm."""
    first = parse(world.ask("GET", f"/v1/runs/{ended}/events").text)[0]
    headers = {"last-event-id": first["id"]}
    again = parse(world.ask("GET", f"/v1/runs/{ended}/events", headers=headers).text)
    assert [event["event"] for event in again] == ["run.cancelled", "run.status"]
    odd = world.ask("GET", f"/v1/runs/{ended}/events", headers={"last-event-id": "~"})
    assert odd.status_code == 200


def test_the_socket_says_the_same(world: Any, ended: str) -> None:
    """The WebSocket sends the events of the stream as JSON messages."""
    with world.client.websocket_connect(f"/v1/runs/{ended}/ws", headers=OWNER) as socket:
        messages = [socket.receive_json() for _ in range(3)]
    streamed = parse(world.ask("GET", f"/v1/runs/{ended}/events").text)
    assert [each["event"] for each in messages] == [each["event"] for each in streamed]
    assert [each["id"] for each in messages[:2]] == [each["id"] for each in streamed[:2]]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer " + "x" * 40}, 401),
        ({"authorization": "Bearer owner-key-0123456789abcdef"}, 404),
    ],
)
def test_the_socket_is_guarded(world: Any, headers: dict[str, str], status: int) -> None:
    """No key, a wrong key and a foreign run are refused before the handshake, with a problem document."""
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        world.client.websocket_connect("/v1/runs/run_0/ws", headers=headers),
    ):
        pass
    assert refused.value.status_code == status
    assert refused.value.json()["error_code"].startswith("auth.")


def test_the_socket_refuses_other_sites(world: Any, ended: str) -> None:
    """A cookie opens it from our own pages only (S8)."""
    key_id = world.system.keys.authenticate("owner-key-0123456789abcdef").key_id
    cookie = {"cookie": f"sakuga_session={world.system.sessions.open(key_id)}"}
    for origin in ({}, {"origin": "https://evil.example"}):
        with (
            pytest.raises(WebSocketDenialResponse) as refused,
            world.client.websocket_connect(f"/v1/runs/{ended}/ws", headers={**cookie, **origin}),
        ):
            pass
        assert refused.value.json()["error_code"] == "auth.origin"
    mine = {**cookie, "origin": "http://127.0.0.1:8099"}
    with world.client.websocket_connect(f"/v1/runs/{ended}/ws", headers=mine) as socket:
        assert socket.receive_json()["event"] == "run.queued"
