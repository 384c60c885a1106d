"""Cancelling: terminal at once, told to the caller, late work fenced out (contract §4)."""

import json

import pytest

from app.engine import under_way
from app.engine.control import Cancel
from app.engine.lease import Held
from app.store import generations, runs, tables
from tests.support import probes
from tests.support.receiver import Receiver
from tests.support.rig import ORG


def queued(r, run_id):
    pass


def running(r, run_id):
    r.claim((run_id, 0))
    r.bells.clear()


def waiting(r, run_id):
    r.acts["one"] = probes.failing(probes.busy())
    r.turn()


@pytest.mark.parametrize("state", [queued, running, waiting])
def test_a_run_can_be_cancelled_in_every_open_state(rig, state):
    """Queued, running or waiting: the run is cancelled for good, its caller told, nothing wakes later."""
    r = rig()
    with Receiver() as receiver:
        run_id = r.start(callback_url=receiver.url)
        state(r, run_id)
        (delivery_id,) = r.do(r.control.cancel, Cancel(run_id, "ann", "org_1"))
        run = r.run(run_id)
        assert (run.status, run.error_code, run.wait) == ("cancelled", "run.cancelled", None)
        assert run.finished_at == r.clock.now
        r.letters.append(delivery_id)
        r.run_dry()
    (got,) = receiver.got
    body = json.loads(got.body)
    assert (body["event"], body["status"], body["error"]["error_code"]) == (
        "job.failed",
        "failed",
        "run.cancelled",
    )
    assert "ann" in body["error"]["error_description"]
    assert r.run(run_id).status == "cancelled"
    assert {row.state for row in r.stages(run_id).values()} == {"cancelled"}
    assert r.next_wake() is None


def test_work_that_ends_after_the_cancel_changes_nothing(rig):
    """A late settlement is fenced out, and the next heartbeat tells its worker to stop."""
    r = rig()
    run_id = r.start()
    (claimed,) = r.claim((run_id, 0))
    late = r.decide(claimed)
    r.do(r.control.cancel, Cancel(run_id, "ann"))
    held = Held({(run_id, 0): claimed.fence}, {})
    assert r.do(r.leases().renew, held) == [held]
    before = r.run(run_id)
    assert not r.settle(late)[0].applied
    assert (r.run(run_id), r.steps(run_id)) == (before, {})


def test_an_ended_run_stays_as_it_ended(rig):
    """Cancelling what is over, unknown or another organisation's does nothing and says so."""
    r = rig()
    done, again, foreign = r.start(), r.start(), r.start()
    r.do(r.control.cancel, Cancel(again, "ann"))
    r.bells = [(done, 0)]
    r.turn()
    before = r.run(done)
    assert (
        r.do(
            r.control.cancel,
            Cancel(done, "ann"),
            Cancel(again, "ann"),
            Cancel(foreign, "eve", "org_2"),
            Cancel("run_unknown", "ann"),
        )
        == [None] * 4
    )
    assert r.run(done) == before
    assert r.run(foreign).status == "queued"
    assert len(r.rows(tables.audit)) == 1


def test_two_cancels_in_one_commit_end_it_once(rig):
    """The second of two simultaneous cancels finds nothing to do; one callback is owed."""
    r = rig()
    run_id = r.start(callback_url="http://127.0.0.1:9/cb")
    first, second = r.do(r.control.cancel, Cancel(run_id, "ann"), Cancel(run_id, "bob"))
    assert (bool(first), second) == (True, None)
    assert len(r.deliveries(run_id)) == 1


@pytest.mark.parametrize("state", [running, waiting])
def test_the_step_under_way_is_told_as_cancelled(rig, state):
    """What was worked on, or waited for its next try, was reached; what would have followed was not."""
    r = rig("input.trigger>one.a one.x>two.a two.x>three.a")
    run_id = r.start()
    (root,) = r.claim((run_id, 0))
    r.bells.clear()
    ((following,),) = [each.claimed for each in r.settle(r.decide(root))]
    if state is waiting:
        r.acts["two"] = probes.failing(probes.busy())
        r.settle(r.decide(following))
    r.do(r.control.cancel, Cancel(run_id, "ann"))
    with r.db.read() as reading:
        run = runs.get(reading, runs.Scope(ORG), run_id)
        found = under_way.with_cancelled(reading, run, generations.steps(reading, run_id))
    told = {each.node_id: (each.status, each.attempts) for each in found}
    assert told.pop("input")[0] == "succeeded"
    assert told == {"one": ("succeeded", 1), "two": ("cancelled", 1)}
