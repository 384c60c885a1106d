"""Pausing runs, workflows and callers: what runs ends, what follows waits, nothing is lost (S86)."""

import json

import pytest

from app.engine import waits
from app.engine.control import Cancel
from app.engine.pause import Pause, Pausing, Resume
from app.store import runs as run_rows
from app.store import tables
from app.store.audit import Actor
from app.store.runs import Scope
from tests.support import probes
from tests.support.rig import CALLER, ORG

ANN = Actor(ORG, "ann (key_1)")
TARGETS = {"workflow": "wfl_1", "caller": CALLER}
HOURLY = {"rate_limiter": {"limit": 10, "window_seconds": 3600}}


def pause(r, what="workflow", name=None, actor=ANN):
    return r.do(Pausing().pause, Pause(what, name or TARGETS[what], name or what, actor))[0]


def resume(r, what="workflow", name=None, actor=ANN):
    (keys,) = r.do(Pausing().resume, Resume(what, name or TARGETS[what], name or what, actor))
    r.bells += keys or []
    return keys


def work(r):
    """Everything that can be done now."""
    while r.turn():
        pass


def wait(r, run_id):
    """The wait of a run as it is told now."""
    with r.db.read() as connection:
        found = run_rows.get(connection, Scope(ORG), run_id)
        return json.loads(waits.closely(connection, found).wait or "null")


def statuses(r):
    return [row.status for row in r.rows(tables.run, order=tables.run.c.id)]


@pytest.mark.parametrize("what", ["workflow", "caller"])
def test_a_pause_lets_nothing_start_and_resume_starts_all(rig, what):
    """Triggers are accepted while paused, none of them is worked on, and after resuming all are."""
    r = rig()
    before = r.start()
    assert pause(r, what)
    after = r.start()
    work(r)
    r.clock.now += 3600
    work(r)
    assert r.acts.count("one") == 0
    assert statuses(r) == ["queued", "queued"]
    assert len(resume(r, what)) == 2
    work(r)
    assert statuses(r) == ["succeeded", "succeeded"]
    assert [call[1] for call in r.acts.calls] == [before, after]


def test_a_paused_run_ends_its_step_and_goes_no_further(rig):
    """The step that runs ends and counts; the stage behind it waits until the run is resumed."""
    r = rig("input.trigger>one.a one.x>two.a")
    run_id, other = r.start(), r.start()
    r.acts["one"] = lambda run, _: pause(r, "run", run_id) and {"x": 1} if run.job_id == run_id else {"x": 2}
    work(r)
    r.clock.now += 3600
    work(r)
    assert r.run(run_id).status == "waiting"
    assert r.steps(run_id)["one"].status == "succeeded"
    assert "two" not in r.steps(run_id)
    assert r.run(other).status == "succeeded"
    assert resume(r, "run", run_id) == [(run_id, 1)]
    work(r)
    assert r.run(run_id).status == "succeeded"
    assert [call[0] for call in r.acts.calls if call[1] == run_id] == ["one", "two"]


def test_a_held_run_says_who_paused_what_and_since_when(rig):
    """The wait names the person without the id of a key, what is paused, and the moment."""
    r = rig()
    run_id = r.start()
    pause(r)
    for _ in range(2):
        told = wait(r, run_id)
        assert (told["reason"], told["paused"], told["paused_by"]) == ("paused", "workflow", "ann")
        assert told["explanation"].startswith("ann paused the workflow flow at ")
        work(r)
    resume(r)
    assert wait(r, run_id)["reason"] == "worker"


def test_two_pauses_hold_until_both_are_ended(rig):
    """Workflow and caller are paused: ending one of the two starts nothing."""
    r = rig()
    run_id = r.start()
    pause(r, "workflow")
    pause(r, "caller")
    work(r)
    assert resume(r, "workflow") == []
    work(r)
    assert r.run(run_id).status == "queued"
    assert wait(r, run_id)["paused"] == "caller"
    resume(r, "caller")
    work(r)
    assert r.run(run_id).status == "succeeded"


def test_pausing_and_resuming_twice_changes_nothing_more(rig):
    """The second pause keeps the first one's name and time; what is not paused cannot be resumed."""
    r = rig()
    assert pause(r)
    assert not pause(r, actor=Actor(ORG, "bob"))
    (row,) = r.rows(tables.workflow)
    assert row.paused_by == ANN.name
    assert resume(r) == []
    assert resume(r) is None
    assert not pause(r, actor=Actor("org_2", "eve"))
    assert [row.action for row in r.rows(tables.audit, order=tables.audit.c.id)] == [
        "workflow.pause",
        "workflow.resume",
    ]


def test_a_limiter_starts_what_was_paused_in_order_and_within_its_window(rig):
    """25 runs behind ten an hour, paused for five hours: 10 + 10 + 5, in the order they came."""
    r = rig("input.trigger>one.a", gates=HOURLY)
    pause(r)
    ids = [r.start() for _ in range(25)]
    for _ in range(20):
        work(r)
        r.clock.now += 900
    assert set(statuses(r)) == {"queued"}
    begin = r.clock.now
    resume(r)
    assert wait(r, ids[10])["reason"] == "rate_limited"
    assert wait(r, ids[24])["position"] == 15
    r.bells.reverse()
    r.run_dry(4 * 3600)
    rows = r.rows(tables.run, order=tables.run.c.id)
    assert [row.started_at for row in rows] == sorted(row.started_at for row in rows)
    hours = [round((row.started_at - begin) // 3600) for row in rows]
    assert hours == [0] * 10 + [1] * 10 + [2] * 5


def test_a_retry_that_is_due_waits_for_the_pause_too(rig):
    """A pause holds a second try like a first one, and the tries are counted on."""
    r = rig()
    r.acts["one"] = probes.failing(probes.busy(), times=1)
    run_id = r.start()
    work(r)
    pause(r)
    r.clock.now += 60
    work(r)
    assert r.acts.count("one") == 1
    resume(r)
    work(r)
    assert r.run(run_id).status == "succeeded"
    assert [call[2] for call in r.acts.calls] == [1, 2]


def test_a_lease_that_ends_during_a_pause_loses_nothing(rig):
    """The worker of a paused run dies: its stage comes back, waits, and is done after resuming."""
    r = rig()
    run_id = r.start()
    r.claim((run_id, 0))
    r.bells.clear()
    pause(r)
    r.clock.now += 60
    work(r)
    assert r.acts.count("one") == 0
    assert r.stages(run_id)[0].state == "paused"
    resume(r)
    work(r)
    assert r.run(run_id).status == "succeeded"


def test_a_paused_run_can_be_cancelled(rig):
    """It ends at once, and resuming its workflow does not bring it back."""
    r = rig()
    run_id = r.start()
    pause(r)
    work(r)
    r.do(r.control.cancel, Cancel(run_id, "ann"))
    assert resume(r) == []
    work(r)
    assert r.run(run_id).status == "cancelled"
    assert r.acts.count("one") == 0


def test_a_pause_reaches_what_hangs_below_a_run(rig):
    """The runs that a paused run has called are held with it, and let go with it."""
    r = rig()
    parent, child = r.start(), r.start()
    with r.db.write() as connection:
        below = tables.run.update().where(tables.run.c.id == child)
        connection.execute(below.values(parent_id=parent))
    pause(r, "run", parent)
    work(r)
    assert r.acts.count("one") == 0
    assert len(resume(r, "run", parent)) == 2
    work(r)
    assert statuses(r) == ["succeeded", "succeeded"]


def test_nothing_is_asked_about_pauses_while_nobody_has_paused_anything(rig):
    """One look a second for each worker, however many runs it claims: the hot path stays as it is."""
    from sqlalchemy import event  # noqa: PLC0415 - only this test listens

    r = rig()
    claims = r.claims()
    asked = []
    engine = r.db.engine
    listen = lambda *args: asked.append(args[2]) if "paused_at" in args[2] else None  # noqa: E731
    event.listen(engine, "before_cursor_execute", listen)
    try:
        for _ in range(20):
            r.do(claims.stages, [(r.start(), 0)])
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    assert sum("SELECT EXISTS" in sql for sql in asked) == 1
    assert not any("JOIN workflow" in sql for sql in asked)
