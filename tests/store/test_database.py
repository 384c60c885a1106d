"""Connections and turns of writing, on both databases."""

import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import func, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from app.store import bulk
from app.store.database import Database
from app.store.migrate import migrate, up_to_date
from app.store.tables import leader, metadata, stage

COUNT = """
import sys
from sqlalchemy import select, update
from app.store.database import Database
from app.store.tables import leader
database = Database(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with database.write() as connection:
        query = select(leader.c.until).where(leader.c.name == "n")
        until = connection.scalar(query.with_for_update())
        connection.execute(update(leader).where(leader.c.name == "n").values(until=until + 1))
"""


def add(connection, name, until=0.0):
    connection.execute(insert(leader).values(name=name, owner="o", until=until))


def count(database):
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(leader))


def test_an_error_takes_back_the_whole_write(database):
    """A write block that raises stores nothing of itself, and the next one works."""

    def twice(first, second):
        with database.write() as connection:
            add(connection, first)
            add(connection, second)

    with pytest.raises(IntegrityError):
        twice("b", "b")
    with pytest.raises(StatementError):
        twice("a", object())
    with database.write() as connection:
        add(connection, "c")
    assert count(database) == 1


def test_a_reader_is_not_held_up_by_a_writer(database):
    """While a write is open, others read what was committed before."""
    with database.write() as connection:
        add(connection, "a")
        assert count(database) == 0
    assert count(database) == 1


def test_writers_of_several_processes_lose_no_update(database):
    """Three processes that read and write the same row 40 times each leave 120 changes; none sees a lock."""
    with database.write() as connection:
        add(connection, "n")
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", COUNT, url, "40"]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in processes:
        assert process.communicate(timeout=60)[1] == ""
    with database.read() as connection:
        assert connection.scalar(select(leader.c.until)) == 120


def test_writers_of_several_threads_take_turns(database):
    """Eight threads write 20 times each through one Database; every row is there."""

    def write(number):
        for index in range(20):
            with database.write() as connection:
                add(connection, f"{number}-{index}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 160


def test_a_closed_database_opens_again(database):
    """Closing gives back every connection and lock; a later use opens anew."""
    with database.write() as connection:
        add(connection, "a")
    database.close()
    with database.write() as connection:
        add(connection, "b")
    assert count(database) == 2


def test_the_schema_is_what_the_tables_say(database):
    """The migrations make every table and column that the code names, and say so."""
    with database.read() as connection:
        assert up_to_date(connection)
        found = inspect(connection)
        for table in metadata.sorted_tables:
            columns = {column["name"] for column in found.get_columns(table.name)}
            assert columns == set(table.c.keys()), table.name
            wanted = {index.name for index in table.indexes}
            assert wanted <= {index["name"] for index in found.get_indexes(table.name)}, table.name


def test_many_may_migrate_at_once(tmp_path):
    """Six processes' worth of migrations at the same time: one does it, the others find it done."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    databases = [Database(url) for _ in range(6)]
    errors = []

    def run(database):
        try:
            migrate(database)
        except Exception as error:  # noqa: BLE001 - a thread's error must reach the assertion
            errors.append(error)

    threads = [threading.Thread(target=run, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with databases[0].read() as connection:
        assert up_to_date(connection)
    for database in databases:
        database.close()


def test_keys_in_bulk_meet_exactly_their_rows(database):
    """The subqueries for many keys match those keys and no others; odd characters and no keys included."""
    keys = [("run_1", 0), ("run_1", 1), ("odd \"' \\ {} key", 0)]
    base = {"state": "ready", "fence": 0, "attempt": 1, "crashes": 0, "pending": 0, "rings": 0}
    with database.write() as connection:
        rows = [{"run_id": run_id, "number": number, **base} for run_id, number in [*keys, ("run_2", 0)]]
        bulk.many(connection, INSERT, rows)
    pairs = text(f"SELECT run_id, number FROM stage WHERE (run_id, number) IN {bulk.pairs(database.dialect)}")
    ids = text(f"SELECT run_id FROM stage WHERE run_id IN {bulk.ids(database.dialect)}")
    with database.read() as connection:
        found = connection.execute(pairs, bulk.pair_params(database.dialect, [*keys, ("no", 7)]))
        assert sorted(map(tuple, found)) == sorted(keys)
        assert connection.execute(pairs, bulk.pair_params(database.dialect, [])).all() == []
        found = connection.execute(ids, bulk.id_params(database.dialect, ["run_2", "no"]))
        assert [row.run_id for row in found] == ["run_2"]


INSERT = insert(stage)


def test_postgresql_lets_go_of_what_a_silent_client_had_locked(postgres_url):
    """A worker whose network broke inside a transaction holds up the others for seconds, not for hours."""
    database = Database(postgres_url)
    with database.read() as connection:
        shown = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
    database.close()
    assert shown == "10s"


def test_one_process_at_a_time_holds_a_named_lock(database):
    """Who comes second waits; the lock of another name is free meanwhile."""
    url = database.engine.url.render_as_string(hide_password=False)
    others = [Database(url) for _ in range(2)]
    order = []

    def follow():
        with others[0].alone("a"):
            order.append("second")

    with database.alone("a"):
        thread = threading.Thread(target=follow)
        thread.start()
        with others[1].alone("b"):
            thread.join(0.3)
            order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    for other in others:
        other.close()


def test_a_patient_writer_lets_others_pass(tmp_path):
    """However many patient processes write without a pause, another one waits for about one turn."""
    url, over = f"sqlite:///{tmp_path / 'some.db'}", threading.Event()
    turns = []

    def write_on():
        database = Database(url, patient=True)
        while not over.is_set():
            with database.turn():
                turns.append(time.sleep(0.002))
        database.close()

    writers = [threading.Thread(target=write_on) for _ in range(4)]
    database, passed = Database(url), 0
    for writer in writers:
        writer.start()
    try:
        for _ in range(50):
            before = len(turns)
            with database.turn():
                passed += len(turns) - before
    finally:
        over.set()
        for writer in writers:
            writer.join()
        database.close()
    assert passed <= 100
