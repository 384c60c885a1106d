"""The row of one workflow, caller and day: what is reserved and spent, and who was told of it (S61, S66).

Both sums change in the transaction that decides, by statements that hold whatever happens at the same time:
spent + reserved never passes a hard limit.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.engine.money import Owner, Terms
from app.store.ids import new_id
from app.store.tables import alert, spend
from graphs.pricing import credits_of

# what changes in one row: (reserved, spent), both in micro-credits
Changes = Mapping[tuple[str, str], tuple[int, int]]


def reserve(connection: Connection, owner: Owner, day: str, amount: int, terms: Terms) -> bool:
    """Reserve micro-credits if they fit into the day; False leaves everything as it was."""
    ensure(connection, owner, day)
    change = update(spend).where(spend.c.scope == owner.scope, spend.c.day == day)
    if terms.mode != "alert_only":
        limit = func.coalesce(spend.c.raised, terms.limit)
        change = change.where(spend.c.spent + spend.c.reserved + amount <= limit)
    values = {"reserved": spend.c.reserved + amount, "ceiling": terms.limit}
    return connection.execute(change.values(values)).rowcount > 0


def fits(connection: Connection, owner: Owner, day: str, amount: int, terms: Terms) -> bool:
    """Whether the amount would fit now; reserves nothing."""
    row = find(connection, owner.scope, day)
    if row is None:
        return amount <= terms.limit
    return bool(row.spent + row.reserved + amount <= limit_of(row, terms))


def ensure(connection: Connection, owner: Owner, day: str) -> None:
    """Make sure that the day has its row."""
    upsert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"org_id": owner.org_id, "caller_id": owner.caller_id, "workflow_id": owner.workflow_id}
    statement = upsert(spend).values(scope=owner.scope, day=day, reserved=0, spent=0, **values)
    connection.execute(statement.on_conflict_do_nothing())


def find(connection: Connection, scope: str, day: str) -> Any:
    return connection.execute(select(spend).where(spend.c.scope == scope, spend.c.day == day)).one_or_none()


def limit_of(row: Any, terms: Terms) -> int:
    """What an operator raised the day's limit to, else the cost monitor's."""
    return int(row.raised) if row.raised is not None else terms.limit


def book(connection: Connection, changes: Changes) -> None:
    """Add to both sums of these rows, always in the same order, so that nobody waits in a circle."""
    for (scope, day), (reserved, spent) in sorted(changes.items()):
        if reserved or spent:
            values = {"reserved": spend.c.reserved + reserved, "spent": spend.c.spent + spent}
            connection.execute(update(spend).where(spend.c.scope == scope, spend.c.day == day).values(values))


def tell(connection: Connection, owner: Owner, day: str, terms: Terms, *, exhausted: bool = False) -> None:
    """Raise the alerts that are due: each threshold once a day (S66, S74).

    A day is exhausted when a run did not fit: all thresholds up to the whole are told of then.
    """
    mine = (spend.c.scope == owner.scope) & (spend.c.day == day)
    row = connection.execute(select(spend).where(mine).with_for_update()).one_or_none()
    if row is None:
        return
    limit, told = limit_of(row, terms), set(json.loads(row.alerted or "[]"))
    due = [
        share
        for share in sorted(set(terms.alert_at) - told)
        if (exhausted and share <= 1) or (row.spent and row.spent >= Decimal(str(share)) * limit)
    ]
    if not due:
        return
    connection.execute(update(spend).where(mine).values(alerted=json.dumps(sorted(told | set(due)))))
    texts = [_text(share, limit, row, day, exhausted=exhausted) for share in due]
    connection.execute(insert(alert), [_alert(owner, each) for each in texts])


def _text(share: float, limit: int, row: Any, day: str, *, exhausted: bool) -> str:
    known = f"{credits_of(row.spent)} spent and {credits_of(row.reserved)} reserved on {day}"
    if exhausted:
        return f"a run did not fit into {credits_of(limit)} credits a day: {known} ({share:.0%} alert)"
    return f"{share:.0%} of {credits_of(limit)} credits a day are reached: {known}"


def _alert(owner: Owner, words: str) -> dict[str, Any]:
    subject = f"{owner.workflow} / {owner.caller}"
    known = {"id": new_id("alr"), "org_id": owner.org_id, "at": clock.now()}
    return {**known, "code": "budget_threshold", "subject": subject, "text": words}
