"""What a campaign left behind, read once and from outside, on either database."""

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, make_url, text

from tests.chaos.load import Accepted
from tests.chaos.receiver import Receipt

Row = dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """Rows by run id.

    Attributes:
        tries: Length of the retry schedule, the first try included.
        nodes: Nodes of each version, by its id.
        meant: Runs that were meant to fail or to be cancelled.
        seen: What was noticed while it went on.
    """

    accepted: list[Accepted]
    receipts: dict[str, list[Receipt]]
    runs: dict[str, Row]
    deliveries: dict[str, list[Row]]
    steps: dict[str, list[Row]]
    stages: dict[str, list[Row]]
    calls: dict[str, list[Row]]
    spend: list[Row]
    reservations: list[Row]
    tries: int
    nodes: dict[str, int]
    meant: frozenset[str] = frozenset()
    seen: list[str] = field(default_factory=list)

    def meaning(self, run_ids: Iterable[str]) -> "Evidence":
        """The same, with runs that were meant to fail."""
        return dataclasses.replace(self, meant=frozenset(run_ids))


def gather(
    url: str, accepted: list[Accepted], receipts: Iterable[Receipt], tries: int, seen: Iterable[str] = ()
) -> Evidence:
    """Read the rows once; nothing writes any more."""
    with reading(url) as connection:
        runs = {row["id"]: row for row in rows(connection, "SELECT * FROM run")}
        found = {
            table: _by_run(rows(connection, f"SELECT * FROM {table}"))
            for table in ("delivery", "step", "stage", "call")
        }
        spend = rows(connection, "SELECT * FROM spend")
        reservations = rows(connection, "SELECT * FROM reservation")
        plans = rows(connection, "SELECT id, plan FROM workflow_version")
    told: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        told[receipt.job_id].append(receipt)
    return Evidence(
        accepted,
        told,
        runs,
        *(found[table] for table in ("delivery", "step", "stage", "call")),
        spend,
        reservations,
        tries,
        {row["id"]: len(json.loads(row["plan"])["nodes"]) for row in plans},
        seen=list(seen),
    )


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """A connection that writes nothing; to SQLite one that cannot."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        parsed = make_url(f"sqlite:///file:{parsed.database}?mode=ro&uri=true")
    engine = create_engine(parsed, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """A connection that commits at the end."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


def rows(connection: Connection, query: str, **values: Any) -> list[Row]:
    return [dict(row) for row in connection.execute(text(query), values).mappings()]


def _by_run(found: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        grouped[row["run_id"]].append(row)
    return grouped
