"""What all worlds of one process share: an empty database in memory, node types, compiled graphs."""

import shutil
import sqlite3
import tempfile
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.assets.library import Library
from app.cpu import CpuPool
from app.engine.caching import Caching
from app.engine.children import Children
from app.engine.ledger import Ledger
from app.engine.paid import PaidCalls
from app.engine.tools import Tools
from app.store.database import Database
from app.store.migrate import migrate
from app.store.tables import metadata
from app.workflows.callees import Callees
from app.workflows.published import PublishedVersions
from graphs.plan import Plan
from tests.simulation.faults import GATES, GRAPHS
from tests.simulation.graphs import plan_of
from tests.simulation.service import Shelf
from tests.simulation.watch import TRIGGERS, Watch
from tests.support import probes

_MEMORY = Path("/dev/shm")


class Parts:
    """Made once; `clean` empties the database for the next world."""

    def __init__(self) -> None:
        base = _MEMORY if _MEMORY.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="sk-sim-", dir=base))
        self.database = Database(f"sqlite:///{self.folder / 's.db'}", pool_size=2)
        self.watch = Watch(self.database)
        migrate(self.database)
        with self.database.write() as connection:
            for statement in TRIGGERS.split("END;")[:-1]:
                connection.exec_driver_sql(f"{statement} END")
        # asks what is due after every commit, past all that a query of the product costs
        self.look = sqlite3.connect(self.folder / "s.db")
        self.acts = probes.Acts()
        self.kinds = probes.catalogue(self.acts)
        self.pool = CpuPool(1)
        self.library = Library((self.folder / "a").as_uri(), b"s" * 32, "http://sakuga.test", self.pool)
        self._tables = [table.name for table in metadata.sorted_tables]

    def clean(self) -> None:
        self.watch.rules = None
        with self.database.write() as connection:
            for name in reversed(self._tables):
                connection.execute(text(f'DELETE FROM "{name}"'))
        self.acts.by_node.clear()
        self.acts.calls.clear()

    @cache  # noqa: B019 - lives as long as the process
    def plan(self, graph: str, gates: str) -> Plan:
        if graph not in GRAPHS:
            return plan_of(self.kinds, graph, gates)
        return probes.plan(self.kinds, GRAPHS[graph], gates=GATES[gates])

    def tools(self, name: str, services: Any, writer: Any) -> Tools:
        # the nodes of these worlds ask for nothing else
        unused: dict[str, Any] = dict.fromkeys(each.name for each in fields(Tools))
        shelf: Any = Shelf()
        used = {"catalogue": self.kinds, "darkroom": None, "library": shelf, "providers": {}}
        used |= {"children": Children(self.database, Callees(PublishedVersions(self.database)).find)}
        used |= {"paid": PaidCalls(services, Ledger(writer)), "caching": Caching(self.database, shelf)}
        return Tools(**{**unused, **used, "executor": name, "watch": _unwatched})

    def close(self) -> None:
        self.look.close()
        self.database.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _unwatched(*_: Any) -> None:
    pass
