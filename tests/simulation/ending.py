"""How a story that was moved by hand ends: everything that can go on does, and the books are compared."""

from collections.abc import Callable

from sqlalchemy import func, select

from app.engine.call_records import OPEN
from app.engine.control import Resume
from app.engine.pause import Pausing
from app.engine.pause import Resume as Unpause
from app.store import tables
from app.store.audit import Actor
from tests.simulation.manual import Manual
from tests.simulation.rules import ENDED
from tests.support.rig import ORG

_ANN = Actor(ORG, "ann")
_ROUNDS = 2_000
_NOTHING_DUE = 61.0


def calm(world: Manual, find_out: Callable[[Manual], None]) -> None:
    """Nobody dies any more, operators help, every answer comes: until nothing is open."""
    for worker in ("w1", "w2", "w3"):
        world.die(worker)
    world.generous = False
    world.tell("world", "calm")
    for _ in range(_ROUNDS):
        _help(world, find_out)
        world.sweep()
        while one_move(world):
            pass
        world.add_up()
        world.story.check()
        if not (left := _open(world)):
            return
        coming = world.next_wake()
        world.pass_time(max(0.0, coming - world.now()) if coming is not None else _NOTHING_DUE)
    world.story.breaks(f"still open after {world.loop.elapsed / 86_400:.0f} days: {left}")


def audit(world: Manual, promised: dict[str, str]) -> None:
    """What was promised is there, what was owed was sent, and every book says the same."""
    story, known = world.story, {row.id: row for row in world.rows(select(tables.run))}
    for name, run_id in promised.items():
        if run_id not in known or known[run_id].status not in ENDED:
            story.breaks(f"{name} was promised {run_id}")
    for row in world.rows(select(tables.delivery)):
        if row.status == "delivered" and row.message_id not in world.receivers.accepted:
            story.breaks(f"{row.id} counts as delivered and was never accepted")
    charged, spent = _sum(world, tables.call.c.charged), _sum(world, tables.spend.c.spent)
    if not charged == spent == world.painter.total:
        story.breaks(f"ledger {charged}, accounts {spent}, service {world.painter.total}")
    held = _sum(world, tables.reservation.c.amount), _sum(world, tables.spend.c.reserved)
    if held != (0, 0):
        story.breaks(f"nothing is open, and {held} are reserved")


def _help(world: Manual, find_out: Callable[[Manual], None]) -> None:
    for what, table in (("run", tables.run), ("workflow", tables.workflow), ("caller", tables.caller)):
        for row in world.rows(select(table.c.id).where(table.c.paused_at.is_not(None))):
            (keys,) = world.do(Pausing().resume, Unpause(what, row.id, row.id, _ANN))  # type: ignore[arg-type]
            world.messages += [("work", key) for key in keys or ()]
    for row in world.rows(select(tables.breaker.c.gate).where(tables.breaker.c.opened_at.is_not(None))):
        world.do(world.control.resume, Resume(row.gate, ORG, "ann"))
    find_out(world)


def one_move(world: Manual, worker: str = "w1") -> bool:
    """What comes next when all goes well; False when there is nothing to do."""
    if world.answers:
        world.note(0)
    elif world.letters:
        world.send(0)
    elif world.decided:
        world.settle(0)
    elif world.held:
        world.work(0)
    elif world.messages:
        world.hear(world.messages.pop(0), worker)
    else:
        return False
    return True


def _open(world: Manual) -> list[str]:
    waiting = (
        (tables.run.c.id, tables.run.c.finished_at.is_(None)),
        (tables.delivery.c.id, tables.delivery.c.wake_at.is_not(None)),
        (tables.call.c.id, tables.call.c.state.in_(OPEN)),
        (tables.spend_entry.c.source, tables.spend_entry.c.amount > 0),
    )
    return [row[0] for column, which in waiting for row in world.rows(select(column).where(which))]


def _sum(world: Manual, column: object) -> int:
    return int(world.rows(select(func.sum(column)))[0][0] or 0)  # type: ignore[call-overload]
