"""A world that is moved by hand: every message, crash, answer and decision is somebody's next move.

The product's own operations over one database, without processes: what would be at the same time is one after
the other here, in any order that the moves come in. Nothing in it is left to chance.
"""

import random
from contextlib import ExitStack
from typing import Any

from sqlalchemy import func, select

from app import clock
from app.engine.accept import accept
from app.engine.aftermath import Aftermath, leftovers, take
from app.engine.claim import Claims
from app.engine.control import Cancel, Control
from app.engine.decide import Decider
from app.engine.deliver import settle_deliveries
from app.engine.lease import Held, Leases
from app.engine.perform import Performer
from app.engine.records import Claimed, DeliveryResult, Outgoing, Settlement
from app.engine.send import Sender
from app.engine.settle import Settlements
from app.engine.sweep import Sweep, Sweeper
from app.engine.tally import AT_ONCE, add_up
from app.store import ids, tables
from tests.simulation import quiet
from tests.simulation.faults import Faults
from tests.simulation.furniture import furnish
from tests.simulation.loop import VirtualLoop, running
from tests.simulation.outside import Receivers
from tests.simulation.parts import Parts
from tests.simulation.rules import Rules
from tests.simulation.service import Painter, Shelf
from tests.simulation.story import Story
from tests.support.rig import DELAYS, LEASE, SECRET, Shop

_START = 1_790_000_000.0
FATES = ("busy", "throttled", "wrong", "lost", "job")
POLLS = ("busy", "more", "ended")
ANSWERS = ("fails", "hangs", "lost_reply", "slow_down", "gone")


class AtOnce:
    """A writer whose commit is done when it is asked for."""

    def __init__(self, world: "Manual") -> None:
        self._world = world

    async def write(self, operation: Any, value: Any) -> Any:
        (answer,) = self._world.do(operation, value)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Manual:
    """Workers, a broker, a service that charges, receivers and a clock; everything waits for its move."""

    def __init__(self, parts: Parts, *, keyed: bool) -> None:
        chances = {"service": FATES, "job": POLLS, "receiver": ANSWERS}
        every: dict[str, Any] = {name: dict.fromkeys(fates, 1.0) for name, fates in chances.items()}
        self.faults = Faults(graph="paid", gates="all", keyed=keyed, excess=1.0, **every)
        self.parts, self.database = parts, parts.database
        self.seed, self.apart, self.stepped, self.epoch = 0, 0.0, 0.0, _START
        self.paused = True
        self.rng, self.loop, self.story = random.Random(0), VirtualLoop(), Story(200)
        self.fate, self.generous = "", False
        self.messages: list[tuple[str, Any]] = []
        self.held: list[tuple[str, Claimed]] = []
        self.decided: list[tuple[str, Settlement]] = []
        self.letters: list[tuple[str, Outgoing]] = []
        self.answers: list[tuple[str, DeliveryResult]] = []
        self._open_world()

    def _open_world(self) -> None:
        self._stack = ExitStack()
        self._stack.enter_context(quiet.logs_off())
        self._stack.enter_context(clock.told_by(self.now, self.wall))
        self._stack.enter_context(ids.drawn_from(random.Random(1).randbytes))
        self.rules, self.receivers, self.painter = Rules(self), Receivers(self), Painter(self)  # type: ignore[arg-type]
        self.parts.clean()
        self.plan = self.parts.plan("paid", "all")
        self.shop = Shop(self.database, self.plan)
        furnish(self)  # type: ignore[arg-type]
        self.parts.watch.rules = self.rules
        shelf: Any = Shelf()
        writer: Any = AtOnce(self)
        self._performer = Performer(self.parts.tools("w", self.painter, writer))
        self._decider = Decider(DELAYS, shelf)
        egress: Any = self.receivers
        self._sender = Sender(egress, lambda _caller: [SECRET], DELAYS)
        services: Any = self.painter
        self._aftermath = Aftermath(self.database, writer, services, self.loop)
        self._sweeper = Sweeper(self.database.dialect)
        self.control = Control(self.database.dialect)

    def close(self) -> None:
        self.parts.watch.rules = None
        self._stack.close()

    def now(self) -> float:
        return self.epoch + self.loop.elapsed

    def wall(self) -> float:
        return self.now() + self.stepped

    def tell(self, who: str, what: str, *facts: Any) -> None:
        self.story.tell(self.loop.elapsed, who, what, *facts)

    def happens(self, chance: float) -> bool:
        return chance > 0 and self.generous

    def drawn(self, chances: dict[str, float]) -> str | None:
        return self.fate if self.fate in chances else None

    def do(self, operation: Any, *items: Any) -> list[Any]:
        """One transaction."""
        with self.database.write() as connection:
            return list(operation(connection, items))

    def trigger(self, **fields: Any) -> str:
        (answer,) = self.do(accept, self.shop.new(**fields))
        if not answer.replayed:
            self.messages.append(("work", (answer.run_id, 0)))
        return str(answer.run_id)

    def hear(self, message: tuple[str, Any], worker: str) -> None:
        """A worker gets a message, claims, and has it in its hands."""
        kind, key = message
        claims = self._claims(worker)
        if kind == "work":
            self.held += [(worker, each) for each in self.do(claims.stages, [key])[0]]
        else:
            self.letters += [(worker, each) for each in self.do(claims.deliveries, [key])[0]]

    def work(self, place: int, fate: str = "") -> None:
        """A worker performs what it holds, and knows what came of it; nothing is settled."""
        worker, claimed = self.held.pop(place)
        self.fate = fate
        done = running(self.loop, self._performer.perform(claimed, self.plan))
        self.fate = ""
        self.decided.append((worker, self._decider.decide(claimed, self.plan, done, self.now())))

    def settle(self, place: int) -> None:
        worker, settlement = self.decided.pop(place)
        settling = Settlements(self.database.dialect, worker, LEASE, self._claims(worker))
        (settled,) = self.do(settling.settle, settlement)
        self.held += [(worker, each) for each in settled.claimed]
        self.messages += [("work", key) for key in settled.rung]
        if settled.delivery:
            self.letters.append((worker, settled.delivery))

    def send(self, place: int, fate: str = "") -> None:
        """A worker sends a callback and hears the answer; nothing is noted."""
        worker, letter = self.letters.pop(place)
        self.fate = fate
        self.answers.append((worker, running(self.loop, self._sender.attempt(letter))))
        self.fate = ""

    def note(self, place: int) -> None:
        self.do(settle_deliveries, self.answers.pop(place)[1])

    def die(self, worker: str) -> None:
        """A worker ends with everything in its hands."""
        for hands in (self.held, self.decided, self.letters, self.answers):
            hands[:] = [each for each in hands if each[0] != worker]  # type: ignore[index]

    def beat(self, worker: str) -> None:
        """A worker renews its leases, and lets go of what it lost."""
        stages = {(each.run.id, each.number): each.fence for name, each in self.held if name == worker}
        letters = {each.id: each.fence for name, each in self.letters if name == worker}
        (lost,) = self.do(Leases(self.database.dialect, worker, LEASE).renew, Held(stages, letters))
        self.held = [
            (name, each)
            for name, each in self.held
            if name != worker or lost.stages.get((each.run.id, each.number)) != each.fence
        ]

    def sweep(self) -> None:
        (due,) = self.do(self._sweeper.sweep, Sweep("sweeper", 0))
        self.messages += [("work", key) for key in due.stages] + [("deliver", key) for key in due.deliveries]
        crashed = [Cancel(run_id, "system", code="run.internal", words="died") for run_id, _ in due.poisoned]
        self.messages += [
            ("deliver", letter) for letter in self.do(self.control.cancel, *crashed, *due.overdue) if letter
        ]

    def add_up(self) -> None:
        self.do(add_up, AT_ONCE)

    def look_after(self) -> None:
        """The chore about calls of ended runs."""
        with self.database.read() as connection:
            found = leftovers(connection, self.now())
        for each in self.do(take, found)[0] if found else ():
            if each.call.state == "submitted":
                running(self.loop, self._aftermath.stop(each))

    def pass_time(self, seconds: float) -> None:
        self.loop.elapsed += seconds

    def next_wake(self) -> float | None:
        """When the next row wants to be woken."""
        times = [
            self.rows(select(func.min(column)))[0][0]
            for column in (tables.stage.c.wake_at, tables.delivery.c.wake_at)
        ]
        return min((at for at in times if at is not None), default=None)

    def rows(self, query: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(query))

    def _claims(self, worker: str) -> Claims:
        return Claims(self.database.dialect, worker, LEASE)
