"""Earlier results: the same work is done once, at zero credits after that, and never when it must not be."""

import json
from dataclasses import replace

import pytest
from pydantic import BaseModel
from sqlalchemy import delete, update

from app.engine.caching import Forgetting, key_of
from app.store import cached, tables
from graphs.node import Redo, RunInfo, Wait
from graphs.plan import PlanNode
from graphs.sockets import Image
from tests.engine.test_budget import ONE, account, offers
from tests.support import probes
from tests.support.rig import ORG

LINE = "input.trigger>pre.a pre.x>gen.a gen.x>last.a"
HOUR = 3600


def words(run, _inputs):
    return {"x": run.trigger["words"]}


def stamped(run, inputs):
    return {"x": [inputs["a"], run.job_id]}


@pytest.fixture
def shop(rig):
    """Builds a rig whose generator reuses what it made for the same words within an hour."""

    def build(seconds=HOUR, links=LINE, **options):
        r = rig(links, cheap="pre", cache={"gen": seconds}, **options)
        r.acts["pre"], r.acts["gen"] = words, stamped
        return r

    return build


def ask(r, text="a lamp", **fields):
    """Run with these words to the end; what the generator's step is."""
    run_id = r.start(inputs={"words": text}, **fields)
    r.run_dry(60)
    assert r.run(run_id).status == "succeeded"
    return step(r, run_id)


def step(r, run_id, node="gen", generation=0):
    mine = tables.step.c.run_id == run_id, tables.step.c.node_id == node
    return r.rows(tables.step, *mine, tables.step.c.generation == generation)[0]


def source(row):
    return json.loads(row.cached_from)["job_id"] if row.cached_from else None


def test_the_same_work_is_done_once(shop):
    """Equal inputs take the earlier outputs, say from where, and cost nothing; others are worked on."""
    r = shop()
    first, again, other = ask(r), ask(r), ask(r, "a chair")
    assert r.acts.count("gen") == 2
    assert (source(first), source(again), source(other)) == (None, first.run_id, None)
    assert again.outputs == first.outputs
    assert (again.attempts, again.credits) == (0, 0)
    assert r.acts.count("last") == 3


def test_a_node_that_does_not_ask_for_it_works_each_time(rig):
    """Without the switch nothing is looked up and nothing is kept."""
    r = rig(LINE, cheap="pre")
    r.acts["pre"], r.acts["gen"] = words, stamped
    ask(r), ask(r)
    assert r.acts.count("gen") == 2
    assert r.rows(tables.cached_result) == []


def test_results_grow_old(shop):
    """At the end of its time a result is made anew, and what expired is purged in small parts."""
    r = shop()
    first = ask(r)
    r.clock.now += HOUR - 5
    assert source(ask(r)) == first.run_id
    r.clock.now += 10
    second = ask(r)
    assert source(second) is None
    assert [row.run_id for row in r.rows(tables.cached_result)] == [second.run_id]
    for number in range(3):
        ask(r, f"word {number}")
    r.clock.now += 2 * HOUR
    assert [r.do(lambda connection, _: [cached.purge(connection, r.clock.now, 3)], 0)[0] for _ in "12"] == [
        3,
        1,
    ]


def test_the_purge_of_a_worker_empties_the_table(shop):
    """A worker's chore forgets what has expired, and only reads when nothing has."""

    class Writer:
        def __init__(self):
            self.written = 0

        def submit(self, operation, value):
            self.written += 1
            r.do(operation, value)
            return self

        def result(self):
            return None

    r, writer = shop(), Writer()
    ask(r)
    Forgetting(r.db, writer)()
    assert (writer.written, len(r.rows(tables.cached_result))) == (0, 1)
    r.clock.now += 2 * HOUR
    Forgetting(r.db, writer)()
    assert (writer.written, r.rows(tables.cached_result)) == (1, [])


def test_a_shorter_time_holds_for_results_of_before(shop, rig):
    """What the present version calls too old is not taken, whatever it was kept for."""
    r = shop()
    ask(r)
    r.clock.now += 100
    r.plans["ver_1"] = probes.plan(r.kinds, LINE, cheap="pre", cache={"gen": 60})
    r.performer._nodes.clear()
    assert source(ask(r)) is None


def test_a_fresh_run_makes_everything_anew_and_is_kept(shop):
    """It reuses nothing, and the next run reuses what it made."""
    r = shop()
    ask(r)
    fresh = ask(r, fresh=True)
    assert source(fresh) is None
    assert source(ask(r)) == fresh.run_id


def test_what_was_forgotten_is_made_anew(shop):
    """Forgetting is for one workflow, and says how much it was."""
    r = shop()
    ask(r), ask(r, "a chair")
    assert r.do(
        lambda connection, ids: [cached.forget(connection, each) for each in ids], "wfl_2", "wfl_1"
    ) == [0, 2]
    assert source(ask(r)) is None


def test_another_workflow_pays_for_itself(shop):
    """What one workflow made is not taken by another, so that forgetting it is certain."""
    r = shop()
    ask(r)
    assert source(ask(r, workflow_id="wfl_9")) is None


def test_a_run_that_is_gone_is_a_miss(shop):
    """A result whose step was deleted is made anew."""
    r = shop()
    first = ask(r)
    with r.db.write() as connection:
        connection.execute(delete(tables.step).where(tables.step.c.run_id == first.run_id))
    assert source(ask(r)) is None


def test_settings_and_code_versions_count(shop):
    """Other settings of the node, or a raised version of its type, are other work."""
    r = shop()
    ask(r)
    gen = r.plan.node("gen")
    changed = replace(gen, settings={**gen.settings, "note": "softer"})
    nodes = tuple(changed if node.id == "gen" else node for node in r.plan.nodes)
    r.plans["ver_1"] = replace(r.plan, nodes=nodes)
    r.performer._nodes.clear()
    assert source(ask(r)) is None
    r.plans["ver_1"] = r.plan
    r.performer._nodes.clear()
    r.kinds.get("probe").version = 2
    assert source(ask(r)) is None


def test_two_runs_at_the_same_time_both_work(shop):
    """Nobody waits for another's result: both do the work, and the later one is kept."""
    r = shop()
    ids = [r.start(inputs={"words": "a lamp"}) for _ in range(2)]
    first, second = r.claim(*[(run_id, 0) for run_id in ids])
    settlements = [r.decide(first), r.decide(second)]
    r.settle(*settlements)
    assert r.acts.count("gen") == 2
    assert len(r.rows(tables.cached_result)) == 1
    assert source(ask(r)) in ids


def test_a_redo_is_other_work(shop):
    """What was made again with a change is kept apart, and taken when the same redo comes again."""
    r = shop(links="input.trigger>pre.a pre.x>gen.a gen.x>qc.a qc.x>last.a", redos={"qc": "gen"})
    r.acts["qc"] = lambda run, _inputs: {"x": 1} if run.redos else Redo({"n": 1}, "too soft")
    first, again = ask(r), ask(r)
    assert r.acts.count("gen") == 2
    assert source(again) == first.run_id
    redone = step(r, again.run_id, generation=1)
    assert json.loads(redone.cached_from) == {"job_id": first.run_id, "node_id": "gen", "generation": 1}


def test_work_that_has_begun_goes_on(shop):
    """A job that was submitted is seen to its end, although another run has the result by now."""
    r = shop()
    r.acts["gen"] = lambda run, inputs: stamped(run, inputs) if run.state else Wait(30, {"job": 1})
    late = r.start(inputs={"words": "a lamp"})
    r.turn()
    r.acts["gen"] = stamped
    fast = ask(r)
    assert fast.run_id != late
    r.run_dry(120)
    assert source(step(r, late)) is None


def test_a_paid_call_that_was_written_down_is_seen_to_its_end(shop):
    """A step whose worker died over its call does not take another's result: its money is on the way."""
    r = shop()
    ask(r)
    late = r.start(inputs={"words": "a lamp"})
    values = {"id": "call_1", "org_id": ORG, "caller_id": "c", "workflow_id": "wfl_1", "run_id": late}
    with r.db.write() as connection:
        connection.execute(
            tables.call.insert().values(
                **values,
                node_id="gen",
                provider="p",
                model="m",
                idempotency_key="k",
                state="intent",
                day="2026-01-01",
                created_at=0,
                updated_at=0,
            )
        )
    r.run_dry(60)
    assert source(step(r, late)) is None
    assert r.acts.count("gen") == 2


def paid(rig, tmp_path):
    """A rig whose generator paints for two credits behind a cost monitor; its picture is in the store."""
    gates = {"cost_monitor": {"daily_credits": 3}}
    r = rig("input.trigger>gen.a", paid="gen", gates=gates, cache={"gen": HOUR})
    offers(r, 2)
    name = "abab"
    r.acts["gen"] = lambda _run, _inputs: probes.painted(2, name)
    folder = tmp_path / "assets" / "sha256" / "ab" / "ab"
    folder.mkdir(parents=True)
    (folder / f"{name}.png").write_bytes(b"x")
    return r, folder / f"{name}.png"


def test_a_reused_picture_is_free(rig, tmp_path):
    """It costs the run and the budget nothing, reserves only until then, and is delivered like any other."""
    r, _ = paid(rig, tmp_path)
    first = r.start()
    r.run_dry(60)
    # raised, so that the second run finds room for what it will not need
    with r.db.write() as connection:
        connection.execute(update(tables.spend).values(raised=4 * ONE))
    again = r.start()
    r.run_dry(60)
    assert (r.run(first).credit_cost, r.run(again).credit_cost) == (2, 0)
    assert r.acts.count("gen") == 1
    assert list(account(r).values()) == [(2, 0)]
    outputs = json.loads(r.run(again).result)
    assert [each["sha256"] for each in outputs["outputs"]] == ["abab"]
    assert outputs["metadata"]["credit_cost"] == 0
    assert source(step(r, again)) == first


def test_a_picture_that_is_gone_is_a_miss(rig, tmp_path):
    """A result without its file is made anew."""
    r, file = paid(rig, tmp_path)
    first = r.start()
    r.run_dry(60)
    file.unlink()
    with r.db.write() as connection:
        connection.execute(update(tables.spend).values(raised=4 * ONE))
    again = r.start()
    r.run_dry(60)
    assert r.acts.count("gen") == 2
    assert source(step(r, again)) is None
    assert first != again


def key(values, **info):
    node = PlanNode("gen", "probe", "G", {}, (), 0, "slow", HOUR)
    run = RunInfo("run_1", "flow", 1, {}, "gen", 1, "k", "t")
    return key_of(node, 1, values, replace(run, **info))


class Pictured(BaseModel):
    """Inputs with a picture and a seed."""

    images: list[Image] = []
    seed: int | None = None


def test_what_counts_as_the_same_work():
    """A picture counts by content and not by price, a given seed counts, run and attempt do not."""
    picture = probes.painted(2, "ab")["images"][0]
    same = key(Pictured(images=[picture]))
    assert key(Pictured(images=[picture.model_copy(update={"credit_cost": 0})])) == same
    assert key(Pictured(images=[picture]), job_id="run_2", attempt=3, idempotency_key="z") == same
    others = [
        key(Pictured(images=[picture.model_copy(update={"sha256": "cd"})])),
        key(Pictured(images=[picture], seed=1)),
        key(Pictured(images=[picture], seed=2)),
        key(Pictured(images=[picture]), generation=1),
        key(Pictured(images=[picture]), generation=1, change={"n": 1}),
    ]
    assert len({same, *others}) == 6
