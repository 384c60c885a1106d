"""What comes after a crash: who takes over, how soon, and that nothing is said twice."""

import os
import signal
import threading
import time

import pytest

from app.cpu import CpuPool
from app.engine.control import Cancel
from app.engine.settle import Settlements
from app.engine.sweep import break_leases_of, holders
from app.serve.children import Child, Spec
from app.store import tables
from tests.support.rig import LEASE


def test_a_step_whose_helper_process_died_is_tried_again(rig):
    """A helper killed twice (out of memory) is a passing trouble: the run waits for a retry."""
    r, pool = rig(), CpuPool(1)
    r.acts["one"] = lambda *_: pool.run(os._exit, 1)
    run_id = r.start()
    r.turn()
    assert (r.run(run_id).status, r.stages(run_id)[0].state) == ("waiting", "waiting")
    r.acts["one"] = lambda *_: {"x": "at last"}
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    pool.close()


def test_a_dead_leader_is_followed_at_once(rig):
    """Who adopts a dead worker's leases leads too, without waiting for the leader's lease to end."""
    r = rig()
    assert r.sweep("dead").leading
    assert not r.sweep("alive").leading
    with r.db.read() as connection:
        assert holders(connection, LEASE) == {"dead"}
    r.do(break_leases_of, ["dead"])
    assert r.sweep("alive").leading


def test_rings_do_not_fade_while_the_broker_is_away(rig):
    """After an outage of ten minutes a run is rung for within seconds, as after one of ten seconds."""
    r = rig()
    run_id = r.start()
    for _ in range(120):
        r.clock.now += 5
        assert r.sweep(backlog=None).stages == []
    r.bells.clear()
    assert r.next_wake() - r.clock.now <= 5
    r.run_dry(6)
    assert r.run(run_id).status == "succeeded"


def test_rings_for_deliveries_do_not_fade_either(rig):
    """A callback that nobody came to fetch waits no longer after a long outage than after a short one."""
    r = rig()
    run_id = r.start(callback_url="http://127.0.0.1:9/")
    r.do(r.control.cancel, Cancel(run_id, "someone"))
    for _ in range(120):
        r.clock.now += 5
        assert r.sweep(backlog=None).stages == []
    assert r.next_wake() - r.clock.now <= 5


def test_an_end_and_a_cancellation_at_the_same_moment_tell_the_caller_once(rig):
    """Whichever commits first decides: one terminal state, one delivery, on both databases."""
    r = rig()
    run_id = r.start(callback_url="http://127.0.0.1:9/")
    (claimed,) = r.claim((run_id, 0))
    settlement = r.decide(claimed)
    answers = []
    cancelling = threading.Thread(
        target=lambda: answers.extend(r.do(r.control.cancel, Cancel(run_id, "someone")))
    )
    with r.db.write() as connection:
        Settlements(r.db.dialect, "w1", LEASE, r.claims()).settle(connection, [settlement])
        cancelling.start()
        # on PostgreSQL the cancellation has read the open run by then and waits for its row
        cancelling.join(0.5)
    cancelling.join(10)
    assert answers == [None]
    assert r.run(run_id).status == "succeeded"
    assert len(r.deliveries(run_id)) == 1
    assert not r.rows(tables.audit, tables.audit.c.action == "run.cancel")


@pytest.mark.parametrize(("status", "last"), [(-signal.SIGKILL, 1.0), (1, 5.0)])
def test_a_role_that_was_killed_is_back_sooner_than_one_that_fails(status, last):
    """Kills come from outside and say nothing about the program: the pause before a start stays short."""
    child = Child(Spec("web", []), started=time.monotonic())
    assert [child.back_off(status) for _ in range(8)][-1] == last
