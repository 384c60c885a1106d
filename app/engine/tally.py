"""What runs cost that no budget books: written down where it is spent, added up soon after (S61, S66).

A cost monitor books in the row of its account, which many transactions wait for in turn. What costs credits
without one leaves a row of its own in ``spend_entry`` instead, in the transaction that says that it was
spent, and nobody waits. The leading worker takes these rows away and adds them to the accounts in one
transaction, so that each counts once, whoever dies when. A run that costs nothing writes nothing here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, tuple_

from app import clock
from app.engine import spending
from app.engine.feed import Rung, Submit
from app.engine.money import Owner
from app.engine.records import Settlement
from app.points import Point, reached
from app.store import bulk
from app.store.database import Database
from app.store.days import day_of
from app.store.tables import call, project, run, spend_entry

AT_ONCE = 2_000
_INSERT = insert(spend_entry)
_Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """So many micro-credits, for the account of a scope (``workflow:caller``); ``source`` is unique in a run.

    Without a day it is that of the moment it is written, in the time zone of the run's project.
    """

    run_id: str
    source: str
    org_id: str
    scope: str
    amount: int
    day: str = ""


def write(connection: Connection, entries: Iterable[Entry]) -> None:
    """Keep what was spent until it is added up; each once, for the same source of a run is an error."""
    now = clock.now()
    names = Entry.__slots__
    rows = [{**{name: getattr(each, name) for name in names}, "at": now} for each in entries if each.amount]
    if rows:
        bulk.many(connection, _INSERT, rows)
        reached(Point.SPENT_NOTED)


def note(connection: Connection, items: Sequence[Settlement]) -> None:
    """Keep what steps of runs without a budget cost, unless their calls stand in the ledger."""
    found: dict[_Key, Entry] = {}
    for item in items:
        run_ = item.claimed.run
        for node, generation, amount in item.costs:
            scope = f"{run_.workflow_id}:{run_.caller_id}"
            entry = Entry(run_.id, source_of(node, generation), run_.org_id, scope, amount)
            found[run_.id, node, generation] = entry
    if found:
        known = in_ledger(connection, {key[0] for key in found})
        write(connection, (entry for key, entry in found.items() if key not in known))


def source_of(node_id: str, generation: int) -> str:
    """The name of a step's own entry."""
    return f"{node_id}:{generation}"


def in_ledger(connection: Connection, run_ids: set[str]) -> set[_Key]:
    """Steps of these runs whose calls are written down: those book what was charged."""
    query = select(call.c.run_id, call.c.node_id, call.c.generation).where(call.c.run_id.in_(run_ids))
    return {(row.run_id, row.node_id, row.generation) for row in connection.execute(query)}


def add_up(connection: Connection, items: Sequence[int]) -> list[int]:
    """Move entries into the accounts, the oldest first and at most so many; how many there were."""
    return [_add_up(connection, most) for most in items]


def _add_up(connection: Connection, most: int) -> int:
    key = tuple_(spend_entry.c.run_id, spend_entry.c.source)
    oldest = select(spend_entry.c.run_id, spend_entry.c.source).order_by(*key.clauses).limit(most)
    rows = connection.execute(delete(spend_entry).where(key.in_(oldest)).returning(spend_entry)).all()
    sums: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    owners: dict[tuple[str, str], str] = {}
    zones = _zones(connection, {row.run_id for row in rows if not row.day})
    for row in rows:
        account = row.scope, row.day or day_of(row.at, zones.get(row.run_id, "UTC"))
        owners[account] = row.org_id
        sums[account] = 0, sums[account][1] + row.amount
    for (scope, day), org_id in sorted(owners.items()):
        spending.ensure(connection, _owner(scope, org_id), day)
    spending.book(connection, sums)
    if rows:
        reached(Point.SPENT_ADDED_UP)
    return len(rows)


def _owner(scope: str, org_id: str) -> Owner:
    workflow_id, _, caller_id = scope.partition(":")
    return Owner(scope, org_id, workflow_id, workflow_id, caller_id, caller_id, "UTC")


def _zones(connection: Connection, run_ids: set[str]) -> dict[str, str]:
    query = select(run.c.id, project.c.time_zone).join(project, project.c.id == run.c.project_id)
    return {row.id: row.time_zone for row in connection.execute(query.where(run.c.id.in_(run_ids)))}


class Tally:
    """Adds up entries at each sweep of the leading worker; starts no runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, submit: Submit) -> Rung:
        with self._database.read() as connection:
            waiting = connection.execute(select(spend_entry.c.run_id).limit(1)).first()
        while waiting and submit(add_up, AT_ONCE).result() == AT_ONCE:
            pass
        return Rung([], [])
