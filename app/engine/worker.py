"""One worker process: dramatiq listens, this claims, the executor works, a housekeeper keeps time."""

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from dramatiq import Worker

from app.engine import journal
from app.engine.bell import BellBroker
from app.engine.claim import Claims
from app.engine.control import Cancel, Control
from app.engine.doorbell import Doorbell, add_actors
from app.engine.executor import Executor
from app.engine.feed import Feed, collect
from app.engine.lease import Leases
from app.engine.sweep import Due, Sweep, Sweeper, anything_due, break_leases_of, holders
from app.engine.writer import Operation, QueueFullError, StoreUnavailableError, Writer
from app.points import Point, reached
from app.store.bulk import StageKey
from app.store.database import Database
from app.store.wal import WriteAheadLog

_LOG = structlog.get_logger()
_SWEEP_EVERY = 0.25
_ORPHANS_EVERY = 2.0
_CHORES_EVERY = 2.0
_FAILED_PAUSE = 0.5
Chore = Callable[[], None]
_ROOM_TIMEOUT = 60.0
_IDLE_MS = 50


def worker_name() -> str:
    """``host:pid:start``: enough to tell, on the same host, whether its process is still there."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{_started(os.getpid())}"


class WorkerHost:
    """Ties the parts of a worker process together and runs its clocks."""

    def __init__(  # noqa: PLR0917
        self,
        name: str,
        database: Database,
        broker: BellBroker,
        writer: Writer,
        claims: Claims,
        executor: Executor,
        doorbell: Doorbell,
        lease: float,
        threads: int,
        end_helpers: Callable[[], None],
        feeds: Sequence[Feed] = (),
        chores: Sequence[Chore] = (),
    ) -> None:
        self._name = name
        self._database = database
        self._writer = writer
        self._claims = claims
        self._executor = executor
        self._doorbell = doorbell
        self._lease = lease
        self._end_helpers = end_helpers
        self._feeds = feeds
        self._leases = Leases(database.dialect, name, lease)
        self._sweeper = Sweeper(database.dialect)
        self._control = Control(database.dialect)
        self._stopping = threading.Event()
        add_actors(broker, self.work, self.deliver)
        self._consumer = Worker(broker, worker_threads=threads, worker_timeout=_IDLE_MS)
        self._clocks = [
            threading.Thread(target=self._clock, args=(every, job), name=_name_of(job), daemon=True)
            for every, job in (
                (_SWEEP_EVERY, self._sweep),
                (lease / 3, self._heartbeat),
                (_ORPHANS_EVERY, self._adopt_orphans),
                *((_CHORES_EVERY, chore) for chore in (WriteAheadLog(database), *chores)),
            )
        ]

    def start(self) -> None:
        self._consumer.start()
        for clock in self._clocks:
            clock.start()

    def stop(self, grace: float = 8.0) -> None:
        """Take no more work, let what runs finish for a while, hand the rest back."""
        self._stopping.set()
        self._consumer.stop(timeout=int(grace * 500))
        deadline = time.monotonic() + grace / 2
        while self._executor.in_flight and time.monotonic() < deadline:
            time.sleep(0.05)
        held = self._executor.held()
        if held.stages or held.deliveries:
            reached(Point.HAND_BACK_STARTED)
            self._executor.drop(held)
            self._writer.submit(self._leases.release, held).result(timeout=5)
            reached(Point.HAND_BACK_COMMITTED)
            self._doorbell.work(list(held.stages))
            self._doorbell.deliver(list(held.deliveries))
        self._executor.close()
        # an ordinary exit would wait for pictures that nobody waits for any more
        self._end_helpers()
        self._doorbell.close()
        self._writer.close()

    def work(self, keys: list[StageKey]) -> None:
        """Have stages claimed with the next commit and then executed; waits only when there is no room."""
        self._claim(self._claims.stages, keys, Point.CLAIM_COMMITTED, self._executor.execute)

    def deliver(self, ids: list[str]) -> None:
        """Have deliveries claimed with the next commit and then sent."""
        self._claim(self._claims.deliveries, ids, Point.DELIVERY_CLAIMED, self._executor.send)

    def _claim(self, claim: Operation, keys: Sequence[Any], point: Point, then: Callable[..., None]) -> None:
        """Nobody waits for the answer: a message that is gone before its claim is rung again by the sweeper.

        While there is no room the message is held.
        """
        if not self._executor.wait_for_room(_ROOM_TIMEOUT):
            return
        self._executor.expect(len(keys))
        try:
            answer = self._writer.submit(claim, keys)
        except (QueueFullError, StoreUnavailableError) as error:
            answer = Future()
            answer.set_exception(error)
        answer.add_done_callback(partial(_claimed, len(keys), point, then))

    def _clock(self, every: float, job: Any) -> None:
        # the first round at once: a worker that follows a dead one takes over without a pause
        failures = 0
        while not self._stopping.is_set():
            try:
                job()
                failures = 0
            except Exception:  # noqa: BLE001 - a clock that stops would stop time for this worker
                failures += 1
                # an outage of an hour must not fill the disk with its story
                if failures.bit_count() == 1:
                    _LOG.exception("clock_failed", job=_name_of(job), failures=failures)
            self._stopping.wait(every if not failures else max(every, _FAILED_PAUSE))

    def _sweep(self) -> None:
        with self._database.read() as connection:
            if not anything_due(connection):
                return
        sweep = Sweep(self._name, self._doorbell.backlog())
        due: Due = self._writer.submit(self._sweeper.sweep, sweep).result()
        reached(Point.SWEEP_COMMITTED)
        self._doorbell.work(due.stages)
        self._doorbell.deliver(due.deliveries)
        if due.leading:
            fed = collect(self._feeds, self._writer)
            self._doorbell.work(fed.stages)
            self._doorbell.deliver(fed.deliveries)
        words = "the workers that executed this run died again and again"
        crashed = (Cancel(run_id, "system", code="run.internal", words=words) for run_id, _ in due.poisoned)
        for item in (*crashed, *due.overdue):
            self._end(item)

    def _end(self, item: Cancel) -> None:
        delivery_id = self._writer.submit(self._control.cancel, item).result()
        if delivery_id is not None:
            journal.runs_stopped(self._database, [item.run_id])
        if delivery_id:
            self._doorbell.deliver([delivery_id])

    def _heartbeat(self) -> None:
        held = self._executor.held()
        if held.stages or held.deliveries:
            lost = self._writer.submit(self._leases.renew, held).result()
            reached(Point.HEARTBEAT_COMMITTED)
            self._executor.drop(lost)

    def _adopt_orphans(self) -> None:
        with self._database.read() as connection:
            names = holders(connection, self._lease)
        dead = [name for name in names if name != self._name and _is_dead_here(name)]
        if dead:
            _LOG.info("orphans_adopted", workers=len(dead))
            self._writer.submit(break_leases_of, dead).result()
            reached(Point.ORPHANS_ADOPTED)


def _claimed(count: int, point: Point, then: Callable[..., None], answer: "Future[Any]") -> None:
    """Hand on what a claim got of so many keys; nothing, where it failed."""
    error = answer.exception()
    if error is None:
        reached(point)
    else:
        _LOG.warning("claim_failed", keys=count, reason=type(error).__name__)
    then([] if error else answer.result(), count)


def _name_of(job: Any) -> str:
    return str(getattr(job, "__name__", type(job).__name__))


def _is_dead_here(name: str) -> bool:
    host, _, rest = name.partition(":")
    pid, _, started = rest.partition(":")
    return host == socket.gethostname()[:40] and pid.isdigit() and _started(int(pid)) != started


def _started(pid: int) -> str:
    """When a process of this host started, in the kernel's ticks; empty when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return fields[19]
