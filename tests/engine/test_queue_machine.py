"""What a queue tells its runs stays true while it moves: place and moment, told again at any time (R8)."""

import json
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.engine import waits
from app.engine.control import Cancel
from app.store import runs as rows
from app.store import tables
from app.store.runs import Scope
from tests.support.fixtures import quick
from tests.support.rig import CALLER, ORG, Rig

LIMIT, WINDOW = 3, 600.0
GATES = {"rate_limiter": {"limit": LIMIT, "window_seconds": WINDOW}}
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("trigger"), st.integers(1, 6)),
        st.tuples(st.just("other"), st.integers(1, 4)),
        st.tuples(st.just("cancel"), st.integers(0, 30)),
        st.tuples(st.just("wait"), st.sampled_from([1.0, 30.0, 599.0, 600.0, 1_500.0])),
        st.tuples(st.just("sleep"), st.sampled_from([5.0, 700.0])),
    ),
    min_size=2,
    max_size=7,
)


class Queue:
    """A limiter with two callers, and what its runs were told last."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.told: dict[str, tuple[int, float]] = {}

    def trigger(self, count: int) -> None:
        self.rig.accept(*[self.rig.shop.new() for _ in range(count)])

    def other(self, count: int) -> None:
        news = [self.rig.shop.new(caller_id="cal_2", caller="two") for _ in range(count)]
        self.rig.accept(*news)

    def cancel(self, place: int) -> None:
        open_ = self.rig.rows(tables.run, tables.run.c.finished_at.is_(None), order=tables.run.c.id)
        if open_:
            self.rig.do(self.rig.control.cancel, Cancel(open_[place % len(open_)].id, "ann"))

    def wait(self, seconds: float) -> None:
        """Workers are there meanwhile."""
        end = self.rig.clock.now + seconds
        self.rig.run_dry(seconds)
        self.rig.clock.now = max(end, self.rig.clock.now)
        self.rig.run_dry(0)

    def sleep(self, seconds: float) -> None:
        """Nobody is."""
        self.rig.clock.now += seconds

    def ask(self) -> dict[str, tuple[int, float]]:
        """Place and moment of every run that a limiter holds, as the API tells them now."""
        with self.rig.db.read() as connection:
            ids = connection.scalars(select(tables.run.c.id).order_by(tables.run.c.id)).all()
            found = [rows.get(connection, Scope(ORG), run_id) for run_id in ids]
            shown = waits.present(connection, [each for each in found if each is not None])
        queued: dict[str, list[tuple[str, int, float]]] = {}
        for each in shown:
            wait = json.loads(each.wait or "{}")
            if each.is_open and wait.get("reason") == "rate_limited":
                at = datetime.fromisoformat(wait["expected_start"]).timestamp()
                queued.setdefault(each.caller_id, []).append((each.id, wait["position"], at))
        for line in queued.values():
            assert [position for _, position, _ in line] == list(range(1, len(line) + 1))
            moments = [at for _, _, at in line]
            assert moments == sorted(moments)
            assert min(moments) > self.rig.clock.now - 0.001
        return {run_id: (place, at) for line in queued.values() for run_id, place, at in line}


@pytest.fixture
def template(sqlite_template):
    return sqlite_template


def test_a_queue_tells_the_truth_while_it_moves(template, clock):
    """Places count from one without a gap; whoever is left alone starts at the moment it was told last, and
    nobody is told a later moment than before unless workers were away."""
    begin = clock.now

    @settings(
        max_examples=6,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(STEPS)
    def lives(steps):
        clock.now = begin
        folder = Path(tempfile.mkdtemp())
        shutil.copy(template, folder / "one.db")
        database = quick(f"sqlite:///{folder / 'one.db'}")
        rig = Rig(database, clock, folder, "input.trigger>one.a", gates=GATES)
        try:
            _judge(Queue(rig), steps)
        finally:
            rig.close()
            database.close()
            shutil.rmtree(folder)

    lives()


def _judge(queue, steps):
    away = False
    for name, value in steps:
        getattr(queue, name)(value)
        away = away or name == "sleep"
        told = queue.ask()
        for run_id, (place, at) in told.items():
            before = queue.told.get(run_id)
            if before is not None and not away:
                assert place <= before[0]
                assert at <= before[1] + 0.001
        queue.told = told
    if away:
        queue.wait(0.5)
        queue.told = queue.ask()
    queue.rig.run_dry(50 * WINDOW)
    for run_id, (_, at) in queue.told.items():
        assert abs(queue.rig.run(run_id).started_at - at) <= 0.3, CALLER
