"""A broker that loses, repeats, delays and reorders messages, and is away for a while."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.world import World


class Broker:
    """Carries keys to any living worker, sooner, later, twice or never."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.away = False
        self.waiting = 0

    def send(self, kind: str, keys: Sequence[Any]) -> None:
        """One message; what happens to it is drawn."""
        world = self._world
        if not keys or self.away or world.happens(world.faults.lose):
            return
        for _ in range(2 if world.happens(world.faults.repeat) else 1):
            self.waiting += 1
            world.loop.call_later(world.rng.uniform(0, world.faults.delay), self._arrive, kind, list(keys))

    def _arrive(self, kind: str, keys: list[Any]) -> None:
        self.waiting -= 1
        world = self._world
        if self.away:
            return
        worker = world.some_worker()
        if worker is None:
            # nobody listens: the message waits in the broker
            self.waiting += 1
            world.loop.call_later(1.0, self._arrive, kind, keys)
            return
        worker.hear(kind, keys)


class Bell:
    """The doorbell of one process."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def work(self, keys: Sequence[Any]) -> None:
        self._broker.send("work", list(keys))

    def deliver(self, ids: Sequence[str]) -> None:
        self._broker.send("deliver", list(ids))

    def backlog(self) -> int | None:
        return None if self._broker.away else self._broker.waiting

    def reachable(self) -> bool:
        return not self._broker.away

    def close(self) -> None:
        pass
