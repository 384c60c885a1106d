"""One simulated world: everything that happens in it follows from its seed."""

import asyncio
import contextlib
import contextvars
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from app import clock, points
from app.engine import worker as worker_module
from app.store import ids
from tests.simulation import quiet
from tests.simulation.broker import Broker
from tests.simulation.faults import Faults, draw, draw_wide
from tests.simulation.furniture import furnish
from tests.simulation.graphs import WIDE
from tests.simulation.loop import VirtualLoop, running
from tests.simulation.outside import Provider, Receivers
from tests.simulation.parts import Parts
from tests.simulation.people import People
from tests.simulation.processes import Died, Process, Web, Worker
from tests.simulation.rules import Rules
from tests.simulation.service import Painter
from tests.simulation.story import Story
from tests.support.rig import LEASE, Shop

SWEEP_EVERY = 0.25
# shorter waits than this would not move the clock
_INSTANT = 0.001
_START = 1_790_000_000.0
_HERE: contextvars.ContextVar[Process | None] = contextvars.ContextVar("process", default=None)
_NEXT_WAKE = (
    "SELECT min(at) FROM (SELECT min(wake_at) AS at FROM stage UNION ALL SELECT min(wake_at) FROM delivery"
    " UNION ALL SELECT min(deadline) FROM run WHERE finished_at IS NULL"
    " UNION ALL SELECT min(at) FROM spend_entry UNION ALL SELECT min(next_at) - ? FROM schedule)"
)


class World:
    """Web and worker processes over one database, a broker, a provider, receivers, people, and a clock."""

    def __init__(
        self, seed: int, parts: Parts, faults: Faults | None = None, keep: int = 60, *, wide: bool = False
    ) -> None:
        self.seed, self.parts, self.database = seed, parts, parts.database
        self.rng = random.Random(seed)
        self.faults = faults or (draw_wide if wide else draw)(self.rng, LEASE)
        self.apart, self.stepped = self.faults.apart, 0.0
        # what is paused goes on when it is let, whoever came first
        self.paused = self.faults.pauses > 0
        self.epoch = _START + self.rng.randrange(365 * 86_400)
        self.story, self.loop = Story(keep), VirtualLoop()
        self.loop.set_exception_handler(self._unforeseen)
        self.rules, self.broker = Rules(self), Broker(self)
        self.provider, self.receivers, self.painter = Provider(self), Receivers(self), Painter(self)
        self.web: Web | None = None
        self.workers: list[Worker] = []
        self.dead: set[str] = set()
        self._born = 0
        self._due = asyncio.Event()
        self.people = People(self)

    def run(self) -> Story:
        """Live through the faults, then through calm until nothing is open; the story, rules checked."""
        with ExitStack() as stack:
            stack.enter_context(quiet.logs_off())
            stack.enter_context(clock.told_by(self.now, self.wall))
            stack.enter_context(ids.drawn_from(self.rng.randbytes))
            stack.enter_context(mock.patch.object(points, "_strike", self._strike))
            stack.enter_context(mock.patch.object(worker_module, "_is_dead_here", self.dead.__contains__))
            self.parts.clean()
            self.shop = Shop(self.database, self.parts.plan(self.faults.graph, self.faults.gates))
            if self.faults.graph in WIDE:
                furnish(self)
            self.parts.watch.rules = self.rules
            for node in ("one", "two", "three", "left", "right", "last"):
                self.parts.acts[node] = self.provider.act
            running(self.loop, self._live())
        self.story.check()
        return self.story

    async def _live(self) -> None:
        self.web = Web(self, "web", self._skew())
        for _ in range(self.faults.workers):
            self.hire()
        pulse = self.loop.create_task(self._pulse())
        await self.people.live()
        self.faults, self.broker.away = self._calmed(), False
        self.tell("world", "calm")
        await self.people.see_it_end()
        pulse.cancel()
        await asyncio.gather(pulse, return_exceptions=True)

    def _calmed(self) -> Faults:
        kept = self.faults
        return Faults(
            graph=kept.graph,
            gates=kept.gates,
            workers=kept.workers,
            apart=kept.apart,
            keyed=kept.keyed,
            excess=kept.excess,
        )

    def now(self) -> float:
        here = _HERE.get()
        return self.epoch + self.loop.elapsed + (here.skew if here else 0.0)

    def wall(self) -> float:
        return self.now() + self.stepped

    def tell(self, who: str, what: str, *facts: Any) -> None:
        self.story.tell(self.loop.elapsed, who, what, *facts)

    def happens(self, chance: float) -> bool:
        return chance > 0 and self.rng.random() < chance

    def drawn(self, chances: dict[str, float]) -> str | None:
        """One of several outcomes, each with its chance; None when none of them."""
        return next((name for name, chance in chances.items() if self.happens(chance)), None)

    @contextmanager
    def as_process(self, process: Process) -> Iterator[None]:
        token = _HERE.set(process)
        try:
            yield
        finally:
            _HERE.reset(token)

    def some_worker(self) -> Worker | None:
        return self.rng.choice(self.workers) if self.workers else None

    def hire(self) -> None:
        """A new worker process, with a name of its own."""
        self._born += 1
        self.workers.append(Worker(self, f"w{self._born}", self._skew()))
        self.tell("world", "hired", f"w{self._born}")
        self.committed()

    def kill(self, process: Process) -> None:
        """End a process at once; the supervisor starts another one soon."""
        if not process.alive:
            return
        process.alive = False
        self.tell("world", "killed", process.name)
        if isinstance(process, Worker):
            process.die()
            self.workers.remove(process)
            if self.rng.random() < 0.5:
                # on a host where somebody notices; elsewhere only the lease tells
                self.dead.add(process.name)
                self.loop.call_later(2.0, self._adopt)
            self.loop.call_later(self.rng.uniform(0.1, 15), self.hire)
        else:
            self.web = None
            self.loop.call_later(self.rng.uniform(0.1, 5), self._serve)

    def committed(self) -> None:
        """Something was written: what is due next may have changed."""
        self._due.set()

    def _serve(self) -> None:
        self.web = Web(self, "web", self._skew())

    def _skew(self) -> float:
        return self.rng.uniform(-self.apart / 2, self.apart / 2)

    def _adopt(self) -> None:
        worker = self.some_worker()
        if worker is None:
            self.loop.call_later(2.0, self._adopt)
        else:
            worker.clock(worker.host._adopt_orphans)

    async def _pulse(self) -> None:
        """Every worker looks four times a second; moments at which nothing is due are skipped."""
        while True:
            await self._until_due()
            await asyncio.sleep(self.rng.uniform(0.01, SWEEP_EVERY))
            for worker in self.rng.sample(self.workers, len(self.workers)):
                worker.clock(worker.host._sweep)
            self.story.check()

    async def _until_due(self) -> None:
        while (wait := self._wait()) is None or wait > _INSTANT:
            self._due.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._due.wait()

    def _wait(self) -> float | None:
        (due,) = self.parts.look.execute(_NEXT_WAKE, (self.stepped,)).fetchone()
        return None if due is None else due - self.epoch - self.loop.elapsed - self.apart / 2

    def _strike(self, point: points.Point) -> None:
        here = _HERE.get()
        if here is not None and here.alive and self.happens(self.faults.die):
            self.tell(here.name, "died at", point.value)
            self.kill(here)
            raise Died

    def _unforeseen(self, _loop: Any, context: dict[str, Any]) -> None:
        error = context.get("exception")
        # what a dead process still waited for is swept up some time, and says so without an exception
        if error is not None and not isinstance(error, Died):
            self.story.breaks(f"{context.get('message')}: {error!r}")


def simulate(seed: int, parts: Parts, faults: Faults | None = None, *, wide: bool = False) -> World:
    """Run the world of a seed to its end.

    Raises:
        BrokenRuleError: A rule did not hold.
    """
    world = World(seed, parts, faults, wide=wide)
    world.run()
    return world
