"""SQLite's write-ahead log: brought home beside the commits, not by whichever of them fills it.

Left to itself SQLite copies the log into the database within the commit that makes it too long: measured,
20 to 35 ms in which no other process may write, a trigger's answer among them.

The files themselves are only asked for their times: opening and closing them would take away the locks that
SQLite holds on them in this process (sqlite.org/howtocorrupt.html §2.2).
"""

from pathlib import Path

from app.store.database import Database

# pages, 64 MB: so long a log is begun anew
_LONG = 8_000


class WriteAheadLog:
    """Keeps the log of a SQLite database short; call it every few seconds. On PostgreSQL it does nothing.

    It is copied while others go on to write; once all is copied the next commit begins the log anew. Under
    load something new is there each time: when the log has become long, the rest is copied in a turn of its
    own, a short one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        file = database.file
        self._log = file.with_name(f"{file.name}-wal") if file else None
        self._written = 0

    def __call__(self) -> None:
        written = _changed(self._log) if self._log else 0
        if written == self._written:
            return
        self._written = written
        if self._copy() >= _LONG:
            with self._database.turn():
                self._copy()

    def _copy(self) -> int:
        """Copy what may be copied; how many pages the log holds."""
        with self._database.read() as connection:
            _busy, pages, _copied = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
        return int(pages)


def _changed(path: Path) -> int:
    """When a file was written last; 0 when there is none."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
