"""A role that was started by hand: what `sakuga up` would have made for it on the embedded defaults."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.serve import embedded
from app.serve.claims import ensure_secret_key, make_folder
from app.serve.destinations import settings_of_role
from app.serve.embedded import Embedded
from app.serve.signals import Stop
from app.settings import Settings
from app.store.database import Database
from app.store.migrate import up_to_date

_GATE = "SAKUGA_START_GATE"
_ASK_EVERY = 1.0
_SAY_EVERY = 30.0
_LOG = structlog.get_logger()


@contextmanager
def provided() -> Iterator[Settings]:
    """The settings of a role, with the broker and the secret key there.

    Roles of one data folder share one broker; it ends with the role that started it, and the next start of
    any role brings it back. Where the database is a server, nothing is generated: hosts share their secret.

    Raises:
        OperatorError, SettingsError: with the one line that says what to put right.
    """
    settings = settings_of_role()
    if is_supervised():
        yield settings
        return
    if not settings.database_url:
        make_folder(settings.data_dir)
        ensure_secret_key(settings)
    if settings.redis_url:
        yield settings
        return
    make_folder(settings.data_dir)
    with _one_by_one(settings.data_dir) as broker:
        yield settings.model_copy(update={"redis_url": broker.url})


def is_supervised() -> bool:
    """Whether `sakuga up` started this process, and prepares everything."""
    return _GATE in os.environ


def wait_for_schema(settings: Settings, stop: Stop) -> bool:
    """Wait until the database answers with this version's schema; False when told to stop before."""
    database = Database(settings.database_url_resolved, pool_size=1)
    said = -_SAY_EVERY
    try:
        while (reason := _missing(database)) is not None:
            if time.monotonic() - said >= _SAY_EVERY:
                said = time.monotonic()
                _LOG.warning("waiting_for_database", reason=reason)
            if stop.wait(_ASK_EVERY):
                return False
    finally:
        database.close()
    return True


def _missing(database: Database) -> str | None:
    try:
        with database.read() as connection:
            ready = up_to_date(connection)
    except SQLAlchemyError as error:
        return next(iter(str(getattr(error, "orig", error)).splitlines()), type(error).__name__)
    return None if ready else "the schema is not this version's; a start of web or api, or migrate, brings it"


@contextmanager
def _one_by_one(folder: Path) -> Iterator[Embedded]:
    """The broker of a folder; of roles that start together one starts it."""
    with (folder / "broker.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        broker = embedded.start_or_attach(folder)
    with broker:
        yield broker
