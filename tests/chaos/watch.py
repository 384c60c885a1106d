"""A second pair of eyes: reads the rows while everything dies, and notes what must never be seen."""

import contextlib
import threading
import time
from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tests.chaos.evidence import reading, rows

ENDED = ("succeeded", "failed", "cancelled")
LONGEST_EXPIRED = 30.0
_RANK = {"queued": 0, "running": 1, "waiting": 1} | dict.fromkeys(ENDED, 2)
_LEASES = (
    "SELECT 'stage ' || run_id || '/' || number AS name, wake_at FROM stage"
    " WHERE state = 'running' AND wake_at < :now"
    " UNION ALL SELECT 'delivery ' || id, wake_at FROM delivery WHERE status = 'sending' AND wake_at < :now"
)


class Watch:
    """Looks once a second: states only move forward, no lease stays expired."""

    def __init__(self, url: str) -> None:
        self.seen: list[str] = []
        self.longest_expired = 0.0
        self._url = url
        self._last: dict[str, tuple[str, float | None, str]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._stop.wait(1.0):
            # before the first start is through there is no table; a busy moment is looked at a second later
            with contextlib.suppress(DBAPIError), reading(self._url) as connection:
                self._look(connection)

    def _look(self, connection: Connection) -> None:
        query = "SELECT id, status, finished_at, callback_status FROM run"
        for row in rows(connection, query):
            run_id, *state = row.values()
            self.seen += [f"run {run_id}: {why}" for why in _backward(self._last.get(run_id), state)]
            self._last[run_id] = (state[0], state[1], state[2])
        now = time.time()
        for name, wake_at in (row.values() for row in rows(connection, _LEASES, now=now)):
            self.longest_expired = max(self.longest_expired, now - wake_at)
            if now - wake_at > LONGEST_EXPIRED:
                self.seen.append(f"{name}: its lease is expired for {now - wake_at:.0f} s")


def _backward(before: tuple[str, float | None, str] | None, now: list[str]) -> Iterator[str]:
    if before is None:
        return
    if _RANK[now[0]] < _RANK[before[0]] or (before[0] in ENDED and now[:2] != list(before[:2])):
        yield f"went from {before[0]} at {before[1]} to {now[0]} at {now[1]}"
    if before[2] in {"delivered", "permanently_failed"} and now[2] != before[2]:
        yield f"its callback went from {before[2]} to {now[2]}"
