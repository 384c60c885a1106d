"""The door of the engine: what the API and the pages ask of it."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from app.delivery.body import Failure
from app.engine import journal
from app.engine.accept import accept
from app.engine.control import Cancel, Control, Replay, Resume, Resumed
from app.engine.doorbell import Doorbell
from app.engine.held import Holding, Release, Released
from app.engine.pause import Pause, Pausing
from app.engine.pause import Resume as Unpause
from app.engine.paused import FRESH
from app.engine.raising import Raise, Raised, raise_limits
from app.engine.records import NewRun, Started
from app.engine.reject import Refused, Rejected, Rejections
from app.engine.resolve import Outcome, Resolve, Resolved, resolve
from app.engine.writer import Writer
from app.points import Point, reached
from app.store.audit import Actor
from app.store.bulk import StageKey
from app.store.database import Database

T = TypeVar("T")
_RUNG_AT_ONCE = 500


class Engine:
    """Starts, refuses and steers runs; every answer comes after its commit.

    Futures fail with QueueFullError or StoreUnavailableError when nothing was stored.
    """

    def __init__(self, database: Database, writer: Writer, doorbell: Doorbell) -> None:
        self._database = database
        self._writer = writer
        self._doorbell = doorbell
        self._control = Control(database.dialect)
        self._holding = Holding(self._control)
        self._rejections = Rejections(database.dialect)
        self._pausing = Pausing()

    def start(self, new: NewRun) -> "Future[Started]":
        """Store a run; the future may also fail with IdempotencyMismatchError."""
        future: Future[Started] = self._writer.submit(accept, new)
        future.add_done_callback(self._ring_new)
        return future

    def reject(self, new: NewRun, failure: Failure) -> "Future[Rejected]":
        """Store a trigger that failed validation, and tell the caller by callback when one is set."""
        future: Future[Rejected] = self._writer.submit(self._rejections.reject, Refused(new, failure))
        future.add_done_callback(partial(self._ring_rejected, new, failure))
        return future

    async def cancel(self, org_id: str, run_id: str, actor: str, request_id: str | None = None) -> bool:
        """End an open run; False when there is none of that id."""
        return await self._cancel(Cancel(run_id, actor, org_id, request_id=request_id))

    async def cancel_all(
        self, org_id: str, run_ids: Sequence[str], actor: str, request_id: str | None = None
    ) -> list[str]:
        """End many open runs; the ids of those that ended by it."""
        # from the end of a limiter's queue, where nobody stands behind to move up
        ids = sorted(run_ids, reverse=True)
        items = [Cancel(each, actor, org_id, request_id=request_id) for each in ids]
        letters = await asyncio.gather(*(self._ask(self._control.cancel, item) for item in items))
        ended = [run_id for run_id, letter in zip(ids, letters, strict=True) if letter is not None]
        self._doorbell.deliver([letter for letter in letters if letter])
        await asyncio.to_thread(journal.runs_stopped, self._database, ended)
        return ended

    async def pause(self, item: Pause) -> bool:
        """Hold what is not running yet; False when it is held already.

        The answer comes when every worker has heard of it: nothing is started after that.
        """
        done: bool = await self._ask(self._pausing.pause, item)
        reached(Point.PAUSE_COMMITTED)
        if done:
            await asyncio.sleep(FRESH)
        return done

    async def resume(self, item: Unpause) -> bool:
        """Let what a pause held go on, in the order it came; False when nothing held it."""
        keys: list[StageKey] | None = await self._ask(self._pausing.resume, item)
        reached(Point.UNPAUSE_COMMITTED)
        # the sweeper rings for the rest, a few thousand a second
        self._doorbell.work((keys or [])[:_RUNG_AT_ONCE])
        return keys is not None

    async def replay(self, org_id: str, delivery_id: str, actor: str, request_id: str | None = None) -> bool:
        """Send an ended delivery again: same webhook-id, same bytes."""
        asked = Replay(delivery_id, org_id, actor, request_id)
        done: bool = await self._ask(self._control.replay, asked)
        reached(Point.REPLAY_COMMITTED)
        if done:
            self._doorbell.deliver([delivery_id])
        return done

    async def resume_gate(
        self, org_id: str, gate: str, actor: str, request_id: str | None = None, *, drop: bool = False
    ) -> int | None:
        """Close an open breaker; the number of runs released or dropped, None when it was not open."""
        asked = Resume(gate, org_id, actor, drop, request_id)
        held: Resumed | None = await self._ask(self._control.resume, asked)
        reached(Point.RESUME_COMMITTED)
        if held is None:
            return None
        self._doorbell.deliver(held.deliveries)
        if drop:
            await asyncio.to_thread(journal.runs_stopped, self._database, held.runs)
        else:
            self._doorbell.work([(run_id, 0) for run_id in held.runs])
        return len(held.runs)

    async def release_held(self, asked: Release) -> Released | None:
        """Carry out what an operator decided about held triggers; None when the breaker is not open."""
        done: Released | None = await self._ask(self._holding.release, asked)
        if done is None:
            return None
        self._doorbell.deliver(done.deliveries)
        if done.dropped:
            await asyncio.to_thread(journal.runs_stopped, self._database, done.dropped)
        if asked.mode != "trickle":
            self._doorbell.work([(run_id, 0) for run_id in done.released])
        return done

    async def raise_budget(self, asked: Raise) -> Raised | None:
        """Set today's limit of a workflow and caller; the sweeper wakes what it held back."""
        done: Raised | None = await self._ask(raise_limits, asked)
        return done

    async def resolve_call(self, actor: Actor, call_id: str, outcome: Outcome) -> bool:
        """Say what became of a paid call that nobody answered; False when there is no such call."""
        found: Resolved | None = await self._ask(resolve, Resolve(call_id, actor, outcome))
        if found is not None:
            self._doorbell.work(found.stages)
        return found is not None

    def reachable(self) -> bool:
        """Whether the broker answers."""
        return self._doorbell.reachable()

    def close(self) -> None:
        self._writer.close()
        self._doorbell.close()

    async def _cancel(self, item: Cancel) -> bool:
        delivery_id: str | None = await self._ask(self._control.cancel, item)
        reached(Point.CANCEL_COMMITTED)
        if delivery_id:
            self._doorbell.deliver([delivery_id])
        if delivery_id is not None:
            await asyncio.to_thread(journal.runs_stopped, self._database, [item.run_id])
        return delivery_id is not None

    async def _ask(self, operation: Any, value: Any) -> Any:
        return await self._writer.write(operation, value)

    def _ring_new(self, future: "Future[Started]") -> None:
        if not future.cancelled() and future.exception() is None and not future.result().replayed:
            reached(Point.ACCEPT_COMMITTED)
            self._doorbell.work([(future.result().run_id, 0)])
            reached(Point.ACCEPT_RUNG)

    def _ring_rejected(self, new: NewRun, failure: Failure, future: "Future[Rejected]") -> None:
        if future.cancelled() or future.exception() is not None:
            return
        reached(Point.REJECT_COMMITTED)
        rejected = future.result()
        journal.run_refused(new, rejected.run_id, failure.error_code)
        if rejected.delivery_id:
            self._doorbell.deliver([rejected.delivery_id])
