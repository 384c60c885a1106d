"""Forgetting what people tried out long ago: drafts as they were run, and edits that nobody decided on."""

import time

from app import clock
from app.store import conflicts, drafts
from app.store.database import Database

DAY = 86_400.0
# drafts as they were run, besides all that runs or files of rows refer to
KEPT_LATEST = 20
KEPT_DAYS = 30
CONFLICT_DAYS = 90
_EVERY_SECONDS = 900.0
_AT_ONCE = 200


class Tidying:
    """The chore of a worker: a few rows at once, four times an hour; an idle system only reads."""

    def __init__(self, db: Database) -> None:
        self._db = db
        # not while a start has other things to do
        self._next = time.monotonic() + _EVERY_SECONDS / 10

    def __call__(self) -> None:
        if time.monotonic() < self._next:
            return
        if self.tidy() < _AT_ONCE:
            self._next = time.monotonic() + _EVERY_SECONDS

    def tidy(self) -> int:
        """One round; how much was forgotten."""
        now, gone = clock.now(), 0
        with self._db.read() as connection:
            old = drafts.any_before(connection, now - KEPT_DAYS * DAY)
            lost = (conflicts.oldest(connection) or now) < now - CONFLICT_DAYS * DAY
        if old:
            with self._db.write() as connection:
                gone = drafts.forget_snapshots(connection, now - KEPT_DAYS * DAY, KEPT_LATEST, _AT_ONCE)
        if lost:
            with self._db.write() as connection:
                gone += conflicts.forget_before(connection, now - CONFLICT_DAYS * DAY)
        return gone
