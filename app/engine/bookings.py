"""What was reserved is booked or given back, once: by the transaction that takes its row away (S65).

A step that ended books what it cost. Where its calls stand in the ledger they were booked with their
answers, and the step gives back what is left. A run that ended gives everything back but what an open call
may still cost.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, select, tuple_, update

from app import clock
from app.engine import inherited, overcharged, spending, tally
from app.engine.budget import NOT_YET, owner_of
from app.engine.call_records import OPEN, Call
from app.engine.money import Money, Owner, Terms
from app.engine.records import Settlement
from app.engine.tally import Entry, source_of
from app.points import Point, reached
from app.store.days import day_of
from app.store.tables import call, reservation, run, spend

_Key = tuple[str, str, int]
_KEY = (reservation.c.run_id, reservation.c.node_id, reservation.c.generation)


class _Changes:
    """What has to be added to which account: micro-credits reserved and spent."""

    def __init__(self) -> None:
        self.sums: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))

    def add(self, scope: str, day: str, reserved: int, spent: int) -> None:
        before = self.sums[scope, day]
        self.sums[scope, day] = before[0] + reserved, before[1] + spent

    def give_back(self, rows: Iterable[Any]) -> None:
        for row in rows:
            if row.day != NOT_YET:
                self.add(row.scope, row.day, -row.amount, 0)


def settle(connection: Connection, items: Sequence[Settlement]) -> None:
    """Book what these executions cost, and give back what they do not need (any more, or for now)."""
    concerned = [(item.claimed.run.id, item.money) for item in items if item.money is not None]
    if not concerned:
        return
    changes = _Changes()
    scopes = {item.claimed.run.id: _account_of(item) for item in items}
    accounts = _book_steps(connection, concerned, scopes, changes)
    back = [(run_id, *money.back) for run_id, money in concerned if money.back]
    if back:
        changes.give_back(_set_aside(connection, back))
    ended = [run_id for run_id, money in concerned if money.ended]
    if ended:
        changes.give_back(_take(connection, reservation.c.run_id.in_(ended)))
    spending.book(connection, changes.sums)
    reached(Point.SPEND_BOOKED)
    for (_, day), (owner, terms) in sorted(accounts.items()):
        spending.tell(connection, owner, day, terms)


def release(connection: Connection, run_ids: Sequence[str]) -> None:
    """Give back all that runs which ended have reserved."""
    changes = _Changes()
    changes.give_back(_take(connection, reservation.c.run_id.in_(run_ids)))
    spending.book(connection, changes.sums)


def charge(connection: Connection, answers: Sequence[tuple[Call, int]]) -> None:
    """Book what services charged for calls, in micro-credits, with their answers (S120).

    The money of an answered call is not reserved any more; its row stays for another try of the step.
    What no budget is concerned with is noted, and added up later.
    """
    held = _reserved_for(connection, [found for found, _ in answers])
    over = _ended(connection, {run_id for run_id, _, _ in held})
    accounts = _accounts_of(connection, [found.id for found, charged in answers if charged])
    changes, noted = _Changes(), []
    for found, charged in answers:
        row = held.pop((found.run_id, found.node_id, found.generation), None)
        if row is None or not row.day:
            scope, budgeted = accounts.get(found.id, ("", False))
            if charged and budgeted:
                changes.add(scope, found.day, 0, charged)
            elif charged:
                noted.append(Entry(found.run_id, found.id, found.org_id, scope, charged, found.day))
        elif charged or found.run_id in over:
            changes.add(row.scope, row.day, -row.amount, charged)
        if row is not None and (charged or found.run_id in over):
            _answered(connection, row, ended=found.run_id in over)
    spending.book(connection, changes.sums)
    tally.write(connection, noted)
    overcharged.tell(connection, answers)


def _account_of(item: Settlement) -> tuple[str, str]:
    """Organisation and account of a run with a budget."""
    run_ = item.claimed.run
    scope = run_.budget.scope if run_.budget else f"{run_.workflow_id}:{run_.caller_id}"
    return run_.org_id, scope


def _book_steps(
    connection: Connection,
    concerned: Sequence[tuple[str, Money]],
    scopes: Mapping[str, tuple[str, str]],
    changes: _Changes,
) -> dict[tuple[str, str], tuple[Owner, Terms]]:
    """Take the rows of steps that ended away; the accounts that somebody may have to be told of."""
    costs = {(run_id, node, gen): cost for run_id, money in concerned for node, gen, cost in money.over}
    if not costs:
        return {}
    terms = {run_id: money.terms for run_id, money in concerned}
    in_ledger = tally.in_ledger(connection, {run_id for run_id, _, _ in costs})
    accounts: dict[tuple[str, str], tuple[Owner, Terms]] = {}
    for row in _take(connection, tuple_(*_KEY).in_(list(costs))):
        changes.give_back([row])
        owner = owner_of(connection, row.run_id, row.scope)
        day = row.day or day_of(clock.now(), owner.zone)
        key = (row.run_id, row.node_id, row.generation)
        cost = costs.pop(key)
        if key not in in_ledger:
            changes.add(row.scope, day, 0, cost)
        accounts[row.scope, day] = (owner, terms[row.run_id])
    # nobody knew what these would cost
    beyond = ((key, cost) for key, cost in costs.items() if key not in in_ledger)
    tally.write(
        connection,
        [Entry(run, source_of(node, gen), *scopes[run], cost) for (run, node, gen), cost in beyond],
    )
    return accounts


def _set_aside(connection: Connection, keys: Sequence[_Key]) -> Sequence[Any]:
    """Take the money of steps that wait for another try; their rows stay, to be reserved again then."""
    mine = tuple_(*_KEY).in_(keys), reservation.c.day != NOT_YET, ~_on_its_way()
    rows = connection.execute(select(reservation).where(*mine).with_for_update()).all()
    if rows:
        connection.execute(update(reservation).where(*mine).values(day=NOT_YET))
    return rows


def _take(connection: Connection, which: Any) -> Sequence[Any]:
    """Take rows away, but not those whose call may still cost something."""
    gone = delete(reservation).where(which, ~_on_its_way())
    return connection.execute(gone.returning(reservation)).all()


def _on_its_way() -> Any:
    """A call that was sent, or may have been, and has no known outcome."""
    same = (call.c.run_id == reservation.c.run_id) & (call.c.node_id == reservation.c.node_id)
    return exists().where(same, call.c.generation == reservation.c.generation, call.c.state.in_(OPEN))


def _accounts_of(connection: Connection, call_ids: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """The accounts that calls count for, and whether a budget is kept there on their day."""
    if not call_ids:
        return {}
    query = select(call.c.id, call.c.workflow_id, call.c.caller_id, call.c.day, run.c.budget)
    query = query.outerjoin(run, run.c.id == call.c.run_id).where(call.c.id.in_(call_ids))
    found = {row.id: (_scope_of(row), row.day) for row in connection.execute(query)}
    mine = tuple_(spend.c.scope, spend.c.day).in_(list(found.values()))
    kept = select(spend.c.scope, spend.c.day).where(mine, spend.c.ceiling.is_not(None))
    there = {(row.scope, row.day) for row in connection.execute(kept)}
    return {call_id: (account[0], account in there) for call_id, account in found.items()}


def _scope_of(row: Any) -> str:
    above = inherited.load(row.budget)
    return above.scope if above else f"{row.workflow_id}:{row.caller_id}"


def _reserved_for(connection: Connection, found: Sequence[Call]) -> dict[_Key, Any]:
    keys = [(each.run_id, each.node_id, each.generation) for each in found]
    query = select(reservation).where(tuple_(*_KEY).in_(keys)).with_for_update()
    return {(row.run_id, row.node_id, row.generation): row for row in connection.execute(query)}


def _ended(connection: Connection, run_ids: set[str]) -> set[str]:
    if not run_ids:
        return set()
    query = select(run.c.id).where(run.c.id.in_(run_ids), run.c.finished_at.is_not(None))
    return set(connection.execute(query).scalars())


def _answered(connection: Connection, row: Any, *, ended: bool) -> None:
    key = (row.run_id, row.node_id, row.generation)
    mine = [column == value for column, value in zip(_KEY, key, strict=True)]
    change = delete(reservation) if ended else update(reservation).values(day=NOT_YET)
    connection.execute(change.where(*mine))
