"""Clients, operators and misfortune: what happens to a world from outside, at drawn moments."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.engine.records import IdempotencyMismatchError, Started
from app.engine.writer import StoreUnavailableError
from app.store import tables
from tests.simulation.faults import GATES
from tests.simulation.operators import Operators
from tests.simulation.processes import Died
from tests.simulation.rules import ENDED

if TYPE_CHECKING:
    from tests.simulation.world import World

_CALLERS = ("cal_1", "cal_2")
_GIVE_UP = 4 * 3_600.0
_MANY_DAYS = 60 * 86_400.0
_TWO_HOURS = 7_200.0


class People:
    """Acts in one world, and remembers what it was promised."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.promised: dict[str, str] = {}
        self._sent = 0
        self._operators = Operators(world, self)

    async def live(self) -> None:
        """Everything that is drawn for this world, each thing at its moment."""
        world, faults = self._world, self._world.faults
        plan: list[tuple[float, Callable[[], None]]] = []
        for count, what in (
            (faults.runs, self._trigger),
            (faults.kills, self._kill),
            (faults.zombies, self._cut_off),
            (faults.deafness, self._deafen),
            (faults.steps, self._step_clock),
            (faults.decisions, self._decide),
            (faults.pauses, self._operators.pause),
        ):
            plan += [(world.rng.uniform(0, faults.span), what) for _ in range(count)]
        for at, what in sorted(plan, key=lambda each: each[0]):
            await asyncio.sleep(max(0.0, at - world.loop.elapsed))
            what()
        await asyncio.sleep(world.rng.uniform(0, faults.span))

    async def see_it_end(self) -> None:
        """After the faults every promised run ends; breakers are resumed, reviews are decided."""
        world = self._world
        self._operators.stop_schedules()
        began = world.loop.elapsed
        # a budget lets a few runs go each day
        end = began + (_MANY_DAYS if "cost_monitor" in (GATES[world.faults.gates] or {}) else _GIVE_UP)
        while open_ := self._open():
            if world.loop.elapsed > end:
                world.story.breaks(f"still open: {open_}")
                break
            await self._help()
            await asyncio.sleep(60.0 if world.loop.elapsed < began + _GIVE_UP else 6 * 3_600.0)
            world.story.check()
        self._judge()

    def _trigger(self) -> None:
        self._sent += 1
        key = f"key-{self._world.rng.randrange(self._world.faults.runs * 3)}"
        caller = self._world.rng.choice(_CALLERS)
        callback = f"https://receiver.test/{caller}/{key}" if self._world.rng.random() < 0.8 else None
        new = self._world.shop.new(
            caller_id=caller, caller=caller, callback_url=callback, idempotency=(f"{caller}/{key}", "p")
        )
        if self._world.happens(self._world.faults.deadline):
            new = replace(new, deadline_seconds=self._world.rng.uniform(5, 300))
        self._send(new, f"{caller}/{key}")

    def _send(self, new: Any, name: str) -> None:
        """A client sends until it is answered; the key makes it one run."""
        world, web = self._world, self._world.web
        started = self._as_web(lambda: web.engine.start(new).result() if web else None)
        if started is None:
            world.loop.call_later(world.rng.uniform(0.5, 5), self._send, new, name)
            return
        world.tell("client", "answered", name, started.run_id)
        if self.promised.setdefault(name, started.run_id) != started.run_id:
            world.story.breaks(f"{name} was answered with two runs")

    def _as_web(self, work: Callable[[], Started | None]) -> Started | None:
        web = self._world.web
        if web is None:
            return None
        try:
            return web.run(work)
        except IdempotencyMismatchError:
            self._world.story.breaks("the same payload did not match itself")
        except (StoreUnavailableError, Died):
            pass
        return None

    def _kill(self) -> None:
        victims = [*self._world.workers, *([self._world.web] if self._world.web else [])]
        if victims:
            self._world.kill(self._world.rng.choice(victims))

    def _cut_off(self) -> None:
        """A worker loses the database for longer than its lease, works on, and comes back late."""
        worker = self._world.some_worker()
        if worker is not None:
            worker.cut_off = self._world.loop.elapsed + self._world.rng.uniform(1, 40)
            self._world.tell(worker.name, "cut off until", worker.cut_off)

    def _deafen(self) -> None:
        world = self._world
        world.broker.away = True
        world.tell("broker", "away")
        world.loop.call_later(world.rng.uniform(1, 90), setattr, world.broker, "away", False)

    def _step_clock(self) -> None:
        world = self._world
        world.stepped = world.rng.choice([_TWO_HOURS, -_TWO_HOURS, 0.0])
        world.tell("world", "wall clock set", world.stepped)

    def _decide(self) -> None:
        """Somebody cancels a run, or has a callback sent again."""
        world = self._world
        table = world.rng.choice([tables.run, tables.delivery])
        known = self._ids(table)
        if not known or world.web is None:
            return
        engine, chosen = world.web.engine, world.rng.choice(known)
        asked = engine.cancel if table is tables.run else engine.replay
        world.tell("operator", asked.__name__, chosen)
        self._spawn(asked("org_1", chosen, "ann"))

    def _spawn(self, work: Any) -> None:
        world = self._world
        if world.web is None:
            work.close()
            return
        task = world.web.run(world.loop.create_task, work)
        task.add_done_callback(_forgive)

    async def _help(self) -> None:
        world = self._world
        if world.web is None:
            return
        for gate in self._ids(tables.breaker, tables.breaker.c.gate, tables.breaker.c.opened_at.is_not(None)):
            world.tell("operator", "resume", gate)
            self._spawn(world.web.engine.resume_gate("org_1", gate, "ann", drop=world.rng.random() < 0.3))
        self._operators.help()
        for row in self._rows(select(tables.run).where(tables.run.c.status == "waiting")):
            if json.loads(row.wait or "{}").get("reason") == "review" and not self._operators.open_calls():
                world.tell("operator", "cancel", row.id)
                self._spawn(world.web.engine.cancel("org_1", row.id, "ann"))

    def _open(self) -> list[str]:
        runs = self._ids(tables.run, tables.run.c.id, tables.run.c.finished_at.is_(None))
        runs += self._operators.open_calls() + self._ids(tables.spend_entry, tables.spend_entry.c.source)
        return runs + self._ids(tables.delivery, tables.delivery.c.id, tables.delivery.c.wake_at.is_not(None))

    def _judge(self) -> None:
        """What was promised is there; what was owed was sent or given up."""
        story, known = self._world.story, set(self._ids(tables.run))
        if lost := set(self.promised.values()) - known:
            story.breaks(f"promised and lost: {sorted(lost)}")
        for row in self._rows(select(tables.run)):
            if row.status not in ENDED:
                story.breaks(f"{row.id} is {row.status}")
        for row in self._rows(select(tables.delivery)):
            if row.status == "delivered" and row.message_id not in self._world.receivers.accepted:
                story.breaks(f"{row.id} counts as delivered and was never accepted")
        self._operators.audit_books()
        alerts = select(func.count()).where(tables.alert.c.code == "breaker_open")
        opened = self._world.rules.counts["opened"]
        if self._rows(alerts)[0][0] != opened:
            story.breaks(f"breakers opened {opened} times, with another number of alerts")

    def _ids(self, table: Any, column: Any = None, *where: Any) -> list[str]:
        chosen = table.c.id if column is None else column
        return [row[0] for row in self._rows(select(chosen).where(*where).order_by(chosen))]

    def _rows(self, query: Any) -> list[Any]:
        with self._world.database.read() as connection:
            return list(connection.execute(query))


def _forgive(task: "asyncio.Task[Any]") -> None:
    """A client that got no answer asks no more; what the product did is judged by its rows."""
    if (
        not task.cancelled()
        and (error := task.exception())
        and not isinstance(error, StoreUnavailableError | Died)
    ):
        task.get_loop().call_exception_handler({"message": "a decision failed", "exception": error})
