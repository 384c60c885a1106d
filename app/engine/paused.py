"""Keeping what is paused from being worked on: asked where work is claimed, and where it would go on."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from app.engine.clock import iso
from app.store import bulk, pauses
from app.store.pauses import Paused
from graphs.node import Json

# seconds after which a worker has heard of the first pause of all
FRESH = 1.0
_PARK_STAGE = text(
    "UPDATE stage SET state = 'paused', wake_at = NULL, worker = NULL"
    " WHERE run_id = :key_run AND number = :key_number"
)
_PARK_RUN = text(
    "UPDATE run SET status = CASE WHEN started_at IS NULL THEN 'queued' ELSE 'waiting' END, wait = :new_wait"
    " WHERE id = :key AND finished_at IS NULL"
)


class Pauses:
    """What one worker knows of pauses: nothing is asked per run as long as nobody has paused anything."""

    def __init__(self) -> None:
        self._asked_at = float("-inf")
        self._any = False

    def held(self, connection: Connection, run_ids: Iterable[str], now: float) -> dict[str, Paused]:
        """Which of these runs are paused; at most a second behind the first pause of all."""
        if not 0 <= now - self._asked_at < FRESH:
            self._asked_at, self._any = now, pauses.anything(connection)
        return pauses.held(connection, run_ids, lock=True) if self._any else {}

    def part(self, connection: Connection, rows: Sequence[Any], now: float) -> Sequence[Any]:
        """Lay claimed stages of paused runs aside until somebody resumes them; the others go on."""
        found = self.held(connection, (row.run_id for row in rows), now) if rows else {}
        if not found:
            return rows
        aside = [row for row in rows if row.run_id in found]
        keys = [{"key_run": row.run_id, "key_number": row.number} for row in aside]
        bulk.many(connection, _PARK_STAGE, keys)
        waits = [{"key": name, "new_wait": json.dumps(wait_of(each))} for name, each in found.items()]
        bulk.many(connection, _PARK_RUN, waits)
        return [row for row in rows if row.run_id not in found]


def wait_of(paused: Paused) -> Json:
    """What a held run says about its wait (contract §4)."""
    who = (paused.by or "somebody").partition(" (")[0]
    what = "this run" if paused.what == "run" else f"the {paused.what} {paused.name}"
    return {
        "reason": "paused",
        "position": None,
        "expected_start": None,
        "explanation": f"{who} paused {what} at {_minute(paused.at)}; it goes on when that is resumed",
        "paused": paused.what,
        "paused_by": who,
        "paused_at": iso(paused.at),
    }


def _minute(at: float) -> str:
    return f"{iso(at)[:16].replace('T', ' ')} UTC"
