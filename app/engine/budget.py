"""Budgets: money is reserved in the transaction that starts a run, or starts a step of it again (S65).

A run's rows in ``reservation`` say what its paid steps may cost; a row with a day is reserved there, one
without is not. A run that waits keeps no money: only the rows that say what it will need.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.engine import inherited, spending
from app.engine.clock import iso
from app.engine.money import MARK, Owner, Terms
from app.engine.prices import prices
from app.engine.records import NewRun
from app.store.days import day_of, next_midnight
from app.store.tables import project, reservation, run
from graphs.node import Json
from graphs.plan import Budget, Plan
from graphs.pricing import credits_of, estimate, micro

NOT_YET = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a run may not spend now, and when it is asked again."""

    wait: Json
    wake_at: float


@dataclass(frozen=True, slots=True)
class Owed:
    """What has to be reserved before a stage is worked on: (node, generation, micro-credits) each."""

    run_id: str
    owner: Owner
    terms: Terms
    nodes: tuple[tuple[str, int, int], ...]

    @property
    def amount(self) -> int:
        return sum(amount for _, _, amount in self.nodes)


def planned(  # noqa: PLR0917
    connection: Connection, new: NewRun, run_id: str, scope: str, plan: Plan, budget: Budget
) -> Owed:
    """What a new run will need; nothing is written."""
    found = estimate(plan, new.inputs, prices(connection, new.org_id), {*(new.keep or ()), *new.spare})
    amounts = dict(found.nodes)
    if found.unknown and budget.credits_per_run is not None:
        amounts[found.unknown[0]] = max(0, micro(budget.credits_per_run) - found.total)
    if new.budget is not None:
        owner = inherited.owner(connection, new.org_id, scope)
    else:
        zone = connection.scalar(select(project.c.time_zone).where(project.c.id == new.project_id))
        names = (new.workflow_id, new.workflow, new.caller_id, new.caller)
        owner = Owner(scope, new.org_id, *names, zone or "UTC")
    return Owed(run_id, owner, Terms.of(budget), tuple((node, 0, each) for node, each in amounts.items()))


def note(connection: Connection, owed: Owed) -> None:
    """Write down what a run will need, without reserving it."""
    known = {"run_id": owed.run_id, "scope": owed.owner.scope, "day": NOT_YET}
    rows = [{**known, "node_id": node, "generation": gen, "amount": each} for node, gen, each in owed.nodes]
    if rows:
        connection.execute(insert(reservation), rows)


def due(connection: Connection, stages: Sequence[Any]) -> dict[str, Owed]:
    """What has to be reserved before these claimed stages may go on, by run."""
    marked = {row.run_id: json.loads(row.detail)[MARK] for row in stages if carries(row)}
    if not marked:
        return {}
    query = (
        select(reservation, run.c.org_id, run.c.workflow_id, run.c.workflow, run.c.caller_id, run.c.caller)
        .add_columns(project.c.time_zone)
        .join(run, run.c.id == reservation.c.run_id)
        .outerjoin(project, project.c.id == run.c.project_id)
        .where(reservation.c.run_id.in_(marked), reservation.c.day == NOT_YET)
    )
    found: dict[str, list[Any]] = {}
    for row in connection.execute(query):
        wanted = marked[row.run_id].get("nodes")
        if wanted is None or row.node_id in wanted:
            found.setdefault(row.run_id, []).append(row)
    return {
        run_id: _owed(connection, rows, Terms.from_json(marked[run_id])) for run_id, rows in found.items()
    }


def carries(row: Any) -> bool:
    """Whether a claimed stage says that money has to be reserved first; costs no parsing for others."""
    return bool(row.detail and f'"{MARK}": {{' in row.detail)


def reserve(connection: Connection, owed: Owed, now: float) -> Hold | None:
    """Reserve all of it on today's account, or say until when it has to wait."""
    day = day_of(now, owed.owner.zone)
    if not spending.reserve(connection, owed.owner, day, owed.amount, owed.terms):
        spending.tell(connection, owed.owner, day, owed.terms, exhausted=True)
        row = spending.find(connection, owed.owner.scope, day)
        return hold(owed, spending.limit_of(row, owed.terms), now)
    for node, generation, _ in owed.nodes:
        mine = (reservation.c.run_id == owed.run_id) & (reservation.c.node_id == node)
        change = update(reservation).where(mine, reservation.c.generation == generation)
        connection.execute(change.values(day=day))
    return None


def hold(owed: Owed, most: int, now: float) -> Hold:
    """The wait of a run that does not fit into what is left of the day; `most` is its limit."""
    midnight = next_midnight(now, owed.owner.zone)
    limit, needed = credits_of(most), credits_of(owed.amount)
    explanation = (
        f"the budget of {limit} credits a day for {owed.owner.caller} has less than {needed} left today;"
        f" a new day begins at midnight ({owed.owner.zone})"
    )
    wait: Json = {"reason": "budget", "expected_start": iso(midnight), "explanation": explanation}
    return Hold(wait, midnight)


def owner_of(connection: Connection, run_id: str, scope: str) -> Owner:
    """Whose budget a run counts for."""
    query = select(run, project.c.time_zone).outerjoin(project, project.c.id == run.c.project_id)
    row = connection.execute(query.where(run.c.id == run_id)).one()
    return _owner(connection, row, scope)


def _owner(connection: Connection, row: Any, scope: str) -> Owner:
    if scope != f"{row.workflow_id}:{row.caller_id}":
        return inherited.owner(connection, row.org_id, scope)
    names = (row.workflow_id, row.workflow, row.caller_id, row.caller)
    return Owner(scope, row.org_id, *names, row.time_zone or "UTC")


def _owed(connection: Connection, rows: Sequence[Any], terms: Terms) -> Owed:
    first = rows[0]
    owner = _owner(connection, first, first.scope)
    return Owed(first.run_id, owner, terms, tuple((row.node_id, row.generation, row.amount) for row in rows))
