"""The engine as it runs: web side and workers in this process, over a real broker and a real clock."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.assets.darkroom import Darkroom
from app.assets.library import Library
from app.cpu import CpuPool
from app.egress.client import Egress
from app.egress.policy import EgressPolicy
from app.engine.children import Children
from app.engine.claim import Claims
from app.engine.decide import Decider
from app.engine.doorbell import Doorbell, add_actors, connect
from app.engine.engine import Engine
from app.engine.executor import Executor
from app.engine.live import Publisher
from app.engine.own_assets import Shelf
from app.engine.perform import Performer
from app.engine.plans import Plans
from app.engine.records import Started
from app.engine.send import Sender
from app.engine.settle import Settlements
from app.engine.tools import Tools
from app.engine.web import NodeWeb
from app.engine.worker import WorkerHost
from app.engine.writer import Writer
from app.providers.rehearsal import Rehearsal
from app.store.database import Database
from app.store.tables import run
from app.workflows.callees import Callees
from app.workflows.published import PublishedVersions
from graphs.plan import Plan
from tests.support import probes
from tests.support.rig import SECRET, Shop


def until(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Wait for a condition; its value. Fails when the time is up."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "the condition did not come about in time"
        time.sleep(0.02)
    return value


class Plant:
    """A shop with an engine; workers come and go.

    Args:
        delays: The retry schedule in seconds.
        lease: Seconds a claim holds without a heartbeat.
    """

    def __init__(
        self,
        open_database: Callable[[], Database],
        broker: str,
        folder: Path,
        links: str = "input.trigger>one.a",
        *,
        gates: dict[str, dict[str, Any]] | None = None,
        plan: Callable[[Any], Plan] | None = None,
        delays: tuple[float, ...] = (0.05, 0.1, 0.15),
        lease: float = 30.0,
    ) -> None:
        self._open, self._broker, self._delays, self._lease = open_database, broker, delays, lease
        self.acts = probes.Acts()
        self.kinds = probes.catalogue(self.acts)
        self.db = open_database()
        self.shop = Shop(self.db, plan(self.kinds) if plan else probes.plan(self.kinds, links, gates=gates))
        self.client = connect(broker).client
        self.client.flushall()
        self.pool = CpuPool(1)
        self.library = Library((folder / "assets").as_uri(), b"s" * 32, "http://sakuga.test", self.pool)
        ringing = connect(broker)
        add_actors(ringing, lambda _: None, lambda _: None)
        self.engine = Engine(self.db, Writer(self.db), Doorbell(ringing))
        self.workers: dict[str, WorkerHost] = {}

    def hire(self, name: str = "w1") -> WorkerHost:
        """Start a worker."""
        database, broker = self._open(), connect(self._broker)
        writer, doorbell, publisher = Writer(database), Doorbell(broker), Publisher(self._broker)
        claims = Claims(database.dialect, name, self._lease)
        darkroom = Darkroom(self.library, self.pool)
        providers = {"rehearsal": Rehearsal(self.pool)}
        egress = Egress(EgressPolicy.of(("127.0.0.0/8",)))
        executor = Executor(
            writer,
            Settlements(database.dialect, name, self._lease, claims),
            Performer(
                Tools(
                    *(self.kinds, darkroom, Shelf(database), self.library, providers, name),
                    publisher.node,
                    NodeWeb(egress),
                    Children(database, Callees(PublishedVersions(database)).find),
                )
            ),
            Decider(self._delays, self.library),
            Plans(database),
            Sender(egress, lambda _caller: [SECRET], self._delays),
            doorbell,
            publisher,
        )
        self.workers[name] = WorkerHost(
            *(name, database, broker, writer, claims, executor, doorbell),
            *(self._lease, 2, lambda: None),
        )
        self.workers[name].start()
        return self.workers[name]

    def dismiss(self, name: str = "w1", grace: float = 2.0) -> None:
        self.workers.pop(name).stop(grace)

    def close(self) -> None:
        for name in list(self.workers):
            self.dismiss(name)
        self.engine.close()
        self.pool.close()
        self.db.close()

    def start(self, count: int = 1, **fields: Any) -> list[str]:
        futures = [self.engine.start(self.shop.new(**fields)) for _ in range(count)]
        started: list[Started] = [future.result(20) for future in futures]
        return [each.run_id for each in started]

    def count(self, status: str) -> int:
        return int(self.value(select(func.count()).where(run.c.status == status)))

    def value(self, query: Any) -> Any:
        with self.db.read() as connection:
            return connection.scalar(query)

    def rows(self, query: Any) -> list[Any]:
        with self.db.read() as connection:
            return list(connection.execute(query))
