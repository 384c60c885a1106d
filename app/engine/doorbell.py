"""dramatiq as the doorbell: messages carry keys, never state, and may be lost at any moment (design §1.1).

Ringing never blocks and never fails: what is not heard, the sweeper rings again.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any

import dramatiq
import redis
import structlog

from app.engine.bell import BellBroker
from app.store.bulk import StageKey

WORK = "work"
DELIVER = "deliver"
_BATCH = 50
_LOG = structlog.get_logger()


def connect(url: str) -> BellBroker:
    """A broker without retries, delays, results or time limits: all of these are rows (engine notes §2)."""
    client = redis.Redis.from_url(url, socket_connect_timeout=2, health_check_interval=10)
    return BellBroker(  # type: ignore[no-untyped-call]
        client=client,
        middleware=[],
        namespace="sakuga",
        heartbeat_timeout=15_000,
        maintenance_chance=20_000,
    )


def add_actors(
    broker: BellBroker,
    work: Callable[[list[StageKey]], None],
    deliver: Callable[[list[str]], None],
) -> None:
    """Declare the two actors; in a process that only rings they are never called."""

    def on_work(keys: list[list[Any]]) -> None:
        work([(run_id, number) for run_id, number in keys])

    dramatiq.actor(actor_name=WORK, queue_name=WORK, broker=broker)(on_work)
    dramatiq.actor(actor_name=DELIVER, queue_name=DELIVER, broker=broker)(deliver)


class Doorbell:
    """Rings for stages and deliveries from a thread of its own."""

    def __init__(self, broker: BellBroker) -> None:
        self._broker = broker
        # a broker that hangs must not hang whoever asks whether it does
        self._probe = broker.probe()
        self._queue: queue.SimpleQueue[tuple[str, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name="doorbell", daemon=True)
        self._thread.start()

    def work(self, keys: Sequence[StageKey]) -> None:
        for key in keys:
            self._queue.put((WORK, key))

    def deliver(self, ids: Sequence[str]) -> None:
        for delivery_id in ids:
            self._queue.put((DELIVER, delivery_id))

    def backlog(self) -> int | None:
        """Messages that wait in the broker; None when it does not answer."""
        try:
            names = [f"sakuga:{queue_name}" for queue_name in (WORK, DELIVER)]
            return sum(int(self._probe.llen(name)) for name in names)
        except (redis.RedisError, OSError):
            return None

    def reachable(self) -> bool:
        try:
            return bool(self._probe.ping())
        except (redis.RedisError, OSError):
            return False

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join(timeout=5)

    def _loop(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            while len(batch) < 20 * _BATCH and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    self._queue.put(None)
                    break
                batch.append(item)
            self._ring(batch)

    def _ring(self, batch: list[tuple[str, Any]]) -> None:
        for name in (WORK, DELIVER):
            keys = [key for kind, key in batch if kind == name]
            for start in range(0, len(keys), _BATCH):
                self._send(name, keys[start : start + _BATCH])

    def _send(self, name: str, keys: list[Any]) -> None:
        message: dramatiq.Message[None] = dramatiq.Message(
            queue_name=name, actor_name=name, args=(keys,), kwargs={}, options={}
        )
        try:
            self._broker.enqueue(message)
        except Exception as error:  # noqa: BLE001 - the rows are committed; the sweeper will ring
            _LOG.warning("doorbell_unheard", queue=name, keys=len(keys), error=type(error).__name__)
