"""The executor: claimed work runs on one event loop, so that slow nodes never hold a dramatiq thread."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import structlog

from app import clock
from app.engine import journal
from app.engine.decide import Decider
from app.engine.deliver import settle_deliveries
from app.engine.doorbell import Doorbell
from app.engine.lease import Held
from app.engine.live import Publisher
from app.engine.perform import Performer
from app.engine.plans import Plans
from app.engine.records import Claimed, Outgoing, Settled, Settlement
from app.engine.send import Sender
from app.engine.settle import Settlements
from app.engine.writer import Writer
from app.points import Point, reached
from app.store.bulk import StageKey

_LOG = structlog.get_logger()
_WRITE_TRIES = 5
# keys in the claims of one transaction: whoever has to answer a caller waits for it
_COMING = 200


class Executor:
    """Executes stages and deliveries that this process has claimed.

    Args:
        permits: Stages in flight at most; claiming waits when they are used up.
        loop: Where the work runs; None starts a loop in a thread of its own.
    """

    def __init__(  # noqa: PLR0917
        self,
        writer: Writer,
        settlements: Settlements,
        performer: Performer,
        decider: Decider,
        plans: Plans,
        sender: Sender,
        doorbell: Doorbell,
        publisher: Publisher,
        permits: int = 6_000,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._writer = writer
        self._settlements = settlements
        self._performer = performer
        self._decider = decider
        self._plans = plans
        self._sender = sender
        self._doorbell = doorbell
        self._publisher = publisher
        self._permits = permits
        self._free = threading.Condition()
        self._waiting = 0
        self._coming = 0
        self._stages: dict[StageKey, tuple[int, asyncio.Task[None]]] = {}
        self._deliveries: dict[str, tuple[int, asyncio.Task[None]]] = {}
        self.loop = loop or _new_loop()
        self._thread = threading.Thread(target=self._run_loop, name="executor", daemon=True)
        if loop is None:
            self._thread.start()

    def wait_for_room(self, seconds: float) -> bool:
        """Block until another batch may be claimed; False when the time is up."""
        if self._has_room():
            return True
        with self._free:
            self._waiting += 1
            try:
                return self._free.wait_for(self._has_room, timeout=seconds)
            finally:
                self._waiting -= 1

    def _has_room(self) -> bool:
        return self._coming < _COMING and self.in_flight < self._permits

    @property
    def in_flight(self) -> int:
        """What is worked on, and what is expected: claims that are asked for and not answered yet."""
        return len(self._stages) + len(self._deliveries) + self._coming

    def expect(self, count: int) -> None:
        """Keep room for so many; ``execute`` or ``send`` with the same count gives it back."""
        with self._free:
            self._coming += count

    def held(self) -> Held:
        """What this process works on now, with the fences it was claimed with."""
        return Held(
            {key: fence for key, (fence, _) in list(self._stages.items())},
            {key: fence for key, (fence, _) in list(self._deliveries.items())},
        )

    def drop(self, lost: Held) -> None:
        """Stop work on what is not ours any more."""
        for key, fence in lost.stages.items():
            self._cancel(self._stages.get(key), fence)
        for name, fence in lost.deliveries.items():
            self._cancel(self._deliveries.get(name), fence)

    def execute(self, claimed: Sequence[Claimed], expected: int) -> None:
        """Hand claimed stages to the loop, of so many that were expected; returns at once."""
        self.loop.call_soon_threadsafe(self._arrive, self._spawn_stages, claimed, expected)

    def send(self, deliveries: Sequence[Outgoing], expected: int) -> None:
        """Hand claimed deliveries to the loop, as ``execute`` does stages."""
        self.loop.call_soon_threadsafe(self._arrive, self._spawn_deliveries, deliveries, expected)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=5)

    async def _work(self, claimed: Claimed) -> None:
        plan = await self._plans.get(claimed.run.version_id, claimed.run.targets)
        done = await self._performer.perform(claimed, plan)
        reached(Point.STAGE_PERFORMED)
        settlement = self._decider.decide(claimed, plan, done, clock.now())
        settled = await self._settle(settlement)
        self._follow(settlement, settled)

    async def _settle(self, settlement: Settlement) -> Settled:
        # the claim leaves the heartbeat before its settlement is written, else the answer looks like a loss
        self._stages.pop((settlement.claimed.run.id, settlement.claimed.number), None)
        settled: Settled = await self._write(self._settlements.settle, settlement)
        return settled

    def _follow(self, settlement: Settlement, settled: Settled) -> None:
        if not settled.applied:
            _LOG.info(
                "settlement_fenced_out", run_id=settlement.claimed.run.id, stage=settlement.claimed.number
            )
            return
        reached(Point.SETTLE_COMMITTED)
        self._publisher.changed(settlement.claimed.run.id)
        self._tell_polled(settlement)
        self._spawn_stages(settled.claimed)
        self._doorbell.work(settled.rung)
        if settled.delivery:
            self._spawn_deliveries([settled.delivery])
        if settlement.redo:
            journal.redo_asked(settlement, settlement.redo)
        if settlement.finish:
            journal.run_ended(settlement, settlement.finish, clock.now())

    def _tell_polled(self, settlement: Settlement) -> None:
        """What a service said of its job holds until it is asked again."""
        detail = settlement.detail
        if settlement.state != "waiting" or settlement.wait is not None or not detail or "note" not in detail:
            return
        state = detail.get("state")
        began = state.get("since") if isinstance(state, dict) else None
        since = began if isinstance(began, float) else None
        run_id, node = settlement.claimed.run.id, str(detail["node"])
        self._publisher.node(run_id, node, "running", 0.0, str(detail["note"] or ""), since)

    async def _deliver(self, delivery: Outgoing) -> None:
        reached(Point.BEFORE_SEND)
        result = await self._sender.attempt(delivery)
        reached(Point.AFTER_SEND)
        self._deliveries.pop(delivery.id, None)
        applied = await self._write(settle_deliveries, result)
        reached(Point.DELIVERY_SETTLED)
        if applied and result.status != "retrying":
            journal.delivery_ended(result)
        self._publisher.changed(delivery.run_id)

    async def _write(self, operation: Any, value: Any) -> Any:
        for attempt in range(1, _WRITE_TRIES + 1):
            try:
                return await self._writer.write(operation, value)
            except Exception:
                if attempt == _WRITE_TRIES:
                    raise
                _LOG.warning("write_failed", attempt=attempt, exc_info=True)
                await asyncio.sleep(0.2 * 2**attempt)
        raise AssertionError

    def _arrive(self, spawn: Callable[[Any], None], claimed: Sequence[Any], expected: int) -> None:
        spawn(claimed)
        with self._free:
            self._coming -= expected
            if self._waiting:
                self._free.notify_all()

    def _spawn_stages(self, claimed: Sequence[Claimed]) -> None:
        for item in claimed:
            key = (item.run.id, item.number)
            task = self._task(self._work(item))
            self._stages[key] = (item.fence, task)
            task.add_done_callback(partial(self._ended, self._stages, key))

    def _spawn_deliveries(self, deliveries: Sequence[Outgoing]) -> None:
        for item in deliveries:
            task = self._task(self._deliver(item))
            self._deliveries[item.id] = (item.fence, task)
            task.add_done_callback(partial(self._ended, self._deliveries, item.id))

    def _task(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return self.loop.create_task(work)

    def _ended(self, held: dict[Any, Any], key: Any, task: "asyncio.Task[None]") -> None:
        if held.get(key, (0, None))[1] is task:
            held.pop(key)
        if not task.cancelled() and (error := task.exception()):
            # the lease runs out and another try is made; a fault that stays ends in "crashed"
            _LOG.error("execution_failed", key=str(key), exc_info=error)
        if self._waiting:
            with self._free:
                self._free.notify_all()

    def _cancel(self, entry: "tuple[int, asyncio.Task[None]] | None", fence: int) -> None:
        if entry is not None and entry[0] == fence:
            self.loop.call_soon_threadsafe(entry[1].cancel)

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


def _new_loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop  # noqa: PLC0415 - absent where it has no wheel
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
