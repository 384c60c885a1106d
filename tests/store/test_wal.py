"""SQLite's log comes home beside the commits, and stays short however long the load lasts."""

import sqlite3
import threading

import pytest
from sqlalchemy import text

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


def test_a_short_log_is_left_alone(database):
    """Nothing is copied for a few pages: every copy costs the disk two waits."""
    log = WriteAheadLog(database)
    fill(database, 10)
    before = log.waiting()
    assert before >= 10
    log()
    assert log.waiting() == before


def test_a_long_log_comes_home(database):
    """What a long log held is in the database afterwards: who reads without the log finds all of it."""
    log = WriteAheadLog(database)
    for _ in range(6):
        fill(database)
    assert log.waiting() >= 6 * _ROUND
    log()
    assert log.waiting() == 0
    alone = sqlite3.connect(f"file:{database.file}?immutable=1", uri=True)
    assert alone.execute("SELECT count(*) FROM page").fetchone() == (6 * _ROUND,)
    alone.close()


def test_the_log_stays_short_while_others_write(database):
    """The file does not grow with the load: after each round the next commit begins it anew."""
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
    assert size < 60 * _ROUND * _PAGE / 2


def test_a_reader_of_the_past_only_delays_it(database):
    """What somebody still reads as it was stays in the log, and comes home once that has ended."""
    log = WriteAheadLog(database)
    with database.read() as connection:
        connection.execute(text("SELECT count(*) FROM page")).scalar()
        for _ in range(6):
            fill(database)
        log()
        assert log.waiting() >= 6 * _ROUND
        assert connection.scalar(text("SELECT count(*) FROM page")) == 0
    log()
    assert log.waiting() == 0


def test_where_there_is_no_log_there_is_nothing_to_do(tmp_path, postgres_databases):
    """A file that was never opened, and PostgreSQL, which has its own."""
    assert WriteAheadLog(Database(f"sqlite:///{tmp_path / 'none.db'}")).waiting() == 0
    database = Database(postgres_databases())
    log = WriteAheadLog(database)
    log()
    assert log.waiting() == 0
    database.close()
