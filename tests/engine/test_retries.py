"""Failures of nodes: the schedule, what is recorded, what is never sent again (S38 to S41, S121)."""

import json

import pytest

from app.engine.clock import iso
from app.store import tables
from graphs.errors import AmbiguousError, OperatorError, PermanentError, ThrottledError
from graphs.node import Redo, Wait
from tests.support import probes
from tests.support.receiver import Receiver
from tests.support.rig import DELAYS


def test_a_transient_error_is_tried_four_times_and_never_early(rig):
    """1 + 3 attempts, each after its full delay, with the reason of each; then the run fails and says so."""
    r = rig()
    with Receiver() as receiver:
        tried = []
        r.acts["one"] = lambda *_: (tried.append(r.clock.now), probes.raising(probes.busy()))
        begin, run_id = r.clock.now, r.start(callback_url=receiver.url)
        r.run_dry()
    assert [at - begin for at in tried] == [0, 30, 150, 630]
    attempts = r.attempts(run_id)
    assert [(row.number, row.status, row.error_code, row.reason) for row in attempts] == [
        (number, "failed", "node.provider_unavailable", "the service is down") for number in (1, 2, 3, 4)
    ]
    assert [row.next_at and row.next_at - begin for row in attempts] == [30, 150, 630, None]
    step = r.steps(run_id)["one"]
    assert (step.status, step.attempts) == ("failed", 4)
    run = r.run(run_id)
    assert (run.status, run.error_code, run.callback_status) == (
        "failed",
        "node.provider_unavailable",
        "delivered",
    )
    (got,) = receiver.got
    body = json.loads(got.body)
    assert (body["event"], body["status"], body["outputs"]) == ("job.failed", "failed", [])
    assert body["error"] == {
        "error_code": "node.provider_unavailable",
        "error_description": "the service is down",
        "invalid_field": None,
        "node_id": "one",
        "retryable": True,
        "attempts": 4,
    }


def test_a_run_says_that_it_waits_for_a_retry_and_until_when(rig):
    """Between two tries the run is waiting for `retry`, with the moment of the next one."""
    r = rig()
    r.acts["one"] = probes.failing(probes.busy())
    run_id = r.start()
    r.turn()
    run, wait = r.run(run_id), json.loads(r.run(run_id).wait)
    assert (run.status, wait["reason"], wait["node_id"]) == ("waiting", "retry", "one")
    assert wait["expected_start"] == iso(r.clock.now + DELAYS[0])
    r.clock.now += DELAYS[0] - 0.1
    assert not r.turn()
    r.clock.now += 0.1
    assert r.turn()


def test_a_permanent_error_is_tried_once(rig):
    """The same input would fail again: one attempt, no retry, the field named."""
    r = rig()
    r.acts["one"] = probes.failing(PermanentError("node.qc_failed", "too dark", field="style"))
    run_id = r.start()
    r.run_dry()
    assert (r.acts.count("one"), r.run(run_id).status) == (1, "failed")
    error = json.loads(r.run(run_id).error)
    assert (error["invalid_field"], error["retryable"], error["attempts"]) == ("style", False, 1)


def test_recovery_on_the_second_try_is_success_with_two_attempts(rig):
    """A failure that passed stays in the history; the run succeeds and its body counts two attempts."""
    r = rig()
    r.acts["one"] = probes.failing(probes.busy(), times=1)
    run_id = r.start()
    r.run_dry()
    run = r.run(run_id)
    assert (run.status, run.wait, r.steps(run_id)["one"].attempts) == ("succeeded", None, 2)
    assert [row.status for row in r.attempts(run_id)] == ["failed", "succeeded"]
    assert json.loads(run.result)["metadata"]["attempts"] == 2


def test_each_node_of_a_stage_has_its_own_tries(rig):
    """A node that fails after another one had recovered gets the whole schedule, from its first delay."""
    r = rig("input.trigger>one.a one.x>two.a", cheap="one")
    r.acts["one"] = probes.failing(probes.busy(), times=2)
    tried = []
    r.acts["two"] = lambda *_: (tried.append(r.clock.now), probes.raising(probes.busy()))
    run_id = r.start()
    assert len(r.plan.stages[0].nodes) == 3
    r.run_dry()
    assert [at - tried[0] for at in tried] == [0, 30, 150, 630]
    assert [row.number for row in r.attempts(run_id) if row.node_id == "two"] == [1, 2, 3, 4]
    assert {name: row.attempts for name, row in r.steps(run_id).items()} == {"input": 1, "one": 3, "two": 4}


def test_an_unknown_outcome_waits_for_a_person(rig):
    """A paid call without an answer is never sent again by itself; the run waits for review."""
    r = rig()
    r.acts["one"] = probes.failing(AmbiguousError("node.provider_outcome_unknown", "no answer"))
    run_id = r.start()
    r.run_dry(30 * 86_400)
    run = r.run(run_id)
    assert (run.status, json.loads(run.wait)["reason"], r.acts.count("one")) == ("waiting", "review", 1)
    assert [row.status for row in r.attempts(run_id)] == ["unknown"]
    assert [row.code for row in r.rows(tables.alert)] == ["node.provider_outcome_unknown"]
    assert r.claim((run_id, 0), worker="w2") == []


def test_a_throttled_call_is_no_attempt(rig):
    """A service that asks to wait is asked again when it said, as often as it takes, within an hour."""
    r = rig()
    tried = []

    def act(*_):
        tried.append(r.clock.now)
        if len(tried) < 8:
            raise ThrottledError(
                "node.provider_rate_limited", "slow down", retry_after=7 if len(tried) < 7 else 1e9
            )
        return {"x": 1}

    r.acts["one"] = act
    run_id = r.start()
    r.run_dry()
    assert [at - tried[0] for at in tried] == [0, 7, 14, 21, 28, 35, 42, 42 + 3600]
    assert (r.run(run_id).status, r.steps(run_id)["one"].attempts) == ("succeeded", 1)


@pytest.mark.parametrize(("asked", "comes"), [(45, 45), (500, 60), (3, 30)])
def test_retry_after_lengthens_a_delay_up_to_double(rig, asked, comes):
    """A transient error's Retry-After never shortens the schedule and at most doubles it."""
    r = rig()
    r.acts["one"] = probes.failing(probes.busy(asked), times=1)
    begin = r.clock.now
    run_id = r.start()
    r.run_dry()
    assert r.run(run_id).finished_at - begin == comes


def test_only_an_operator_can_mend_it(rig):
    """An operator's error ends the run at once and raises an alert."""
    r = rig()
    r.acts["one"] = probes.failing(OperatorError("node.storage_full", "the disk is full"))
    run_id = r.start()
    r.run_dry()
    assert (r.run(run_id).status, r.acts.count("one")) == ("failed", 1)
    assert [row.code for row in r.rows(tables.alert)] == ["node.storage_full"]


BROKEN = probes.Outputs.model_construct({"x"}, x=float)


@pytest.mark.parametrize(
    "result", [RuntimeError("secret /path"), None, "nonsense", {"x": float}, BROKEN, Redo({})]
)
def test_a_fault_in_a_node_ends_its_run_and_tells_no_internals(rig, result):
    """Whatever a node raises or returns, its run ends as run.internal and the worker goes on."""
    r = rig()

    def act(*_):
        if isinstance(result, Exception):
            raise result
        return result

    r.acts["one"] = act
    run_id = r.start()
    r.run_dry()
    run = r.run(run_id)
    assert (run.status, run.error_code) == ("failed", "run.internal")
    assert "secret" not in run.result


def test_steps_that_passed_are_not_done_again(rig):
    """A retry starts at the node that failed; what came before it in the stage is kept."""
    r = rig("input.trigger>one.a one.x>two.a", cheap="one")
    r.acts["two"] = probes.failing(probes.busy(), times=2)
    run_id = r.start()
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert (r.acts.count("one"), r.acts.count("two")) == (1, 3)


def test_a_node_that_waits_gets_its_state_back_and_counts_no_attempt(rig):
    """Wait is a timer in a row: nothing runs meanwhile, and the node goes on where it was."""
    r = rig()
    states = []

    def act(run, _inputs):
        states.append((run.state, run.attempt))
        return {"x": 1} if run.state else Wait(600, {"job": "j1"}, "submitted")

    r.acts["one"] = act
    run_id = r.start()
    r.turn()
    row = r.stages(run_id)[0]
    assert (row.state, row.worker, row.wake_at) == ("waiting", None, r.clock.now + 600)
    assert r.run(run_id).status == "running"
    r.run_dry()
    assert states == [(None, 1), ({"job": "j1"}, 1)]
    assert r.steps(run_id)["one"].attempts == 1


def test_a_failed_look_at_a_job_keeps_the_job(rig):
    """When asking for a submitted job fails, the next try asks again; it does not submit anew."""
    r = rig()
    seen = []

    def act(run, _inputs):
        seen.append(run.state)
        if run.state is None:
            return Wait(2, {"job": "j1"})
        if len(seen) == 2:
            raise probes.busy()
        return {"x": 1}

    r.acts["one"] = act
    run_id = r.start()
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert seen == [None, {"job": "j1"}, {"job": "j1"}]
