"""The way in: a new run passes limiter, breaker and budget in the transaction that accepts it (design §5)."""

from dataclasses import replace

from sqlalchemy import Connection

from app.engine import budget, gates, spending
from app.engine.gates import Admission
from app.engine.money import MARK, BudgetExhaustedError
from app.engine.records import NewRun
from app.store.days import day_of, next_midnight
from graphs.pricing import credits_of


def admit(connection: Connection, new: NewRun, run_id: str, now: float, places: gates.Places) -> Admission:
    """Whether a new run may start at once; ``places`` is kept over the runs of one transaction.

    Raises:
        BudgetExhaustedError: Its workflow refuses what the caller's budget has no room for; nothing was
            written.
    """
    plan = new.plan
    terms = plan.gates.budget or (new.budget.budget if new.budget else None) if plan else None
    if plan is None or terms is None:
        return gates.admit(connection, new, run_id, now, places)
    scope = new.budget.scope if new.budget else gates.gate_key(new)
    gates.lock(connection, scope)
    owed = budget.planned(connection, new, run_id, scope, plan, terms)
    if not owed.nodes:
        return gates.admit(connection, new, run_id, now, places)
    if owed.terms.mode == "refuse":
        _refuse_beyond(connection, owed, now)
    admission = gates.admit(connection, new, run_id, now, places)
    budget.note(connection, owed)
    return _afford(connection, new, owed, admission, now)


def _refuse_beyond(connection: Connection, owed: budget.Owed, now: float) -> None:
    day = day_of(now, owed.owner.zone)
    if spending.fits(connection, owed.owner, day, owed.amount, owed.terms):
        return
    spending.ensure(connection, owed.owner, day)
    spending.tell(connection, owed.owner, day, owed.terms, exhausted=True)
    most = spending.limit_of(spending.find(connection, owed.owner.scope, day), owed.terms)
    limit, needed = credits_of(most), credits_of(owed.amount)
    explanation = (
        f"the budget of {limit} credits a day for {owed.owner.caller} has no room for {needed} more today"
    )
    raise BudgetExhaustedError(explanation, next_midnight(now, owed.owner.zone))


def _afford(
    connection: Connection, new: NewRun, owed: budget.Owed, admission: Admission, now: float
) -> Admission:
    """Reserve the money of a run that starts now; one that waits for something else reserves it then."""
    detail = {**(admission.detail or {}), MARK: owed.terms.to_json()}
    if admission.held or new.paused or (new.start_at or 0.0) > now:
        return replace(admission, gate=admission.gate or owed.owner.scope, detail=detail)
    hold = budget.reserve(connection, owed, now)
    if hold is None:
        return admission
    gates.forget(connection, [owed.run_id])
    return Admission(admission.gate or owed.owner.scope, hold.wait, hold.wake_at, detail)
