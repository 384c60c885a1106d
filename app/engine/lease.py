"""Leases: a heartbeat keeps what this worker holds; what it lost, it is told to drop."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection, TextClause, text

from app import clock
from app.store import bulk
from app.store.bulk import StageKey
from app.store.database import Dialect


class Held(NamedTuple):
    """What one worker holds at a moment: stages and deliveries with their fences."""

    stages: dict[StageKey, int]
    deliveries: dict[str, int]


class Leases:
    """Renews the leases of one worker."""

    def __init__(self, dialect: Dialect, worker: str, lease: float) -> None:
        self._dialect: Dialect = dialect
        self._worker = worker
        self._lease = lease

    def renew(self, connection: Connection, items: Sequence[Held]) -> list[Held]:
        """Extend every lease that is still ours; returns, per item, what is not ours any more."""
        return [self._renew(connection, item) for item in items]

    def _renew(self, connection: Connection, held: Held) -> Held:
        until = {"until": clock.now() + self._lease, "worker": self._worker}
        kept = connection.execute(
            _renew_stages(self._dialect), {**until, **bulk.pair_params(self._dialect, list(held.stages))}
        )
        stages = {(row.run_id, row.number): row.fence for row in kept}
        sent = connection.execute(
            _renew_deliveries(self._dialect),
            {**until, **bulk.id_params(self._dialect, list(held.deliveries))},
        )
        deliveries = {row.id: row.fence for row in sent}
        return Held(
            {key: fence for key, fence in held.stages.items() if stages.get(key) != fence},
            {key: fence for key, fence in held.deliveries.items() if deliveries.get(key) != fence},
        )

    def release(self, connection: Connection, items: Sequence[Held]) -> list[int]:
        """Hand everything back at once, so that another worker goes on without waiting for a lease."""
        now = {"now": clock.now(), "worker": self._worker}
        counts = []
        for held in items:
            stages = connection.execute(
                _release_stages(self._dialect),
                {**now, **bulk.pair_params(self._dialect, list(held.stages))},
            )
            sent = connection.execute(
                _release_deliveries(self._dialect),
                {**now, **bulk.id_params(self._dialect, list(held.deliveries))},
            )
            counts.append(stages.rowcount + sent.rowcount)
        return counts


@lru_cache
def _renew_stages(dialect: Dialect) -> TextClause:
    return text(
        f"UPDATE stage SET wake_at = :until WHERE (run_id, number) IN {bulk.pairs(dialect)}"  # noqa: S608
        " AND state = 'running' AND worker = :worker RETURNING run_id, number, fence"
    )


@lru_cache
def _renew_deliveries(dialect: Dialect) -> TextClause:
    return text(
        f"UPDATE delivery SET wake_at = :until WHERE id IN {bulk.ids(dialect)}"  # noqa: S608
        " AND status = 'sending' AND worker = :worker RETURNING id, fence"
    )


@lru_cache
def _release_stages(dialect: Dialect) -> TextClause:
    return text(
        "UPDATE stage SET state = 'ready', fence = fence + 1, worker = NULL, wake_at = :now"  # noqa: S608
        f" WHERE (run_id, number) IN {bulk.pairs(dialect)} AND state = 'running' AND worker = :worker"
    )


@lru_cache
def _release_deliveries(dialect: Dialect) -> TextClause:
    return text(
        "UPDATE delivery SET status = 'pending', fence = fence + 1, worker = NULL, wake_at = :now"  # noqa: S608
        f" WHERE id IN {bulk.ids(dialect)} AND status = 'sending' AND worker = :worker"
    )
