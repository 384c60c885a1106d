"""Group commit: shared transactions, lone faults, and what happens when the database does not answer."""

import subprocess
import sys
import threading
import time
from concurrent.futures import Future, wait

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError

from app.engine.writer import QueueFullError, StoreUnavailableError, Writer
from app.store.database import Database
from app.store.tables import leader

HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("COMMIT")
"""


def put(connection, names):
    """An operation: one row per name; the name None breaks a rule of the table."""
    connection.execute(
        insert(leader), [{"name": name, "owner": "o" if name else None, "until": 0} for name in names]
    )
    return [f"{name} stored" for name in names]


def names(database):
    with database.read() as connection:
        return sorted(connection.scalars(select(leader.c.name)))


class Gate:
    """An operation that holds the writer until it is opened, so that others gather behind it."""

    def __init__(self):
        self.entered, self.open = threading.Event(), threading.Event()
        self.sizes = []

    def __call__(self, connection, items):
        self.entered.set()
        assert self.open.wait(10)
        return list(items)


@pytest.fixture
def writer(database):
    writer = Writer(database)
    yield writer
    writer.close()


def gather(writer, operation, values):
    """Submit so that all values meet in one transaction."""
    gate = Gate()
    writer.submit(gate, 0)
    assert gate.entered.wait(10)
    futures = [writer.submit(operation, value) for value in values]
    gate.open.set()
    wait(futures, timeout=20)
    return futures


def test_what_waits_together_is_written_together(writer, database):
    """Items that arrive during a commit share the next one; each future gets its own answer."""
    calls = []

    def counted(connection, items):
        calls.append(len(items))
        return put(connection, items)

    futures = gather(writer, counted, [f"n{number}" for number in range(100)])
    assert calls == [100]
    assert [future.result() for future in futures] == [f"n{number} stored" for number in range(100)]
    assert len(names(database)) == 100


def test_one_bad_item_fails_alone(writer, database):
    """A row the database refuses fails its own future; its 99 neighbours are stored."""
    values = [f"n{number}" if number != 42 else "" for number in range(100)]
    futures = gather(writer, put, values)
    failed = [index for index, future in enumerate(futures) if future.exception()]
    assert failed == [42]
    assert isinstance(futures[42].exception(), StoreUnavailableError)
    assert len(names(database)) == 99


def test_an_operations_own_error_reaches_its_caller_only(writer, database):
    """An exception that an operation raises for one item is that item's answer, as it was raised."""

    def fussy(connection, items):
        if "bad" in items:
            raise KeyError("bad")
        return put(connection, items)

    first, bad, last = gather(writer, fussy, ["a", "bad", "b"])
    assert isinstance(bad.exception(), KeyError)
    assert (first.result(), last.result(), names(database)) == ("a stored", "b stored", ["a", "b"])


def test_a_collision_with_another_process_is_tried_again(writer, database):
    """Two processes that insert the same key at once: the second looks again and finds the first's row."""
    tries = []

    def racing(connection, items):
        tries.append(len(items))
        if len(tries) == 1:
            raise IntegrityError("INSERT", {}, Exception("unique"))
        return put(connection, items)

    assert writer.submit(racing, "a").result(10) == "a stored"
    assert tries == [1, 1]


def test_a_full_queue_refuses(sqlite):
    """More than the high-water mark is refused before anything is stored."""
    writer, gate = Writer(sqlite, high_water=3), Gate()
    writer.submit(gate, 0)
    assert gate.entered.wait(10)
    futures = [writer.submit(put, f"n{number}") for number in range(3)]
    with pytest.raises(QueueFullError):
        writer.submit(put, "one too many")
    gate.open.set()
    wait(futures, timeout=10)
    writer.close()
    assert names(sqlite) == ["n0", "n1", "n2"]


def test_a_closed_writer_stores_nothing(sqlite):
    """What was queued before the close is written; what comes later is refused at once."""
    writer = Writer(sqlite)
    before = writer.submit(put, "before")
    writer.close()
    assert before.result(1) == "before stored"
    with pytest.raises(StoreUnavailableError):
        writer.submit(put, "after")
    assert names(sqlite) == ["before"]


def test_a_caller_that_went_away_does_not_stop_the_writer(writer, database):
    """A cancelled future is no fault of the writer: the write stands and the next one is answered."""
    gate = Gate()
    writer.submit(gate, 0)
    assert gate.entered.wait(10)
    gone = writer.submit(put, "gone")
    assert gone.cancel()
    gate.open.set()
    assert writer.submit(put, "next").result(10) == "next stored"
    assert names(database) == ["gone", "next"]


def test_an_unreadable_database_is_unavailable(tmp_path):
    """When the file is no database every caller is told so, and in the caller's terms."""
    (tmp_path / "x.db").write_bytes(b"no database at all" * 100)
    writer = Writer(Database(f"sqlite:///{tmp_path / 'x.db'}"))
    futures: list[Future[str]] = [writer.submit(put, name) for name in "abc"]
    for future in futures:
        assert isinstance(future.exception(10), StoreUnavailableError)
    writer.close()


def test_a_locked_database_is_unavailable_once_for_all(sqlite):
    """A batch that cannot get the write lock fails as one, not item by item, and nothing of it is stored."""

    @event.listens_for(sqlite.engine, "connect")
    def _impatient(connection, _record):
        connection.execute("PRAGMA busy_timeout=300")

    other = Database(str(sqlite.engine.url))
    writer = Writer(sqlite)
    with other.engine.connect() as holder:
        holder.exec_driver_sql("COMMIT")
        holder.exec_driver_sql("BEGIN IMMEDIATE")
        begun = time.monotonic()
        futures = [writer.submit(put, f"n{number}") for number in range(50)]
        assert {type(future.exception(20)) for future in futures} == {StoreUnavailableError}
        assert time.monotonic() - begun < 5
        holder.exec_driver_sql("ROLLBACK")
    assert writer.submit(put, "later").result(10) == "later stored"
    assert names(sqlite) == ["later"]
    writer.close()
    other.close()


def test_a_foreign_lock_of_two_seconds_is_waited_out(sqlite):
    """Another process that holds SQLite's write lock delays a write; "database is locked" never surfaces."""
    path = str(sqlite.engine.url.database)
    process = subprocess.Popen([sys.executable, "-c", HOLD, path, "2"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    writer = Writer(sqlite)
    begun = time.monotonic()
    assert writer.submit(put, "patient").result(25) == "patient stored"
    assert time.monotonic() - begun > 1
    writer.close()
    assert process.wait(5) == 0
    process.stdout.close()


def test_a_commit_waits_for_the_disk(sqlite_url):
    """Writes are durable before they are answered: WAL with synchronous FULL (2)."""
    database = Database(sqlite_url)
    with database.write() as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    database.close()


def test_under_load_items_share_transactions(sqlite):
    """With so many seconds between transactions there are no more of them, however fast items come."""
    writer, batches = Writer(sqlite, every=0.02), []

    def note(_connection, values):
        batches.append(len(values))
        return values

    began = time.perf_counter()
    futures = []
    while time.perf_counter() - began < 0.4:
        futures.append(writer.submit(note, len(futures)))
        time.sleep(0.001)
    assert [future.result() for future in futures] == list(range(len(futures)))
    most = 4 + (time.perf_counter() - began) / 0.02 + 1
    writer.close()
    assert sum(batches) == len(futures)
    assert len(batches) <= most


def test_a_transaction_takes_no_more_than_it_may(sqlite):
    """Others wait for a turn no longer than a full one takes."""
    gate, batches = threading.Event(), []
    writer = Writer(sqlite, most=5)

    def note(_connection, values):
        gate.wait(10)
        batches.append(len(values))
        return values

    futures = [writer.submit(note, number) for number in range(23)]
    gate.set()
    assert [future.result() for future in futures] == list(range(23))
    writer.close()
    assert max(batches) <= 5
