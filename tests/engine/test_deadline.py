"""Deadlines: a run that takes too long fails once, tells its caller, and does nothing more."""

import json

import pytest

from app.engine.control import Cancel
from app.store import tables
from tests.support import probes
from tests.support.receiver import Receiver


def expire(r):
    """What a worker does with what the sweeper found overdue."""
    due = r.sweep()
    for item in due.overdue:
        r.letters += [name for name in r.do(r.control.cancel, item) if name]
    return due.overdue


@pytest.mark.parametrize("state", ["queued", "running", "waiting"])
def test_an_open_run_fails_at_its_deadline(rig, state):
    """Queued, running or waiting for a retry: at the deadline it is over, and told so once."""
    r = rig()
    with Receiver() as receiver:
        run_id = r.start(callback_url=receiver.url, deadline_seconds=20.0)
        if state == "running":
            (claimed,) = r.claim((run_id, 0))
            late = r.decide(claimed)
        elif state == "waiting":
            r.acts["one"] = probes.failing(probes.busy())
            r.turn()
        r.clock.now += 19.9
        assert expire(r) == ()
        r.clock.now += 0.2
        assert len(expire(r)) == 1
        assert expire(r) == ()
        if state == "running":
            assert not r.settle(late)[0].applied
        r.bells.clear()
        r.run_dry()
    run = r.run(run_id)
    assert (run.status, run.error_code) == ("failed", "run.deadline_exceeded")
    (got,) = receiver.got
    error = json.loads(got.body)["error"]
    assert error["error_code"] == "run.deadline_exceeded"
    assert "20 s" in error["error_description"]
    assert {row.state for row in r.stages(run_id).values()} == {"cancelled"}


def test_a_run_that_ended_in_time_keeps_its_end(rig):
    """The deadline of an ended run passes without a trace, even when the sweeper saw it open."""
    r = rig()
    run_id = r.start(deadline_seconds=20.0)
    r.turn()
    r.clock.now += 60
    assert expire(r) == ()
    assert r.do(r.control.cancel, Cancel(run_id, "system", code="run.deadline_exceeded")) == [None]
    assert r.run(run_id).status == "succeeded"
    assert len(r.rows(tables.delivery)) == 0


def test_without_a_deadline_a_run_waits_for_ever(rig):
    """No limit is the default."""
    r = rig()
    run_id = r.start()
    r.clock.now += 10 * 86_400
    assert expire(r) == ()
    assert r.run(run_id).status == "queued"
