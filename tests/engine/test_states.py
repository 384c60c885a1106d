"""Any order of triggers, messages, crashes, errors, decisions and time: what must always hold (R12)."""

import json
import random
import shutil
import tempfile
import time
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from app.engine.control import Cancel, Replay
from app.engine.deliver import settle_deliveries
from app.engine.lease import Held
from app.store import tables
from app.store.ids import drawn_from
from graphs.errors import AmbiguousError, PermanentError
from graphs.node import Wait
from tests.support import probes
from tests.support.fixtures import quick
from tests.support.rig import LEASE, Clock, Rig

OUTCOMES = {
    "pass": lambda: {"x": 1},
    "cut": dict,
    "busy": lambda: probes.raising(probes.busy()),
    "wrong": lambda: probes.raising(PermanentError("node.qc_failed", "no")),
    "lost": lambda: probes.raising(AmbiguousError("node.provider_outcome_unknown", "no answer")),
    "wait": lambda: Wait(5, {"job": "j"}),
}
GRAPH = "input.trigger>one.a one.x>left.a one.x>right.a left.x>last.a right.x>last.b"
GATES = {"rate_limiter": {"limit": 4, "window_seconds": 60}}
ENDED = {"succeeded", "failed", "cancelled"}
BEGIN = 1_790_000_000.0
WORKERS = st.sampled_from(["w1", "w2"])


class Engine(RuleBasedStateMachine):
    """Rules are what the world does; invariants are what a reader of the database may rely on."""

    template: Path
    runs = Bundle("runs")
    work = Bundle("work")
    letters = Bundle("letters")

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sk-states-"))
        shutil.copy(self.template, self.folder / "s.db")
        # the same moves have to make the same world: hypothesis plays them again
        self.clock = Clock(BEGIN)
        self.ids = drawn_from(random.Random(0).randbytes)
        self.ids.__enter__()
        self.patch = mock.patch.object(time, "time", self.clock)
        self.patch.start()
        self.rig = Rig(
            quick(f"sqlite:///{self.folder / 's.db'}"), self.clock, self.folder, GRAPH, gates=GATES
        )
        self.outcome = "pass"
        for name in ("one", "left", "right", "last"):
            self.rig.acts[name] = lambda *_: OUTCOMES[self.outcome]()
        self.ends: dict[str, tuple] = {}
        self.fences: dict[tuple, int] = {}

    @rule(target=runs, told=st.booleans(), key=st.sampled_from([None, None, "a"]), count=st.integers(1, 4))
    def trigger(self, told, key, count):
        new = self.rig.shop.new(
            callback_url="http://127.0.0.1:9/cb" if told else None, idempotency=(key, "p") if key else None
        )
        return multiple(*dict.fromkeys(answer.run_id for answer in self.rig.accept(*[new] * count)))

    @rule(target=work, run=runs, number=st.integers(0, 4), worker=WORKERS)
    def odd_message(self, run, number, worker):
        return multiple(*[(worker, item) for item in self.rig.claim((run, number), worker=worker)])

    @rule(target=work, first=st.integers(0, 9), count=st.integers(1, 6), worker=WORKERS)
    def message(self, first, count, worker):
        ready = self.rig.rows(tables.stage, tables.stage.c.state == "ready", order=tables.stage.c.run_id)
        keys = [(row.run_id, row.number) for row in ready[first % (len(ready) or 1) :][:count]]
        return multiple(*[(worker, item) for item in self.rig.claim(*keys, worker=worker)])

    @rule(target=work, item=consumes(work), outcome=st.sampled_from(sorted(OUTCOMES)))
    def finish(self, item, outcome):
        worker, claimed = item
        self.outcome = outcome
        row = self.rig.stages(claimed.run.id)[claimed.number]
        (settled,) = self.rig.settle(self.rig.decide(claimed), worker=worker)
        assert settled.applied == ((row.state, row.fence) == ("running", claimed.fence))
        return multiple(*[(worker, following) for following in settled.claimed])

    @rule(item=consumes(work))
    def crash(self, item):
        pass

    @rule(item=work, worker=WORKERS)
    def heartbeat(self, item, worker):
        claimed = item[1]
        held = Held({(claimed.run.id, claimed.number): claimed.fence}, {})
        self.rig.do(self.rig.leases(worker).renew, held)

    @rule(item=work, worker=WORKERS)
    def hand_back(self, item, worker):
        claimed = item[1]
        held = Held({(claimed.run.id, claimed.number): claimed.fence}, {})
        self.rig.do(self.rig.leases(worker).release, held)

    @rule(
        target=letters,
        seconds=st.sampled_from([0, 0.5, 6, LEASE + 1, 30, 61, 500]),
        backlog=st.sampled_from([0, 0, 0, 10_000, None]),
    )
    def pass_time(self, seconds, backlog):
        self.clock.now += seconds
        due = self.rig.sweep(backlog=backlog)
        for run_id, _ in due.poisoned:
            self.rig.do(self.rig.control.cancel, Cancel(run_id, "system", code="run.internal"))
        return multiple(*due.deliveries)

    @rule(letter=letters, answer=st.sampled_from([None, "delivery.timeout", "delivery.gone"]))
    def deliver(self, letter, answer):
        for item in self.rig.do(self.rig.claims().deliveries, [letter])[0]:
            result = self.rig.sender._judged(item, self.clock.now, 0.0, None, answer, answer, None)
            assert self.rig.do(settle_deliveries, result) == [True]

    @rule(run=runs)
    def cancel(self, run):
        self.rig.do(self.rig.control.cancel, Cancel(run, "ann"))

    @rule(letter=letters)
    def replay(self, letter):
        self.rig.do(self.rig.control.replay, Replay(letter, "org_1", "ann"))

    @invariant()
    def an_end_is_an_end(self):
        for run in self.rig.rows(tables.run):
            if run.status in ENDED:
                end = (run.status, run.finished_at, run.result, run.error)
                assert self.ends.setdefault(run.id, end) == end
                assert run.wait is None
            else:
                assert run.finished_at is None
                assert run.id not in self.ends

    @invariant()
    def who_is_owed_a_callback_has_exactly_one(self):
        owed = {run.id for run in self.rig.rows(tables.run) if run.status in ENDED and run.callback_url}
        letters = self.rig.rows(tables.delivery)
        assert sorted(letter.run_id for letter in letters) == sorted(owed)
        for letter in letters:
            assert letter.attempts - letter.attempt_base <= 4
            assert (letter.wake_at is None) == (letter.status in {"delivered", "permanently_failed"})

    @invariant()
    def nothing_open_is_forgotten(self):
        stages = self.rig.rows(tables.stage)
        for row in stages:
            assert self.fences.get((row.run_id, row.number), 0) <= row.fence
            self.fences[row.run_id, row.number] = row.fence
        awake = {row.run_id for row in stages if row.wake_at is not None}
        reviewed = {row.run_id for row in stages if row.state == "waiting" and row.wake_at is None}
        for run in self.rig.rows(tables.run):
            assert run.status not in ENDED or run.id not in awake | reviewed
            assert run.status in ENDED or run.id in awake | reviewed

    @invariant()
    def the_window_holds(self):
        query = select(tables.run.c.started_at).where(tables.run.c.started_at.is_not(None))
        with self.rig.db.read() as connection:
            times = sorted(connection.scalars(query))
        for first, fifth in zip(times, times[4:], strict=False):
            assert fifth - first >= 60

    def teardown(self):
        try:
            self.settle_down()
        finally:
            self.patch.stop()
            self.ids.__exit__(None, None, None)
            self.rig.close()
            self.rig.db.close()
            shutil.rmtree(self.folder)

    def settle_down(self):
        """When the world calms down, every run ends, or waits for a person."""
        self.outcome = "pass"
        self.rig.bells.clear()
        self.rig.sender.attempt = self.answered
        self.rig.run_dry(30 * 86_400)
        for run in self.rig.rows(tables.run):
            if run.status not in ENDED:
                assert json.loads(run.wait)["reason"] == "review", run
        open_letters = select(func.count()).where(tables.delivery.c.wake_at.is_not(None))
        assert self.rig.value(open_letters) == 0

    async def answered(self, item):
        return self.rig.sender._judged(item, self.clock.now, 0.0, None, None, None, None)


@pytest.mark.timeout(300)
def test_whatever_happens_the_rules_hold(sqlite_template):
    """No order of events loses a run, ends or tells it twice, or starts more than a window allows."""
    Engine.template = sqlite_template
    run_state_machine_as_test(
        Engine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
