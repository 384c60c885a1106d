"""A run of which one branch waits says so again when the other branch is through."""

import json

import pytest

from graphs.errors import AmbiguousError
from graphs.node import Wait
from tests.support import probes

FORK = "input.trigger>one.a one.x>left.a one.x>right.a left.x>last.a right.x>last.b"
LOST = AmbiguousError("node.provider_outcome_unknown", "no answer")


@pytest.mark.parametrize(("error", "reason"), [(LOST, "review"), (probes.busy(), "retry")])
def test_the_wait_of_a_branch_outlives_the_other_branch(rig, error, reason):
    """Left waits, right passes to the join: the run waits for what left waits for."""
    r = rig(FORK)
    r.acts["left"] = probes.failing(error, times=1)
    run_id = r.start()
    (first,) = r.claim((run_id, 0))
    (settled,) = r.settle(r.decide(first))
    (left,), rung = settled.claimed, settled.rung
    r.settle(r.decide(left))
    assert json.loads(r.run(run_id).wait)["reason"] == reason
    (right,) = r.claim(*rung)
    assert (r.run(run_id).status, r.run(run_id).wait) == ("running", None)
    r.settle(r.decide(right))
    assert r.run(run_id).status == "waiting"
    assert json.loads(r.run(run_id).wait)["reason"] == reason
    r.bells.clear()
    r.run_dry(60)
    assert r.run(run_id).status == ("waiting" if reason == "review" else "succeeded")


def test_a_branch_that_polls_is_no_wait_to_tell(rig):
    """Asking a service again later is work: the run goes on saying that it runs."""
    r = rig(FORK)
    answers = iter([Wait(5, {"job": "j"})])
    r.acts["left"] = lambda *_: next(answers, {"x": 1})
    run_id = r.start()
    r.turn()
    r.turn()
    assert (r.run(run_id).status, r.run(run_id).wait) == ("running", None)
