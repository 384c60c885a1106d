"""SQLite's write-ahead log: brought home beside the commits, not by whichever of them fills it.

Left to itself SQLite copies the log into the database within the commit that makes it too long: measured,
20 to 35 ms in which no other process may write, a trigger's answer among them.
"""

import struct

from app.store.database import Database

# the index of the log, https://sqlite.org/walformat.html §2.1: its last valid frame, and how many are home
_LAST_FRAME, _AT_HOME = 16, 96
_LONG = 1_000
_FRAME = struct.Struct("=I")
_HEADER = _AT_HOME + _FRAME.size


class WriteAheadLog:
    """Keeps the log of a SQLite database short; call it often. On PostgreSQL it does nothing.

    The bulk is copied while others go on to write. What they wrote meanwhile is copied in a turn of its own,
    a short one, so that the next commit begins the log anew: else it would grow as long as there is load.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        file = database.file
        self._index = file.with_name(f"{file.name}-shm") if file else None

    def __call__(self) -> None:
        if self.waiting() < _LONG:
            return
        with self._database.read() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
        with self._database.turn(), self._database.read() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def waiting(self) -> int:
        """How many pages of the log are not in the database yet; 0 where there is no log."""
        if self._index is None:
            return 0
        try:
            with self._index.open("rb") as index:
                header = index.read(_HEADER)
        except FileNotFoundError:
            return 0
        if len(header) < _HEADER:
            return 0
        (last,), (home,) = (_FRAME.unpack_from(header, at) for at in (_LAST_FRAME, _AT_HOME))
        return int(max(last - home, 0))
