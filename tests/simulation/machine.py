"""Runs, gates, budgets and deliveries under moves in any order, drawn and shortened by hypothesis (R12, R13).

What must hold at every commit stands in `rules` and `watch`; what must hold in the end is asked at the end of
each story, after a time of calm in which everything that can go on does.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from app.engine.control import Cancel, Replay, Resume
from app.engine.held import Holding, Release
from app.engine.pause import Pause, Pausing
from app.engine.pause import Resume as Unpause
from app.engine.raising import Raise, raise_limits
from app.engine.resolve import Resolve, resolve
from app.store import tables
from app.store.audit import Actor
from app.store.days import next_midnight
from tests.simulation.ending import audit, calm, one_move
from tests.simulation.manual import ANSWERS, FATES, POLLS, Manual
from tests.simulation.parts import Parts
from tests.support.rig import LEASE, ORG

_PLACE = st.integers(0, 30)
_WORKER = st.sampled_from(("w1", "w2", "w3"))
_CALLER = st.sampled_from(("cal_1", "cal_2"))
_ANN = Actor(ORG, "ann")
_GONE = {"done", "failed", "cancelled"}


def _some(hands: str) -> Callable[[Any], bool]:
    """Only where there is something to move."""
    return lambda machine: bool(machine.world and getattr(machine.world, hands))


def _any_run(machine: Any) -> bool:
    return bool(machine.promised)


class Machine(RuleBasedStateMachine):
    """One story; `parts` is shared by all of them."""

    parts: ClassVar[Parts]

    def __init__(self) -> None:
        super().__init__()
        self.world: Manual | None = None
        self.promised: dict[str, str] = {}

    @property
    def here(self) -> Manual:
        assert self.world is not None
        return self.world

    @initialize(keyed=st.booleans())
    def begin(self, keyed: bool) -> None:
        self.world = Manual(self.parts, keyed=keyed)

    @rule(caller=_CALLER, key=st.integers(0, 20), called=st.booleans(), hurry=st.sampled_from((None, 40.0)))
    def trigger(self, caller: str, key: int, called: bool, hurry: float | None) -> None:
        """The same key again is the same run, whatever became of it."""
        name = f"{caller}/{key}"
        run_id = self.here.trigger(
            caller_id=caller,
            caller=caller,
            callback_url=f"https://receiver.test/{name}" if called else None,
            idempotency=(name, "p"),
            deadline_seconds=hurry,
        )
        assert self.promised.setdefault(name, run_id) == run_id

    @precondition(_some("messages"))
    @rule(place=_PLACE, worker=_WORKER, again=st.booleans())
    def hear(self, place: int, worker: str, again: bool) -> None:
        """A message arrives, once or twice."""
        message = self.here.messages.pop(place % len(self.here.messages))
        for _ in range(1 + again):
            self.here.hear(message, worker)

    @precondition(_some("messages"))
    @rule(place=_PLACE)
    def lose(self, place: int) -> None:
        self.here.messages.pop(place % len(self.here.messages))

    @precondition(_some("held"))
    @rule(place=_PLACE, fate=st.sampled_from(("", "", *FATES, *POLLS)), generous=st.booleans())
    def work(self, place: int, fate: str, generous: bool) -> None:
        """A worker performs; the service answers, or not, and may charge more than it said."""
        self.here.generous = generous
        self.here.work(place % len(self.here.held), fate)

    @precondition(_some("decided"))
    @rule(place=_PLACE)
    def settle(self, place: int) -> None:
        self.here.settle(place % len(self.here.decided))

    @precondition(_some("letters"))
    @rule(place=_PLACE, fate=st.sampled_from(("", *ANSWERS)))
    def send(self, place: int, fate: str) -> None:
        self.here.send(place % len(self.here.letters), fate)

    @precondition(_some("answers"))
    @rule(place=_PLACE)
    def note(self, place: int) -> None:
        self.here.note(place % len(self.here.answers))

    @rule(moves=st.integers(1, 8), generous=st.booleans())
    def go_on(self, moves: int, generous: bool) -> None:
        """All goes well for a while."""
        self.here.generous = generous
        for _ in range(moves):
            one_move(self.here)

    @precondition(_any_run)
    @rule(worker=_WORKER, moves=st.integers(0, 4))
    def overtake(self, worker: str, moves: int) -> None:
        """Leases end while their workers live; another worker goes on, and they come late."""
        here = self.here
        mine = here.held, here.decided, here.letters, here.answers
        late = [list(hands) for hands in mine]
        for hands in mine:
            hands.clear()  # type: ignore[attr-defined]
        here.pass_time(LEASE + 1)
        here.sweep()
        for _ in range(moves):
            one_move(here, worker)
        for hands, each in zip(mine, late, strict=True):
            hands.extend(each)  # type: ignore[attr-defined]

    @rule(worker=_WORKER)
    def die(self, worker: str) -> None:
        self.here.die(worker)

    @rule(worker=_WORKER)
    def beat(self, worker: str) -> None:
        self.here.beat(worker)

    @rule()
    def sweep(self) -> None:
        self.here.sweep()

    @precondition(_any_run)
    @rule()
    def add_up(self) -> None:
        self.here.add_up()

    @rule(seconds=st.sampled_from((0.5, 11.0, 31.0, 121.0, 481.0, 3_700.0)))
    def pass_time(self, seconds: float) -> None:
        self.here.pass_time(seconds)

    @rule()
    def midnight(self) -> None:
        now = self.here.now()
        self.here.pass_time(next_midnight(now, "UTC") - now + 0.001)

    @rule(by=st.sampled_from((7_200.0, -7_200.0, 0.0)))
    def set_clock(self, by: float) -> None:
        """Somebody corrects the machine's clock."""
        self.here.stepped = by

    @precondition(_any_run)
    @rule(place=_PLACE)
    def cancel(self, place: int) -> None:
        if run_id := self._one(tables.run.c.id, place):
            letters = self.here.do(self.here.control.cancel, Cancel(run_id, "ann"))
            self.here.messages += [("deliver", letter) for letter in letters if letter]

    @precondition(_any_run)
    @rule(place=_PLACE, what=st.sampled_from(("run", "workflow", "caller")), on=st.booleans())
    def pause(self, place: int, what: Any, on: bool) -> None:
        """Somebody pauses, or lets go on."""
        table = {"run": tables.run, "workflow": tables.workflow, "caller": tables.caller}[what]
        if name := self._one(table.c.id, place):
            asked: Any = (Pause if on else Unpause)(what, name, name, _ANN)
            keys = self.here.do(Pausing().pause if on else Pausing().resume, asked)[0]
            self.here.messages += [] if on else [("work", key) for key in keys or ()]

    @rule(caller=_CALLER, mode=st.sampled_from(("all", "trickle", "one_of_each", "drop", "shut")))
    def release(self, caller: str, mode: Any) -> None:
        """What an open breaker holds goes on, all or some of it, or is dropped."""
        here, gate = self.here, f"wfl_1:{caller}"
        if mode == "shut":
            (resumed,) = here.do(here.control.resume, Resume(gate, ORG, "ann"))
            here.messages += [("work", (run_id, 0)) for run_id in (resumed.runs if resumed else ())]
            return
        (done,) = here.do(Holding(here.control).release, Release(gate, ORG, "ann", mode))
        here.messages += [("deliver", letter) for letter in (done.deliveries if done else ())]

    @rule(caller=_CALLER, limit=st.sampled_from((None, 0, 500_000, 2_000_000)))
    def raise_limit(self, caller: str, limit: int | None) -> None:
        self.here.do(raise_limits, Raise(f"wfl_1:{caller}", ORG, "ann", limit))

    @precondition(_any_run)
    @rule(place=_PLACE)
    def replay(self, place: int) -> None:
        if letter := self._one(tables.delivery.c.id, place):
            self.here.do(self.here.control.replay, Replay(letter, ORG, "ann"))

    @precondition(_any_run)
    @rule(place=_PLACE)
    def rerun(self, place: int) -> None:
        earlier = self._one(tables.run.c.id, place)
        if earlier:
            self.promised[f"again/{len(self.promised)}"] = self.here.trigger(rerun_of=earlier)

    @precondition(_any_run)
    @rule()
    def find_out(self) -> None:
        """An operator asks the service about calls that nobody answered, and a worker about old jobs."""
        find_out(self.here)

    @invariant()
    def no_rule_is_broken(self) -> None:
        if self.world is not None:
            self.world.story.check()
            reserved = sum(row.reserved for row in self.world.rows(select(tables.spend)))
            rows = self.world.rows(select(tables.reservation))
            assert reserved == sum(row.amount for row in rows if row.day)

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """An open run is worked on, has its moment, or waits for somebody and says so."""
        if self.world is None:
            return
        stages = [row for row in self.world.rows(select(tables.stage)) if row.state not in _GONE]
        timed = {row.run_id for row in stages if row.wake_at is not None}
        for row in self.world.rows(select(tables.run).where(tables.run.c.finished_at.is_(None))):
            told = any(f'"{why}"' in (row.wait or "") for why in ("breaker_open", "review", "paused"))
            assert row.id in timed or told, f"{row.id} is {row.status} and waits for nothing: {row.wait}"

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            if not self.world.story.broken:
                calm(self.world, find_out)
                audit(self.world, self.promised)
                self.world.story.check()
        finally:
            self.world.close()

    def _one(self, column: Any, place: int) -> str:
        known = self.here.rows(select(column).order_by(column))
        return known[place % len(known)][0] if known else ""


def find_out(world: Manual) -> None:
    """Decide about every unknown call as the service's books say, and stop the jobs of ended runs."""
    for row in world.rows(select(tables.call).where(tables.call.c.state == "unknown")):
        charged = bool(world.painter.charged[row.idempotency_key])
        world.painter.waive(row.idempotency_key)
        outcome: Any = "charged_failed" if charged else "not_charged_retry"
        (done,) = world.do(resolve, Resolve(row.id, _ANN, outcome))
        world.messages += [("work", key) for key in (done.stages if done else ())]
    world.look_after()
