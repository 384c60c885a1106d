"""Many runs again under one key: which ones is decided once, and each of them is started once (S119).

What was chosen is stored before the first run starts. Whoever repeats the request, because the answer was
lost or the process died half-way, goes on with the same runs; those that have started answer as they did.
"""

import json
from dataclasses import dataclass
from typing import Any

from app import clock
from app.engine.records import IdempotencyMismatchError
from app.store import idempotency
from app.store.database import Database
from app.store.idempotency import KeyRow
from app.workflows.starts import Key

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The runs to repeat, what the answer says about them, and the answer itself once it was given."""

    run_ids: tuple[str, ...]
    facts: Json
    answer: str | None = None

    def dump(self) -> str:
        return json.dumps({"ids": self.run_ids, "facts": self.facts, "answer": self.answer})


class Replays:
    """Remembers what requests with a key chose and were answered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def earlier(self, key: Key) -> Chosen | None:
        """What the same request chose before.

        Raises:
            IdempotencyMismatchError: The key was used for another request.
        """
        with self._database.read() as connection:
            found = idempotency.find(connection, key[0])
        return None if found is None else _read(found, key)

    def choose(self, key: Key, chosen: Chosen) -> Chosen:
        """Decide; what another process decided for the same key at the same moment holds.

        Raises:
            IdempotencyMismatchError: The key was used for another request.
        """
        with self._database.write() as connection:
            found = idempotency.claim(connection, key, "", chosen.dump(), clock.now())
        return _read(found, key)

    def answered(self, key: Key, chosen: Chosen, answer: str) -> None:
        """Keep the answer, to be given again byte for byte."""
        with self._database.write() as connection:
            idempotency.answer(connection, key[0], Chosen(chosen.run_ids, chosen.facts, answer).dump())


def _read(found: KeyRow, key: Key) -> Chosen:
    if found.payload_hash != key[1]:
        raise IdempotencyMismatchError
    kept = json.loads(found.response)
    return Chosen(tuple(kept["ids"]), kept["facts"], kept["answer"])
