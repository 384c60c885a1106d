"""Operators of a wide world pause, let go on, and find out what became of calls; at the end they audit."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from app.engine.call_records import OPEN
from app.engine.pause import Pause, Resume
from app.store import tables
from app.store.audit import Actor
from tests.support.rig import ORG

if TYPE_CHECKING:
    from tests.simulation.people import People
    from tests.simulation.world import World

_ANN = Actor(ORG, "ann")
_PLACES = (("workflow", "wfl_1"), ("caller", "cal_1"), ("caller", "cal_2"))


class Operators:
    """Acts through the web process of a world."""

    def __init__(self, world: "World", people: "People") -> None:
        self._world, self._people = world, people

    def pause(self) -> None:
        """Somebody holds a run, the workflow or a caller, and lets it go on later, or forgets to."""
        world = self._world
        known = [("run", run_id) for run_id in self._people._ids(tables.run)]
        if world.web is None:
            return
        what, name = world.rng.choice([*known, *_PLACES])
        world.tell("operator", "pause", what, name)
        self._people._spawn(world.web.engine.pause(Pause(what, name, name, _ANN)))  # type: ignore[arg-type]
        if world.rng.random() < 0.7:
            world.loop.call_later(world.rng.uniform(1, 300), self._go_on, what, name)

    def stop_schedules(self) -> None:
        """From here on nothing starts by itself."""
        with self._world.database.write() as connection:
            connection.execute(update(tables.schedule).values(next_at=None))

    def help(self) -> None:
        """End every pause, find out about every unknown call, and let a worker look after old ones."""
        world = self._world
        for what, table in (("run", tables.run), ("workflow", tables.workflow), ("caller", tables.caller)):
            for name in self._people._ids(table, table.c.id, table.c.paused_at.is_not(None)):
                self._go_on(what, name)
        for row in self._people._rows(select(tables.call).where(tables.call.c.state == "unknown")):
            if row.idempotency_key not in world.painter.asked and world.web is not None:
                charged = bool(world.painter.charged[row.idempotency_key])
                outcome: Any = "charged_failed" if charged else "not_charged_retry"
                world.painter.waive(row.idempotency_key)
                world.tell("operator", outcome, row.idempotency_key)
                self._people._spawn(world.web.engine.resolve_call(_ANN, row.id, outcome))
        worker = world.some_worker()
        if worker is not None:
            worker.clock(worker.look_after)

    def open_calls(self) -> list[str]:
        return self._people._ids(tables.call, tables.call.c.id, tables.call.c.state.in_(OPEN))

    def audit_books(self) -> None:
        """What the ledger says is what the service charged; accounts hold what their runs spent."""
        world, story = self._world, self._world.story
        charged = self._sum(tables.call.c.charged)
        if charged != world.painter.total:
            story.breaks(f"the ledger says {charged}, the service charged {world.painter.total}")
        held = self._sum(tables.reservation.c.amount), self._sum(tables.spend.c.reserved)
        if held != (0, 0):
            story.breaks(f"nothing is open, and {held} are reserved")
        monitored = world.faults.gates in {"budget", "both"}
        # what maps start counts for the cost monitor of the run that started it, else for itself
        mine = (tables.spend.c.workflow_id == "wfl_1",) if monitored else ()
        spent = self._sum(tables.spend.c.spent, *mine)
        if spent != charged:
            story.breaks(f"{spent} were booked, and {charged} charged")

    def _go_on(self, what: Any, name: str) -> None:
        if self._world.web is not None:
            self._world.tell("operator", "go on", what, name)
            self._people._spawn(self._world.web.engine.resume(Resume(what, name, name, _ANN)))

    def _sum(self, column: Any, *where: Any) -> int:
        return int(self._people._rows(select(func.sum(column)).where(*where))[0][0] or 0)
