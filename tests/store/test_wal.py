"""SQLite's log comes home beside the commits, and stays short however long the load lasts."""

import sqlite3
import subprocess
import sys
import threading

import pytest
from sqlalchemy import event, text

from app.store.database import Database
from app.store.wal import WriteAheadLog

_PAGE = 8_192
_ROUND = 400


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'some.db'}")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE page (id INTEGER PRIMARY KEY, words TEXT)"))
    yield database
    database.close()


def fill(database, pages=_ROUND):
    """Commit rows of about a page each."""
    with database.write() as connection:
        rows = [{"words": "x" * _PAGE} for _ in range(pages)]
        connection.execute(text("INSERT INTO page (words) VALUES (:words)"), rows)


def home(database):
    """How many rows are in the database itself, as who reads without the log finds them."""
    alone = sqlite3.connect(f"file:{database.file}?immutable=1", uri=True)
    found = alone.execute("SELECT count(*) FROM page").fetchone()[0]
    alone.close()
    return found


def test_what_was_committed_comes_home(database):
    """The database itself holds all of it afterwards; without a new commit there is nothing to do."""
    log = WriteAheadLog(database)
    log()
    fill(database)
    assert home(database) == 0
    log()
    assert home(database) == _ROUND
    log()
    fill(database, 10)
    log()
    assert home(database) == _ROUND + 10


def test_the_log_stays_short_while_others_write(database):
    """The file does not grow with the load: when it is long the next commit begins it anew."""
    log, done = WriteAheadLog(database), threading.Event()

    def keep():
        while not done.is_set():
            log()

    keeper = threading.Thread(target=keep)
    keeper.start()
    for _ in range(60):
        fill(database)
    done.set()
    keeper.join()
    size = database.file.with_name("some.db-wal").stat().st_size
    assert size < 60 * _ROUND * _PAGE * 2 / 3


def test_a_reader_of_the_past_only_delays_it(database):
    """What somebody still reads as it was stays in the log, and comes home with what is written next."""
    log = WriteAheadLog(database)
    log()
    with database.read() as connection:
        connection.execute(text("SELECT count(*) FROM page")).scalar()
        fill(database)
        log()
        assert home(database) == 0
        assert connection.scalar(text("SELECT count(*) FROM page")) == 0
    fill(database, 1)
    log()
    assert home(database) == _ROUND + 1


def test_the_locks_of_this_process_stay(database, tmp_path):
    """While a write is open here no other process may write, whatever the log's keeper does meanwhile."""
    log = WriteAheadLog(database)
    other = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None);"
        " c.execute('BEGIN IMMEDIATE')"
    )
    fill(database)
    with database.write() as connection:
        connection.execute(text("INSERT INTO page (words) VALUES ('x')"))
        log()
        command = [sys.executable, "-c", other, database.file]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "database is locked" in done.stderr


def test_where_there_is_no_log_nothing_is_asked(postgres_databases):
    """PostgreSQL has its own: not one statement reaches it."""
    database, asked = Database(postgres_databases()), []
    event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    WriteAheadLog(database)()
    assert asked == []
    database.close()
