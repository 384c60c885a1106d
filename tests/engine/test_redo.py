"""Redo from quality control: what is done again, what is kept, and what a crash or a branch changes (S45)."""

import json
import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.engine.control import Cancel
from app.store import tables
from graphs.errors import PermanentError
from graphs.generations import load, split
from graphs.node import Redo
from graphs.stale import PINNED
from tests.support import probes
from tests.support.rig import LEASE

LINE = "input.trigger>pre.a pre.x>gen.a gen.x>qc.a qc.x>last.a"
FORK = "input.trigger>gen.a gen.x>qc.a gen.x>side.a side.x>late.a qc.x>last.a late.x>last.b"
PAIR = "input.trigger>gen1.a input.trigger>gen2.a gen1.x>qc1.a gen2.x>qc2.a qc1.x>last.a qc2.x>last.b"


def asking(times, change=None):
    """Ask so often, then pass; tell what was known."""

    def act(run, inputs):
        if run.redos < times:
            return Redo(change or {"n": run.redos}, "too soft", probes.Outputs(x=f"bad {run.redos}"))
        return {"x": [run.generation, run.redos, list(run.earlier)]}

    return act


def numbered(run, _inputs):
    return {"x": [run.node_id, run.generation, run.change]}


def line(rig, times=2, **options):
    r = rig(LINE, cheap="pre qc", redos={"qc": "gen"}, **options)
    r.acts["gen"], r.acts["qc"] = numbered, asking(times)
    return r


def current(r, run_id):
    """The rows that hold, by node."""
    rows = r.rows(tables.step, tables.step.c.run_id == run_id)
    return split(rows, load(r.run(run_id).redos))[0]


def test_the_work_is_done_again_from_the_generator_with_the_change(rig):
    """Each redo runs the generator and what follows once more; what stands before it is kept."""
    r = line(rig)
    run_id = r.start()
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert {name: r.acts.count(name) for name in ("pre", "gen", "qc", "last")} == {
        "pre": 1,
        "gen": 3,
        "qc": 3,
        "last": 1,
    }
    rows = current(r, run_id)
    assert {name: row.generation for name, row in rows.items()} == {
        "input": 0,
        "pre": 0,
        "gen": 2,
        "qc": 2,
        "last": 2,
    }
    assert json.loads(rows["gen"].outputs)["x"] == ["gen", 2, {"n": 1}]
    assert json.loads(rows["qc"].outputs)["x"] == [2, 2, [{"x": "bad 0"}, {"x": "bad 1"}]]


def test_a_redo_does_not_go_back_to_a_pinned_result(rig):
    """Who is told so passes what there is; who asks all the same fails; nothing is made again."""
    r = line(rig)
    told = []

    def careful(run, _inputs):
        told.append(run.fixed)
        return {"x": "as good as it gets"} if run.fixed else Redo({}, "too soft", probes.Outputs(x="bad"))

    r.acts["qc"] = careful
    pinned = {"keep": {"gen": {"x": "pinned"}}, "kept_as": {"gen": PINNED}}
    run_id = r.start(**pinned)
    r.run_dry()
    assert (r.run(run_id).status, told, r.acts.count("gen")) == ("succeeded", [True], 0)
    r.acts["qc"] = asking(9)
    run_id = r.start(**pinned)
    r.run_dry()
    failed = current(r, run_id)["qc"]
    assert (r.run(run_id).status, failed.error_code) == ("failed", "node.qc_failed")
    assert (r.acts.count("gen"), load(r.run(run_id).redos)) == (0, ())
    assert "unpin it" in json.loads(r.run(run_id).result)["error"]["error_description"]
    # what an earlier run made is no pin: it may be made anew
    r.acts["qc"] = asking(1)
    run_id = r.start(keep={"gen": {"x": "kept"}})
    r.run_dry()
    assert (r.run(run_id).status, r.acts.count("gen")) == ("succeeded", 1)


def test_every_generation_is_kept_with_its_reason(rig):
    """The run lists its redos; each asking step keeps what it found, and each paid call its own key."""
    r = line(rig)
    run_id = r.start()
    r.run_dry()
    redos = load(r.run(run_id).redos)
    assert [(each.generation, each.start, each.by, each.change, each.reason) for each in redos] == [
        (1, "gen", "qc", {"n": 0}, "too soft"),
        (2, "gen", "qc", {"n": 1}, "too soft"),
    ]
    asked = r.rows(tables.step, tables.step.c.status == "redone", order=tables.step.c.generation)
    assert [(row.node_id, row.generation, json.loads(row.outputs)) for row in asked] == [
        ("qc", 0, {"x": "bad 0"}),
        ("qc", 1, {"x": "bad 1"}),
    ]
    keys = [key for node, _, _, key in r.acts.calls if node == "gen"]
    assert keys == [f"{run_id}:gen:{number}" for number in (1, 2, 3)]


def test_the_cost_of_every_generation_counts(rig):
    """A run costs what all its generations cost, those that were not delivered too."""
    r = line(rig)
    run_id = r.start()
    work = r.claim((run_id, 0))
    while work:
        decided = r.decide(work[0])
        steps = tuple(row._replace(credits=1.5 if row.node_id == "gen" else 0) for row in decided.steps)
        (settled,) = r.settle(replace(decided, steps=steps))
        work = settled.claimed
    assert (r.run(run_id).status, r.run(run_id).credit_cost) == ("succeeded", 4.5)
    assert json.loads(r.run(run_id).result)["metadata"]["credit_cost"] == 4.5


def test_a_redo_takes_back_what_runs_beside_it(rig):
    """Work on the old picture in other branches is fenced out, and done again for the new one."""
    r = rig(FORK, redos={"qc": "gen"})
    r.acts["gen"], r.acts["qc"], r.acts["side"] = numbered, asking(1), lambda _, inputs: {"x": inputs["a"]}
    run_id = r.start()
    (settled,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
    work = {r.plan.stage_nodes(each.number)[0].id: each for each in settled.claimed}
    work |= {r.plan.stage_nodes(each.number)[0].id: each for each in r.claim(*settled.rung)}
    late = r.decide(work["side"])
    (again,) = r.settle(r.decide(work["qc"]))
    assert [r.plan.stage_nodes(each.number)[-1].id for each in again.claimed] == ["gen"]
    assert not r.settle(late)[0].applied
    r.bells += again.rung
    work_again = again.claimed
    while work_again:
        done = r.settle(*[r.decide(each) for each in work_again])
        work_again = [each for one in done for each in one.claimed]
        r.bells += [key for one in done for key in one.rung]
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert json.loads(current(r, run_id)["late"].outputs)["x"] == "late"
    assert json.loads(current(r, run_id)["side"].outputs)["x"] == ["gen", 1, {"n": 0}]
    assert r.acts.count("last") == 1


@pytest.mark.parametrize("together", [False, True])
def test_redos_of_two_branches_meet_in_one_join(rig, together):
    """Each branch has its own redos; the join behind them runs once, on the last of both."""
    r = rig(PAIR, cheap="qc1 qc2", redos={"qc1": "gen1", "qc2": "gen2"})
    for name in ("gen1", "gen2"):
        r.acts[name] = numbered
    for name in ("qc1", "qc2"):
        r.acts[name] = lambda run, inputs: (
            Redo({}, "no", probes.Outputs(x=0)) if not run.redos else {"x": inputs["a"][:2]}
        )
    r.acts["last"] = lambda _, inputs: {"x": inputs}
    run_id = r.start()
    if together:
        work = r.claim((run_id, 0))
        while work or r.bells:
            work += r.claim(*r.bells)
            r.bells = []
            done = r.settle(*[r.decide(each) for each in work])
            work = [each for one in done for each in one.claimed]
            r.bells = [key for one in done for key in one.rung]
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert r.acts.count("last") == 1
    made = json.loads(current(r, run_id)["last"].outputs)["x"]
    assert {made["a"][0]: made["a"][1] > 0, made["b"][0]: made["b"][1] > 0} == {"gen1": True, "gen2": True}
    assert {each.generation for each in load(r.run(run_id).redos)} == {1, 2}
    assert {row.state for row in r.stages(run_id).values()} <= {"done", "cancelled"}


def test_a_worker_that_dies_after_a_redo_loses_nothing(rig):
    """The next generation is a row with a lease; another worker takes it up, and nothing is asked twice."""
    r = line(rig, times=1)
    run_id = r.start()
    r.bells.clear()
    (first,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
    (again,) = r.settle(r.decide(first.claimed[0]))
    assert len(again.claimed) == 1
    r.clock.now += LEASE + 1
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    assert len(load(r.run(run_id).redos)) == 1
    assert [row.generation for row in r.rows(tables.step, tables.step.c.node_id == "gen")] == [0, 1]


def test_a_request_that_is_settled_twice_counts_once(rig):
    """A settlement that is written again finds its fence gone and opens nothing."""
    r = line(rig, times=1)
    run_id = r.start()
    r.bells.clear()
    (first,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
    asked = r.decide(first.claimed[0])
    assert [each.applied for each in r.settle(asked, asked)] == [True, False]
    assert not r.settle(asked)[0].applied
    assert len(load(r.run(run_id).redos)) == 1


def test_a_run_that_fails_beside_a_redo_stays_failed(rig):
    """When another branch fails in the same commit, nothing is opened again."""
    r = rig(FORK, redos={"qc": "gen"})
    r.acts["qc"], r.acts["side"] = asking(1), probes.failing(PermanentError("node.qc_failed", "no"))
    run_id = r.start(callback_url="http://127.0.0.1:9/cb")
    (settled,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
    both = [*settled.claimed, *r.claim(*settled.rung)]
    answers = r.settle(*[r.decide(each) for each in both])
    assert [(each.claimed, each.rung) for each in answers] == [((), ()), ((), ())]
    assert (r.run(run_id).status, r.run(run_id).redos) == ("failed", None)
    assert len(r.deliveries(run_id)) == 1


def test_a_node_that_never_has_enough_is_stopped(rig):
    """A node type that asks beyond its settings fails the run as a fault of the system, loudly."""
    r = line(rig, times=99)
    run_id = r.start()
    r.run_dry()
    run = r.run(run_id)
    assert (run.status, run.error_code, len(load(run.redos))) == ("failed", "run.internal", 5)
    assert r.value(select(func.count()).select_from(tables.alert)) == 1


def test_a_redo_without_a_place_to_go_back_to_fails_the_run(rig):
    """A node that asks although its settings name nothing to go back to is a fault of its type."""
    r = rig(LINE)
    r.acts["qc"] = asking(1)
    run_id = r.start()
    r.run_dry()
    assert (r.run(run_id).status, r.run(run_id).error_code) == ("failed", "run.internal")


def test_cancelling_between_generations_ends_the_run(rig):
    """A run can be cancelled while it is being done again; late work of any generation is fenced out."""
    r = line(rig)
    run_id = r.start()
    r.bells.clear()
    (first,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
    (again,) = r.settle(r.decide(first.claimed[0]))
    late = r.decide(again.claimed[0])
    r.do(r.control.cancel, Cancel(run_id, "ann"))
    assert not r.settle(late)[0].applied
    assert r.run(run_id).status == "cancelled"
    assert r.next_wake() is None


def test_a_retry_within_a_generation_is_an_attempt_of_it(rig):
    """Tries are counted for each generation, so that a redo has the whole retry schedule again."""
    r = line(rig, times=1)
    flaky = {0: probes.failing(probes.busy(), 1), 1: probes.failing(probes.busy(), 2)}
    r.acts["gen"] = lambda run, inputs: flaky[run.generation](run, inputs)
    run_id = r.start(callback_url="http://127.0.0.1:9/cb")
    r.run_dry()
    assert r.run(run_id).status == "succeeded"
    tried = [(row.generation, row.number, row.status) for row in r.attempts(run_id)]
    assert sorted(tried) == [
        (0, 1, "failed"),
        (0, 2, "succeeded"),
        (1, 1, "failed"),
        (1, 2, "failed"),
        (1, 3, "succeeded"),
    ]
    assert json.loads(r.run(run_id).result)["metadata"]["attempts"] == 5


def test_a_graph_without_redo_locks_no_run(rig):
    """The plain path knows nothing of redos: its settlements carry no plan and lock nothing more."""
    r = rig(LINE)
    run_id = r.start()
    settlement = r.decide(r.claim((run_id, 0))[0])
    assert (settlement.plan, settlement.redo) == (None, None)


def test_a_redo_and_an_arrival_at_the_same_moment(rig):
    """Two workers that settle a redo and a branch beside it at once leave one consistent run."""
    r = rig(PAIR, cheap="qc1", redos={"qc1": "gen1"})
    r.acts["gen1"], r.acts["gen2"] = numbered, numbered
    r.acts["qc1"] = lambda run, inputs: Redo({}, "no") if not run.redos else {"x": inputs["a"][:2]}
    r.acts["qc2"] = lambda _, inputs: {"x": inputs["a"][:2]}
    r.acts["last"] = lambda _, inputs: {"x": inputs}
    for _ in range(4):
        run_id = r.start()
        r.bells.clear()
        work = r.claim((run_id, 0))
        (settled,) = r.settle(r.decide(work[0]))
        work = [*settled.claimed, *r.claim(*settled.rung)]
        firsts = r.settle(*[r.decide(each) for each in work])
        work = [*(each for one in firsts for each in one.claimed)]
        work += r.claim(*[key for one in firsts for key in one.rung])
        decided = [r.decide(each) for each in work]
        threads = [
            threading.Thread(target=r.settle, args=(each,), kwargs={"worker": f"w{place}"})
            for place, each in enumerate(decided)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        r.clock.now += LEASE + 1
        r.run_dry()
        assert r.run(run_id).status == "succeeded"
        made = json.loads(current(r, run_id)["last"].outputs)["x"]
        assert (made["a"], made["b"]) == (["gen1", 1], ["gen2", 0])
