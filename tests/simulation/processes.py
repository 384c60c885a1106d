"""Web and worker processes of the product, without the processes: its own parts, woken by the world."""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from dramatiq.brokers.stub import StubBroker

from app import clock
from app.engine.aftermath import Aftermath, Leftover, leftovers, take
from app.engine.claim import Claims
from app.engine.decide import Decider
from app.engine.engine import Engine
from app.engine.executor import Executor
from app.engine.perform import Performer
from app.engine.plans import Plans
from app.engine.send import Sender
from app.engine.settle import Settlements
from app.engine.tally import Tally
from app.engine.worker import WorkerHost
from app.engine.writer import StoreUnavailableError, Writer, _Item
from app.workflows.firing import Firing
from graphs.errors import TransientError
from tests.simulation.broker import Bell
from tests.simulation.service import Shelf
from tests.support.rig import DELAYS, LEASE, SECRET

if TYPE_CHECKING:
    from tests.simulation.world import World


class Died(BaseException):
    """The process ended here, as `kill -9` would end it."""


class Process:
    """Something that can die."""

    def __init__(self, world: "World", name: str, skew: float) -> None:
        self.world, self.name, self.skew = world, name, skew
        self.alive = True
        # until then this process reaches no database
        self.cut_off = 0.0
        self.writer = Commits(self)

    def run(self, work: Callable[..., Any], *args: Any) -> Any:
        """Do something as this process; what it starts goes on as this process."""
        with self.world.as_process(self):
            return work(*args)


class Commits(Writer):
    """The product's group commit, on the world's loop instead of a thread."""

    def __init__(self, process: Process) -> None:
        self._process, self._world = process, process.world
        self._database = process.world.database
        self._waiting: list[_Item] = []
        self._closed = False

    def submit(self, operation: Any, value: Any) -> "Future[Any]":
        self._reachable()
        future: Future[Any] = Future()
        self._write([_Item(operation, value, future)])
        self._world.committed()
        return future

    def write(self, operation: Any, value: Any) -> "asyncio.Future[Any]":
        future = self._world.loop.create_future()
        self._waiting.append(_Item(operation, value, future))
        if len(self._waiting) == 1:
            self._later(self._world.rng.choice([0.0, 0.005, 0.1]))
        return future

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def _later(self, seconds: float) -> None:
        self._world.loop.call_later(seconds, self._flush)

    def _flush(self) -> None:
        process, world = self._process, self._world
        if not process.alive:
            return
        if process.cut_off > world.loop.elapsed:
            self._later(process.cut_off - world.loop.elapsed)
            return
        batch, self._waiting = self._waiting, []
        if world.happens(world.faults.busy_database):
            for item in batch:
                item.future.set_exception(StoreUnavailableError("busy"))
            return
        self._write(batch)
        world.committed()

    def _reachable(self) -> None:
        if not self._process.alive:
            raise Died
        cut = self._process.cut_off > self._world.loop.elapsed
        if cut or self._world.happens(self._world.faults.busy_database):
            raise StoreUnavailableError("busy")

    def close(self) -> None:
        self._closed = True


class Web(Process):
    """Accepts triggers and decisions."""

    def __init__(self, world: "World", name: str, skew: float) -> None:
        super().__init__(world, name, skew)
        self.engine = Engine(world.database, self.writer, Bell(world.broker))  # type: ignore[arg-type]


class Worker(Process):
    """The product's worker host over the world's loop; its clocks are the world's."""

    def __init__(self, world: "World", name: str, skew: float) -> None:
        super().__init__(world, name, skew)
        bell: Any = Bell(world.broker)
        claims = Claims(world.database.dialect, name, LEASE)
        egress: Any = world.receivers
        publisher: Any = _Silent()
        shelf: Any = Shelf()
        services: Any = world.painter
        self.executor = Executor(
            self.writer,
            Settlements(world.database.dialect, name, LEASE, claims),
            Performer(world.parts.tools(name, world.painter, self.writer)),
            Decider(DELAYS, shelf),
            Plans(world.database),
            Sender(egress, lambda _caller: [SECRET], DELAYS),
            bell,
            publisher,
            loop=world.loop,
        )
        stub: Any = StubBroker()
        self.host = WorkerHost(
            *(name, world.database, stub, self.writer, claims, self.executor, bell),
            *(LEASE, 1, lambda: None),
            feeds=(Firing(world.database), Tally(world.database)),
        )
        self._aftermath = Aftermath(world.database, self.writer, services, world.loop)
        self._beating = False

    def hear(self, kind: str, keys: list[Any]) -> None:
        """A message arrived."""
        door = self.host.work if kind == "work" else self.host.deliver
        keys = [tuple(key) for key in keys] if kind == "work" else keys
        self.clock(lambda: door(keys))

    def clock(self, job: Callable[[], None]) -> None:
        """One beat of one of its clocks; an error ends the beat, not the clock."""
        if not self.alive:
            return
        try:
            self.run(job)
        except Died:
            return
        except Exception as error:  # noqa: BLE001 - as the host's own clocks do
            self.world.tell(self.name, "stumbled", type(error).__name__)
            if not isinstance(error, StoreUnavailableError):
                self.world.story.breaks(f"{self.name}: {error!r}")
        self.beat()

    def beat(self) -> None:
        """Heartbeats go on while there is something to keep."""
        if not self._beating and self.alive and (self.executor.in_flight or self.writer.busy):
            self._beating = True
            self.world.loop.call_later(LEASE / 3, self._heartbeat)

    def _heartbeat(self) -> None:
        self._beating = False
        self.clock(self.host._heartbeat)

    def look_after(self) -> None:
        """What the product's chore does about calls of ended runs, without waiting for it."""
        with self.world.database.read() as connection:
            found = leftovers(connection, clock.now())
        for each in self.writer.submit(take, found).result() if found else ():
            if each.call.state == "submitted":
                self.world.loop.create_task(self._stop(each))

    async def _stop(self, left: Leftover) -> None:
        with contextlib.suppress(TransientError, Died):
            await self._aftermath.stop(left)

    def die(self) -> None:
        """Nothing of it goes on; what it was writing is not written."""
        for held in (self.executor._stages, self.executor._deliveries):
            for _, task in list(held.values()):
                task.cancel()


class _Silent:
    def changed(self, run_id: str) -> None:
        pass

    def node(self, *facts: Any) -> None:
        pass
