"""The raw limits of this machine in this run: dramatiq without work, and plain group-committed inserts."""

import sqlite3
import tempfile
import threading
import time
from pathlib import Path

import dramatiq
from dramatiq import Worker

from app.engine.doorbell import connect
from app.serve import embedded
from app.settings import Settings

_MESSAGES = 6_000
_ROWS = 6_000


def dramatiq_noop() -> float:
    """Messages per second of one process with 8 threads and an actor that does nothing."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        with embedded.broker(settings) as server:
            return _noop_rate(server.url)


def _noop_rate(url: str) -> float:
    broker = connect(url)
    left, done = [_MESSAGES], threading.Event()

    def noop() -> None:
        left[0] -= 1
        if left[0] <= 0:
            done.set()

    actor = dramatiq.actor(actor_name="noop", queue_name="noop", broker=broker)(noop)
    for _ in range(_MESSAGES):
        actor.send()
    worker = Worker(broker, worker_threads=8, worker_timeout=50)
    began = time.perf_counter()
    worker.start()
    done.wait(60)
    seconds = time.perf_counter() - began
    worker.stop()
    return (_MESSAGES - left[0]) / seconds


def group_commit(batch: int) -> float:
    """Rows per second of 700-byte inserts into SQLite (WAL, FULL), ``batch`` to a transaction."""
    rows = _ROWS if batch > 1 else 300
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "raw.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE run (id TEXT PRIMARY KEY, body TEXT)")
        began = time.perf_counter()
        for start in range(0, rows, batch):
            connection.execute("BEGIN IMMEDIATE")
            values = [(f"run_{start + number:012d}", "x" * 700) for number in range(batch)]
            connection.executemany("INSERT INTO run VALUES (?, ?)", values)
            connection.execute("COMMIT")
        seconds = time.perf_counter() - began
        connection.close()
    return rows / seconds
