"""Claims, leases, fences and settlements (design §4, engine notes §5)."""

import threading

import pytest

from app.engine.control import Cancel
from app.engine.lease import Held
from app.engine.sweep import MAX_CRASHES, break_leases_of, holders
from app.store import tables
from tests.support import probes
from tests.support.rig import LEASE


def test_a_run_goes_from_trigger_to_success(rig):
    """A run ends once, succeeded, with one succeeded step per node and nothing left to wake."""
    r = rig("input.trigger>one.a one.x>two.a")
    run_id = r.start()
    assert r.run(run_id).status == "queued"
    r.run_dry()
    assert (r.run(run_id).status, r.run(run_id).finished_at) == ("succeeded", r.clock.now)
    assert {name: row.status for name, row in r.steps(run_id).items()} == dict.fromkeys(
        ("input", "one", "two"), "succeeded"
    )
    assert {row.state for row in r.stages(run_id).values()} == {"done"}
    assert r.next_wake() is None


def test_a_claim_takes_a_ready_stage_once(rig):
    """The first claim raises the fence and sets a lease; a second one gets nothing."""
    r = rig()
    run_id = r.start()
    (claimed,) = r.claim((run_id, 0))
    row = r.stages(run_id)[0]
    assert (row.state, row.fence, row.worker, row.wake_at) == ("running", 1, "w1", r.clock.now + LEASE)
    assert (claimed.fence, r.run(run_id).status, r.run(run_id).started_at) == (1, "running", r.clock.now)
    assert r.claim((run_id, 0), worker="w2") == []


def test_a_message_that_comes_twice_in_one_commit_is_worked_on_once(rig):
    """Two messages for one stage in the same group commit give it to one of them only."""
    r = rig()
    key = (r.start(), 0)
    first, second = r.do(r.claims().stages, [key, key], [key])
    assert len(first) + len(second) == 1


def test_a_message_for_a_done_stage_is_a_no_op(rig):
    """A late message changes nothing."""
    r = rig()
    run_id = r.start()
    r.run_dry()
    before = (r.run(run_id), r.stages(run_id))
    assert r.claim((run_id, 0), (run_id, 99), ("run_unknown", 0)) == []
    assert (r.run(run_id), r.stages(run_id)) == before


@pytest.mark.parametrize("state", ["waiting", "blocked", "done", "failed", "cancelled"])
def test_only_ready_stages_are_claimed(rig, state):
    """No other state lets itself be claimed."""
    r = rig()
    run_id = r.start()
    with r.db.write() as connection:
        connection.execute(tables.stage.update().values(state=state))
    assert r.claim((run_id, 0)) == []


def test_two_claimers_never_both_get_one(rig):
    """Of 4 workers claiming 60 stages at the same time, each stage goes to exactly one."""
    r = rig()
    keys = [(answer.run_id, 0) for answer in r.accept(*[r.shop.new() for _ in range(60)])]
    got: list[str] = []
    start = threading.Barrier(4)

    def grab(name):
        start.wait()
        for batch in (keys[:30], keys[30:], keys):
            try:
                got.extend(item.run.id for item in r.claim(*batch, worker=name))
            except Exception as error:  # noqa: BLE001 - a thread's error must reach the assertion
                got.append(repr(error))

    threads = [threading.Thread(target=grab, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(key for key, _ in keys)


def test_an_old_fence_settles_nothing(rig):
    """Who lost the lease writes nothing: neither before nor after the next owner has settled."""
    r = rig()
    run_id = r.start()
    late = r.decide(r.claim((run_id, 0))[0])
    r.clock.now += LEASE + 1
    assert r.sweep().stages == [(run_id, 0)]
    row = r.stages(run_id)[0]
    assert (row.state, row.fence, row.crashes) == ("ready", 2, 1)
    assert not r.settle(late)[0].applied
    (second,) = r.claim((run_id, 0), worker="w2")
    assert second.fence == 3
    assert not r.settle(late)[0].applied
    assert r.settle(r.decide(second), worker="w2")[0].applied
    before = r.run(run_id), r.steps(run_id), r.stages(run_id)
    assert not r.settle(late)[0].applied
    assert (r.run(run_id), r.steps(run_id), r.stages(run_id)) == before


def test_a_settlement_counts_once(rig):
    """The same settlement twice, in one commit or in two, is applied once and owes one delivery."""
    r = rig()
    run_id = r.start(callback_url="http://127.0.0.1:9/cb")
    settlement = r.decide(r.claim((run_id, 0))[0])
    assert [each.applied for each in r.settle(settlement, settlement)] == [True, False]
    assert not r.settle(settlement)[0].applied
    assert len(r.deliveries(run_id)) == 1


def test_a_heartbeat_keeps_a_lease_and_tells_what_was_lost(rig):
    """A renewed lease is not broken; one that another worker took over is named to who lost it."""
    r = rig()
    run_id = r.start()
    held = Held({(run_id, 0): r.claim((run_id, 0))[0].fence}, {})
    r.clock.now += LEASE - 1
    assert r.do(r.leases().renew, held) == [Held({}, {})]
    r.clock.now += LEASE - 1
    assert r.sweep().stages == []
    r.clock.now += 2
    assert r.sweep().stages == [(run_id, 0)]
    r.claim((run_id, 0), worker="w2")
    assert r.do(r.leases().renew, held) == [held]


def test_released_work_is_ready_at_once(rig):
    """What a stopping worker hands back is no crash, and the next worker need not wait for a lease."""
    r = rig()
    run_id = r.start()
    (claimed,) = r.claim((run_id, 0))
    late = r.decide(claimed)
    assert r.do(r.leases().release, Held({(run_id, 0): claimed.fence}, {})) == [1]
    row = r.stages(run_id)[0]
    assert (row.state, row.fence, row.crashes) == ("ready", 2, 0)
    assert not r.settle(late)[0].applied
    assert r.sweep().stages == [(run_id, 0)]
    assert len(r.claim((run_id, 0), worker="w2")) == 1


def test_a_stage_that_kills_its_workers_ends_its_run(rig):
    """After MAX_CRASHES broken leases the run fails as run.internal, with an alert and a callback owed."""
    r = rig()
    run_id = r.start(callback_url="http://127.0.0.1:9/cb")
    for crash in range(MAX_CRASHES):
        assert r.stages(run_id)[0].crashes == crash
        assert len(r.claim((run_id, 0))) == 1
        r.clock.now += LEASE + 1
        assert r.sweep().poisoned == []
    assert len(r.claim((run_id, 0))) == 1
    r.clock.now += LEASE + 1
    due = r.sweep()
    assert (due.stages, due.poisoned) == ([], [(run_id, 0)])
    ended = r.do(r.control.cancel, Cancel(run_id, "system", code="run.internal", words="its workers died"))
    assert ended == [r.deliveries(run_id)[0].id]
    row = r.run(run_id)
    assert (row.status, row.error_code, r.stages(run_id)[0].state) == ("failed", "run.internal", "cancelled")
    assert [(alert.code, run_id in alert.subject) for alert in r.rows(tables.alert)] == [
        ("run.internal", True)
    ]


def test_the_row_of_a_sweeper_is_held_by_one(rig):
    """While one process leads, another one's sweep does nothing; five seconds of silence let it take over."""
    r = rig()
    run_id = r.start()
    r.clock.now += 6
    assert r.sweep("p1").leading
    r.clock.now += 4.9
    assert not r.sweep("p2").leading
    r.clock.now += 0.2
    due = r.sweep("p2")
    assert due.leading
    assert due.stages == [(run_id, 0)]


def test_unheard_stages_are_rung_again_ever_more_rarely(rig):
    """A ready stage nobody fetches is rung for after 5, 5, 10, 20 … seconds, at most every 300."""
    r = rig()
    r.start()
    rung, begin = [], r.clock.now
    for _ in range(10):
        r.clock.now = r.next_wake()
        assert len(r.sweep().stages) == 1
        rung.append(r.clock.now - begin)
    assert [later - earlier for earlier, later in zip([0, *rung], rung, strict=False)] == [
        *(5, 5, 10, 20, 40, 80, 160, 300, 300, 300)
    ]


def test_a_backlog_is_not_rung_again_and_does_not_hide_what_is_due(rig):
    """With a long queue in the broker, old ready stages stay silent and expired leases are still broken."""
    r = rig()
    keys = [(answer.run_id, 0) for answer in r.accept(*[r.shop.new() for _ in range(600)])]
    (held,) = keys[:1]
    r.clock.now += 6
    for _ in range(2):
        r.sweep(backlog=10_000)
    r.clock.now += 10
    assert len(r.claim(held)) == 1
    r.clock.now += LEASE + 1
    rung = [key for _ in range(3) for key in r.sweep(backlog=10_000).stages]
    assert rung == [held]


def test_work_of_dead_processes_is_given_back(rig):
    """What a dead worker of this host held is due at once; others keep their leases."""
    r = rig()
    dead, alive = r.start(), r.start()
    r.claim((dead, 0), worker="gone")
    r.claim((alive, 0), worker="here")
    with r.db.read() as connection:
        assert holders(connection, LEASE) == {"gone", "here"}
    assert r.do(break_leases_of, ["gone"]) == [1]
    assert r.sweep().stages == [(dead, 0)]


def test_a_crash_between_two_stages_repeats_only_the_second(rig):
    """Steps that were committed are not run again by whoever takes over."""
    r = rig("input.trigger>one.a one.x>two.a")
    run_id = r.start()
    (following,) = r.settle(r.decide(r.claim((run_id, 0))[0]))[0].claimed
    assert following.number == 1
    r.clock.now += LEASE + 1
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert (r.acts.count("one"), r.acts.count("two")) == (1, 1)


def test_a_node_gets_one_key_for_all_its_tries(rig):
    """The idempotency key a service sees is the same on every try and after a crash."""
    r = rig()
    r.acts["one"] = probes.failing(probes.busy(), times=2)
    run_id = r.start()
    r.decide(r.claim((run_id, 0))[0])
    r.clock.now += LEASE + 1
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert {key for *_, key in r.acts.calls} == {f"{run_id}:one:1"}
