"""One database, two dialects: how connections are opened and how writes take their turn."""

import contextlib
import fcntl
import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# How long PostgreSQL may be silent before a connection counts as broken: libpq's own answer is hours.
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_SERVER_PATIENCE = (
    "SET idle_in_transaction_session_timeout = '10s'; SET tcp_keepalives_idle = 5;"
    " SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET tcp_user_timeout = '10s'"
)
# what fails is logged, and values are people's: payloads, prompts, sealed keys
_DISCREET: Any = {"hide_parameters": True}
Dialect = Literal["sqlite", "postgresql"]


class Database:
    """Opens connections to SQLite or PostgreSQL.

    SQLite writers of all processes queue on a file lock: its own busy handler sleeps with back-off and lets
    late comers pass, which costs a second at the tail. WAL with ``synchronous=FULL`` makes a commit durable
    before it is answered.

    Args:
        url: A SQLAlchemy URL.
        pool_size: Connections kept open; more are opened when all are busy.
        patient: Whether its writes let those of others pass: of all patient processes one at a time asks for
            the turn, so that who answers a caller waits for one of their transactions at most.

    Attributes:
        file: The SQLite file; None on PostgreSQL.
    """

    def __init__(self, url: str, *, pool_size: int = 5, patient: bool = False) -> None:
        parsed = make_url(url)
        self.dialect: Dialect = "sqlite" if parsed.get_backend_name() == "sqlite" else "postgresql"
        self._turn = threading.Lock()
        self.file = Path(str(parsed.database)) if self.dialect == "sqlite" else None
        self._locks = [*(["patient"] if patient else []), "lock"] if self.file else []
        self._files: list[Any] = []
        self._engine = _sqlite(url, pool_size) if self.dialect == "sqlite" else _postgresql(url, pool_size)

    @property
    def engine(self) -> Engine:
        return self._engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one snapshot; it writes nothing."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection in a write transaction, committed at the end, rolled back on any error."""
        with (
            self.turn(),
            self._engine.connect().execution_options(write=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def turn(self) -> Iterator[None]:
        """The one writer's turn, among all threads and processes; PostgreSQL has no such queue."""
        if self.file is None:
            yield
            return
        with self._turn:
            self._files = self._files or [self._beside(name).open("a") for name in self._locks]
            with contextlib.ExitStack() as held:
                for file in self._files:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    held.callback(fcntl.flock, file, fcntl.LOCK_UN)
                yield

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Hold a lock of this name among all processes; for work that takes several transactions."""
        if self.file is None:
            key = {"key": int.from_bytes(hashlib.sha256(name.encode()).digest()[:6])}
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("SELECT pg_advisory_lock(:key)"), key)
                try:
                    yield
                finally:
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
            return
        with self._beside(name).open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def close(self) -> None:
        self._engine.dispose()
        for file in self._files:
            file.close()
        self._files = []

    def _beside(self, name: str) -> Path:
        assert self.file
        return self.file.with_name(f"{self.file.name}.{name}")


def unreachable(error: Exception) -> bool:
    """Whether the database itself did not answer: what was asked was not at fault, and may be asked again."""
    if (
        isinstance(error, DBAPIError)
        and getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    ):
        return False
    return isinstance(error, OperationalError | InterfaceError | PoolTimeoutError)


def _sqlite(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=20, connect_args={"timeout": 30}, **_DISCREET
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            # of a new file only: a step with its pictures fits into such a page, half as much is written
            "page_size=8192",
            "journal_mode=WAL",
            "synchronous=FULL",
            "busy_timeout=30000",
            "foreign_keys=ON",
            "cache_size=-16000",
            "temp_store=MEMORY",
            # a worker brings the log home much earlier (app.store.wal); this is for when there is none
            "wal_autocheckpoint=16000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str, pool_size: int) -> Engine:
    waits = {name: value for name, value in _PATIENCE.items() if name not in make_url(url).query}
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=20, pool_pre_ping=True, connect_args=waits, **_DISCREET
    )

    @event.listens_for(engine, "connect")
    def _limits(connection: Any, _record: Any) -> None:
        # what a worker had locked when its network broke is free again before its neighbours despair
        with connection.cursor() as cursor:
            cursor.execute(_SERVER_PATIENCE)
        connection.commit()

    return engine
