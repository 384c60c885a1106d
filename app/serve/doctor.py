"""`sakuga doctor`: what is set, and whether what it points to works."""

import difflib
import os
import platform
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import redis
import sqlalchemy

from app import anchor, clock
from app.serve import embedded
from app.serve.destinations import settings_of_role
from app.serve.errors import OperatorError
from app.serve.probe import answers_ping, answers_ready
from app.settings import Settings, describe, variable_of

_ALSO_KNOWN = frozenset({"SAKUGA_API_KEY", "SAKUGA_START_GATE", anchor.SKEW_VARIABLE})
_LOW_DISK = 1024**3
_CLOCKS_APART = 5.0

Finding = tuple[bool, str]


def doctor() -> int:
    """Print every setting with its meaning, then every check.

    Returns:
        0 where every check passes, else 1.
    """
    settings = settings_of_role()
    for variable, value, meaning in describe(settings):
        print(f"{variable:<34}{value:<44}{meaning}")  # noqa: T201
    print()  # noqa: T201
    good = True
    for name, check in _CHECKS.items():
        passed, text = check(settings)
        good = good and passed
        print(f"{'ok ' if passed else 'BAD'}  {name:<12}{text}")  # noqa: T201
    return 0 if good else 1


def _python(_: Settings) -> Finding:
    return True, f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.platform()}"


def _folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    if not folder.exists():
        parent = _existing_parent(folder)
        if not parent.is_dir() or not os.access(parent, os.W_OK):
            return False, f"{folder} cannot be made: {parent} is no folder that may be written"
        return True, f"{folder} is made at the first start"
    free = shutil.disk_usage(folder).free
    text = f"{folder}, {free / 1024**3:.1f} GiB free"
    return os.access(folder, os.W_OK) and free > _LOW_DISK, text


def _database(settings: Settings) -> Finding:
    if not settings.database_url and not (settings.data_dir / "sakuga.db").exists():
        return True, "made at the first start"
    engine = sqlalchemy.create_engine(settings.database_url_resolved)
    try:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("SELECT 1"))
    except sqlalchemy.exc.SQLAlchemyError as error:
        return False, f"no connection ({type(error).__name__})"
    finally:
        engine.dispose()
    return True, f"{engine.dialect.name} answers"


def _broker(settings: Settings) -> Finding:
    if settings.redis_url:
        try:
            redis.Redis.from_url(settings.redis_url, socket_timeout=3, socket_connect_timeout=3).ping()
        except (redis.RedisError, ValueError) as error:
            return False, f"no connection ({type(error).__name__})"
        return True, "answers"
    if answers_ping(embedded.socket_path(settings.data_dir)):
        return True, "the embedded broker answers"
    try:
        server = embedded.server_binary()
    except OperatorError as error:
        return False, str(error)
    return True, f"the embedded broker is not running ({server})"


def _server(settings: Settings) -> Finding:
    ready = answers_ready(settings.host, settings.port)
    return True, f"{settings.public_url} is {'ready' if ready else 'not running'}"


def _clock(settings: Settings) -> Finding:
    file = anchor.path_of(settings.data_dir, anchor.boot_id())
    if not anchor.boot_id() or not file.exists():
        return True, "waits run on the wall clock" if not anchor.boot_id() else "set at the first start"
    apart = clock.wall() - anchor.Anchor(settings.data_dir, anchor.boot_id()).now()
    if abs(apart) < _CLOCKS_APART:
        return True, "waits and wall clock agree"
    side = "ahead of" if apart > 0 else "behind"
    text = f"the wall clock is {abs(apart):.0f} s {side} the one that waits run on"
    return False, f"{text}; it is followed slowly, or at once when {file} is removed while nothing runs"


def _names(_: Settings) -> Finding:
    known = {variable_of(field) for field in Settings.model_fields} | _ALSO_KNOWN
    known |= {f"{name}_FILE" for name in known}
    unknown = sorted(name for name in os.environ if name.startswith("SAKUGA_") and name not in known)
    if not unknown:
        return True, "every SAKUGA_ variable is known"
    return False, "; ".join(f"{name} is not a setting{_meant(name, known)}" for name in unknown)


def _meant(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f", did you mean {close[0]}?" if close else ""


def _existing_parent(folder: Path) -> Path:
    return next(parent for parent in folder.parents if parent.exists())


_CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "system": _python,
    "folder": _folder,
    "database": _database,
    "broker": _broker,
    "server": _server,
    "clock": _clock,
    "variables": _names,
}
