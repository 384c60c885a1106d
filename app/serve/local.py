"""The database of this machine's settings, for commands that need no running server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

from app.serve.errors import OperatorError
from app.settings import Settings, load_settings
from app.store import callers
from app.store.audit import Actor
from app.store.database import Database
from app.store.migrate import main as bring_up_to_date
from app.store.migrate import up_to_date

ACTOR = "command line"


class NotPreparedError(OperatorError):
    """The database has no schema, or not this version's, or no organisation yet."""

    def __init__(self, reason: str, command: str) -> None:
        super().__init__(f"DATABASE_URL: {reason}; run this first: {command}")
        self.command = command


class DatabaseUnreachableError(OperatorError):
    """The database cannot be used: no answer, no permission, no space."""

    exit_code = 1

    def __init__(self, error: OperationalError) -> None:
        reason = next(iter(str(error.orig).splitlines()), "") or type(error.orig).__name__
        super().__init__(f"DATABASE_URL: cannot be used ({reason}); `sakuga doctor` shows what is set")


@dataclass(frozen=True, slots=True)
class Local:
    """An open database and the organisation that commands work in."""

    settings: Settings
    db: Database
    org_id: str

    @property
    def actor(self) -> Actor:
        return Actor(self.org_id, ACTOR)


@contextmanager
def opened() -> Iterator[Local]:
    """Open the database of the environment's settings; a server may run beside it.

    Raises:
        NotPreparedError, DatabaseUnreachableError
    """
    settings = load_settings()
    if not settings.database_url and not (settings.data_dir / "sakuga.db").exists():
        raise NotPreparedError(f"there is no database in {settings.data_dir} yet", "sakuga up")
    database = Database(settings.database_url_resolved)
    try:
        yield Local(settings, database, _organisation(database))
    except OperationalError as error:
        raise DatabaseUnreachableError(error) from error
    finally:
        database.close()


@contextmanager
def reachable() -> Iterator[None]:
    """Tell a database that cannot be used in one line.

    Raises:
        DatabaseUnreachableError
    """
    try:
        yield
    except OperationalError as error:
        raise DatabaseUnreachableError(error) from error


def migrate() -> None:
    """The command ``sakuga migrate``; raises as `reachable` does."""
    with reachable():
        bring_up_to_date()


def _organisation(database: Database) -> str:
    with database.read() as connection:
        if not up_to_date(connection):
            raise NotPreparedError("the schema is not this version's", "sakuga migrate")
        found = callers.first_organisation(connection)
    if found is None:
        raise NotPreparedError("there is no organisation yet", "sakuga up")
    return found
