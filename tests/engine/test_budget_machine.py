"""The budget under everything at once: whatever happens in whatever order, the limit holds (S61, S65)."""

import json
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import update

from app.engine.control import Cancel
from app.engine.records import Started
from app.store import tables
from app.store.days import next_midnight
from graphs.errors import PermanentError
from tests.engine.test_budget import ONE, at, offers, zone
from tests.support import probes
from tests.support.fixtures import quick
from tests.support.rig import Clock, Rig

LIMIT = 7.5
WORKERS = 20
ENDS = ("good", "cheaper", "busy", "refused")


class Budget(RuleBasedStateMachine):
    """Triggers, workers and days; each example has a database of its own."""

    template: Path
    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "one.db")
        self.db = quick(f"sqlite:///{self.folder / 'one.db'}")
        monitor = {"cost_monitor": {"daily_credits": LIMIT}}
        self.rig = Rig(self.db, self.clock, self.folder, "input.trigger>one.a", paid="one", gates=monitor)
        offers(self.rig, 1)
        zone(self.rig, "Europe/Berlin")
        at(self.rig, "2026-03-28T22:00", "Europe/Berlin")
        self.price, self.prices, self.end = 1.0, {}, "good"
        self.rig.acts["one"] = self.act
        self.held = []

    def act(self, run, _inputs):
        if self.end == "busy":
            raise probes.busy()
        if self.end == "refused":
            raise PermanentError("node.provider_rejected_input", "no")
        share = 0.5 if self.end == "cheaper" else 1
        return probes.painted(self.prices[run.job_id] * share, run.job_id[-8:])

    @rule(count=st.integers(1, 4), price=st.sampled_from([0.1, 0.3, 1.0, 2.2]))
    def trigger(self, count, price):
        models = json.dumps([{"id": "m1", "title": "M", "price": price}])
        with self.db.write() as connection:
            connection.execute(update(tables.provider).values(models=models))
        for answer in self.rig.accept(*[self.rig.shop.new() for _ in range(count)]):
            assert isinstance(answer, Started)
            self.prices[answer.run_id] = price

    @rule(most=st.integers(1, WORKERS))
    def claim(self, most):
        due = self.rig.sweep()
        keys = list(dict.fromkeys([*self.rig.bells, *due.stages]))[: max(0, most - len(self.held))]
        self.rig.bells.clear()
        self.held += self.rig.claim(*keys) if keys else []

    @rule(place=st.integers(0, WORKERS), end=st.sampled_from(ENDS))
    def settle(self, place, end):
        if self.held:
            self.end = end
            self.rig.settle(self.rig.decide(self.held.pop(place % len(self.held))))

    @rule()
    def crash(self):
        self.held.clear()
        self.rig.clock.now += 11

    @rule(place=st.integers(0, 50))
    def cancel(self, place):
        ids = sorted(self.prices)
        if ids:
            self.rig.do(self.rig.control.cancel, Cancel(ids[place % len(ids)], "ann"))

    @rule(seconds=st.sampled_from([1, 30, 480]))
    def wait(self, seconds):
        self.rig.clock.now += seconds

    @rule()
    def midnight(self):
        self.rig.clock.now = next_midnight(self.rig.clock.now, "Europe/Berlin") + 0.001

    @invariant()
    def never_past_the_limit(self):
        rows = self.rig.rows(tables.reservation)
        for row in self.rig.rows(tables.spend):
            assert 0 <= row.spent + row.reserved <= LIMIT * ONE
            assert row.reserved == sum(each.amount for each in rows if each.day == row.day)

    @invariant()
    def nobody_waits_with_money(self):
        found = self.rig.rows(tables.run, tables.run.c.wait.contains('"budget"'))
        waiting = {row.id for row in found}
        assert not [row for row in self.rig.rows(tables.reservation) if row.run_id in waiting and row.day]

    def teardown(self):
        self.held.clear()
        for run_id in self.prices:
            self.rig.do(self.rig.control.cancel, Cancel(run_id, "ann"))
        assert not self.rig.rows(tables.reservation)
        spent = sum(row.spent for row in self.rig.rows(tables.spend))
        cost = sum(round(row.credit_cost * ONE) for row in self.rig.rows(tables.run))
        assert (spent, sum(row.reserved for row in self.rig.rows(tables.spend))) == (cost, 0)
        self.rig.close()
        self.db.close()
        shutil.rmtree(self.folder)


def test_spent_and_reserved_never_pass_the_limit(sqlite_template, clock):
    """Workers, prices, failures, crashes, cancels and days in any order; at the end nothing is held."""
    run_state_machine_as_test(
        type("Machine", (Budget,), {"template": sqlite_template, "clock": clock}),
        settings=settings(
            max_examples=5,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
