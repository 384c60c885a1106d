"""A great many runs at once: put into the database by the product's own code, without its doors."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from sqlalchemy import func, select, update

from app.engine.accept import accept
from app.engine.records import NewRun
from app.serve import embedded
from app.settings import load_settings
from app.store.tables import caller, delivery, organisation, project, run, stage
from app.wiring import System, build_web
from tests.bench.server import ROOT, Server

_BATCH = 400
_TOMORROW = 86_400.0
_LOOK = 0.5


@contextmanager
def inside(server: Server) -> Iterator[System]:
    """The parts of a web process over the server's database."""
    place = embedded.url_of(Path(server.environ["SAKUGA_DATA_DIR"]))
    system = build_web(load_settings({"REDIS_URL": place, **server.environ}))
    try:
        yield system
    finally:
        system.engine.close()


@contextmanager
def stopped(server: Server, system: System) -> Iterator[None]:
    """Freeze the workers, so that what is accepted stays queued.

    Not before they are idle: one that is frozen in a transaction would keep the database locked.
    """
    while open_runs(system) or open_letters(system):
        time.sleep(_LOOK)
    time.sleep(_LOOK)
    roles = server.roles()
    workers = [psutil.Process(pid) for pid, role in roles.items() if role == "worker"]
    for worker in workers:
        worker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGCONT)


def fill(system: System, count: int) -> float:
    """Accept so many runs; rows per second."""
    new = _new(system)
    began = time.perf_counter()
    for start in range(0, count, _BATCH):
        with system.db.write() as connection:
            accept(connection, [new] * min(_BATCH, count - start))
    return count / (time.perf_counter() - began)


def put_to_sleep(system: System) -> int:
    """Let every open stage wait for tomorrow; how many there are."""
    with system.db.write() as connection:
        asleep = {"state": "waiting", "wake_at": time.time() + _TOMORROW}
        done = connection.execute(update(stage).where(stage.c.state == "ready").values(asleep))
    return done.rowcount


def pick_up(system: System, since: float) -> list[float]:
    """Seconds from acceptance to start of every run accepted since then."""
    query = select(run.c.created_at, run.c.started_at)
    with system.db.read() as connection:
        rows = connection.execute(query.where(run.c.started_at.is_not(None), run.c.created_at >= since))
        return [row.started_at - row.created_at for row in rows]


def open_runs(system: System) -> int:
    with system.db.read() as connection:
        return connection.scalar(select(func.count()).where(run.c.finished_at.is_(None))) or 0


def open_letters(system: System) -> int:
    with system.db.read() as connection:
        return connection.scalar(select(func.count()).where(delivery.c.finished_at.is_(None))) or 0


def _new(system: System) -> NewRun:
    trigger = json.loads((Path(ROOT) / "examples/product-image.payload.json").read_text())
    with system.db.read() as connection:
        ids = [connection.scalar(select(table.c.id)) for table in (organisation, project, caller)]
    published = system.workflows.published(ids[0], "bench")
    accepted = published.trigger.read(
        {name: value for name, value in trigger.items() if name not in {"callback_url", "idempotency_key"}}
    )
    return NewRun(
        *(ids[0], ids[1], published.workflow.id, "bench", 1, published.version_id, published.plan, ids[2]),
        *("default", "api", trigger, accepted.values, "trace", "request"),
    )
