"""The engine as it runs: real broker, real workers, real time (engine notes §5 and §6)."""

import asyncio
import json
import threading
import time
from itertools import pairwise

import pytest
from sqlalchemy import select

from app.delivery.signing import verify
from app.store.tables import attempt, delivery, delivery_attempt, run, stage, step
from graphs.document import parse
from graphs.node import GenerationRequest
from graphs.plan import compile_plan
from tests.support import probes
from tests.support.plant import until
from tests.support.receiver import Receiver
from tests.support.rig import SECRET

DELAYS = (0.05, 0.1, 0.15)
QUEUED = {
    "format": "sakuga.graph/1",
    "name": "q",
    "nodes": [
        {"id": "input", "type": "webhook_input", "title": "", "position": [0, 0],
         "settings": {"fields": [{"name": "subject", "type": "string"}]}},
        {"id": "prompt", "type": "prompt_builder", "title": "", "position": [0, 0],
         "settings": {"template": "{{subject}}"}},
        {"id": "generator", "type": "generator", "title": "", "position": [0, 0],
         "settings": {"model": "procedural/queued-1", "width": 64, "height": 64}},
    ],
    "links": [
        {"from": ["input", "subject"], "to": ["prompt", "subject"]},
        {"from": ["prompt", "prompt"], "to": ["generator", "prompt"]},
    ],
    "groups": [],
    "notes": [],
}  # fmt: skip


def test_a_run_ends_in_a_signed_callback(plant):
    """From trigger to verified callback: one POST, signed, with the stored result as its body."""
    p = plant()
    p.hire()
    with Receiver() as receiver:
        (run_id,) = p.start(callback_url=receiver.url)
        until(lambda: p.value(select(run.c.callback_status).where(run.c.id == run_id)) == "delivered")
    (got,) = receiver.got
    verify([SECRET], got.headers, got.body, now=time.time())
    assert json.loads(got.body)["job_id"] == run_id
    assert p.value(select(run.c.result).where(run.c.id == run_id)) == got.body.decode()


def test_transient_errors_follow_the_schedule(plant):
    """With delays of 0.05, 0.1 and 0.15 s: exactly 1 + 3 tries, none early, each kept with its reason."""
    p = plant()
    tried = []
    p.acts["one"] = lambda *_: (tried.append(time.time()), probes.raising(probes.busy()))
    p.hire()
    with Receiver() as receiver:
        p.start(callback_url=receiver.url)
        until(lambda: receiver.got)
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert len(tried) == 4
    assert all(gap >= delay for gap, delay in zip(gaps, DELAYS, strict=True))
    rows = p.rows(select(attempt).order_by(attempt.c.number))
    assert [(row.number, row.error_code) for row in rows] == [
        (number, "node.provider_unavailable") for number in (1, 2, 3, 4)
    ]
    assert json.loads(receiver.got[0].body)["event"] == "job.failed"
    assert p.count("failed") == 1


def test_deliveries_follow_the_schedule(plant):
    """A receiver that never says 2xx is tried 1 + 3 times, never early, with the same bytes and id."""
    p = plant()
    p.hire()
    with Receiver([500]) as receiver:
        p.start(callback_url=receiver.url)
        until(lambda: p.value(select(run.c.callback_status)) == "permanently_failed")
        rows = p.rows(select(delivery_attempt).order_by(delivery_attempt.c.number))
        assert len(receiver.got) == 4
    gaps = [b.started_at - a.started_at for a, b in pairwise(rows)]
    assert all(gap >= delay for gap, delay in zip(gaps, DELAYS, strict=True))
    assert len({(got.body, got.headers["webhook-id"]) for got in receiver.got}) == 1
    assert p.acts.count("one") == 1


def test_a_limiter_spreads_a_burst(plant):
    """60 runs at 20 a second: all accepted, no rolling second sees more than 20 starts, order is kept."""
    p = plant("input.trigger>one.a", gates={"rate_limiter": {"limit": 20, "window_seconds": 1}})
    p.hire()
    ids = p.start(60)
    until(lambda: p.count("succeeded") == 60)
    started = dict(p.rows(select(run.c.id, run.c.started_at)))
    times = sorted(started.values())
    for first, twenty_first in zip(times, times[20:], strict=False):
        assert twenty_first - first >= 1.0
    assert times[-1] - times[0] < 5
    # who was accepted earlier starts earlier; messages of one round of the sweeper may overtake each other
    latest = 0.0
    for run_id in ids:
        assert started[run_id] > latest - 0.5
        latest = max(latest, started[run_id])


def test_a_queued_job_holds_nothing_and_outlives_its_worker(plant):
    """A job with an id is submitted once; while it waits no task is held; another worker fetches it."""
    p = plant(plan=lambda kinds: compile_plan(parse(QUEUED), kinds))
    host = p.hire("w1")
    provider = host._executor._performer._tools.providers["rehearsal"]
    submitted = count_submits(provider)
    (run_id,) = p.start(inputs={"subject": "a lamp"})
    until(lambda: p.value(select(stage.c.state)) == "waiting")
    until(lambda: host._executor.in_flight == 0)
    p.dismiss("w1")
    assert p.value(select(stage.c.worker)) is None
    again = count_submits(p.hire("w2")._executor._performer._tools.providers["rehearsal"])
    until(lambda: p.count("succeeded") == 1)
    assert (len(submitted), len(again)) == (1, 0)
    (row,) = p.rows(select(step).where(step.c.node_id == "generator"))
    assert (row.attempts, row.model_id, row.credits, row.executor) == (1, "procedural/queued-1", 1.0, "w2")
    assert json.loads(p.value(select(run.c.result).where(run.c.id == run_id)))["outputs"][0]["width"] == 64


def count_submits(provider):
    calls: list[GenerationRequest] = []
    submit = provider.submit

    async def counted(request, key):
        calls.append(request)
        return await submit(request, key)

    provider.submit = counted
    return calls


def test_a_stopping_worker_hands_back_what_it_cannot_finish(plant):
    """Stop gives unfinished work back at once; another worker finishes it and the late one is fenced out."""
    p = plant(lease=30)
    gate, entered = threading.Event(), threading.Event()

    async def slow(info, _inputs):
        entered.set()
        await asyncio.to_thread(gate.wait, 20)
        return {"x": 1}

    p.acts["one"] = slow
    p.hire("w1")
    (run_id,) = p.start()
    assert entered.wait(10)
    begun = time.monotonic()
    p.dismiss("w1", grace=1)
    assert time.monotonic() - begun < 5
    row = p.rows(select(stage))[0]
    assert (row.state, row.worker, row.crashes) == ("ready", None, 0)
    gate.set()
    p.hire("w2")
    until(lambda: p.count("succeeded") == 1, 10)
    assert p.value(select(step.c.executor).where(step.c.node_id == "one")) == "w2"
    assert p.acts.count("one") == 2
    assert run_id


def test_a_cancelled_run_stops_its_node(plant):
    """The heartbeat tells a worker to drop what was cancelled; the node is interrupted."""
    p = plant(lease=0.6)
    stopped, entered = threading.Event(), threading.Event()

    async def endless(_info, _inputs):
        entered.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped.set()
            raise

    p.acts["one"] = endless
    host = p.hire()
    (run_id,) = p.start()
    assert entered.wait(10)
    assert asyncio.run(p.engine.cancel("org_1", run_id, "ann"))
    assert stopped.wait(5)
    until(lambda: host._executor.in_flight == 0)
    assert p.count("cancelled") == 1


def test_a_long_node_keeps_its_lease(plant):
    """A node that runs three times longer than a lease is kept by heartbeats and executed once."""
    p = plant(lease=0.5)

    async def long(_info, _inputs):
        await asyncio.sleep(1.5)
        return {"x": 1}

    p.acts["one"] = long
    p.hire("w1")
    p.hire("w2")
    p.start(5)
    until(lambda: p.count("succeeded") == 5)
    assert p.acts.count("one") == 5
    assert {row.crashes for row in p.rows(select(stage))} == {0}


def test_slow_nodes_hold_no_thread(plant):
    """200 nodes wait at the same time in one worker with two threads; other work goes on beside them."""
    p = plant()
    gate = threading.Event()

    async def slow(info, _inputs):
        if info.trigger.get("slow"):
            await gates(gate)
        return {"x": 1}

    p.acts["one"] = slow
    host = p.hire()
    p.start(200, inputs={"slow": True})
    until(lambda: host._executor.in_flight == 200)
    p.start(5)
    until(lambda: p.count("succeeded") == 5)
    assert p.count("running") == 200
    gate.set()
    until(lambda: p.count("succeeded") == 205)


async def gates(gate):
    for _ in range(400):
        if gate.is_set():
            return
        await asyncio.sleep(0.05)


def test_a_hanging_receiver_delays_no_other(plant):
    """With 100 deliveries to a receiver that hangs, those to another host arrive at once."""
    p = plant()
    p.hire()
    with Receiver(["hang"]) as hanging, Receiver() as good:
        p.start(100, callback_url=hanging.url)
        until(lambda: len(hanging.got) >= 60)
        begun = time.monotonic()
        p.start(50, callback_url=good.url)
        until(lambda: len(good.got) == 50, 10)
        assert time.monotonic() - begun < 5
        assert p.value(select(delivery.c.status).where(delivery.c.url == hanging.url).limit(1)) == "sending"
        assert len(hanging.got) <= 64
        for name in list(p.workers):
            p.dismiss(name, grace=0.5)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_burst_is_worked_off_exactly_once(plant, workers):
    """150 runs accepted in one go all end, each node run once, each callback sent once."""
    p = plant()
    for number in range(workers):
        p.hire(f"w{number}")
    with Receiver() as receiver:
        ids = p.start(150, callback_url=receiver.url)
        until(lambda: len(receiver.got) >= 150, 40)
        until(lambda: p.count("succeeded") == 150)
    assert sorted(json.loads(got.body)["job_id"] for got in receiver.got) == sorted(ids)
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 150
    assert p.acts.count("one") == 150


def test_a_claim_that_fails_is_rung_again(plant, monkeypatch):
    """The message is gone by then: the sweeper rings for the run, and room that was kept is given back."""
    p = plant()
    host = p.hire()
    claim, refused = host._claims.stages, []

    def once(connection, batches):
        if not refused:
            refused.append(batches)
            raise ValueError
        return claim(connection, batches)

    monkeypatch.setattr(host._claims, "stages", once)
    p.start()
    until(lambda: p.count("succeeded") == 1)
    assert refused
    until(lambda: host._executor.in_flight == 0)
