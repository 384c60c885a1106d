"""Services that charge more than they said: somebody is told, and nothing more leaves once a limit is passed.

A budget reserves what a service says a call costs at most. What it charges beyond that cannot be refused any
more; it is booked as it is, and the steps that have not been sent yet wait.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, tuple_

from app import clock
from app.engine.call_records import Call, Intent
from app.store.ids import new_id
from app.store.tables import alert, reservation, spend
from graphs.pricing import credits_of

CODE = "charged_more"
_A_DAY = 86_400.0
Key = tuple[str, str, int]


def tell(connection: Connection, answers: Iterable[tuple[Call, int]]) -> None:
    """An alert for each service that charged more than was expected, once a day."""
    worst: dict[tuple[str, str], tuple[Call, int]] = {}
    for found, charged in answers:
        if charged > found.reserved:
            worst.setdefault((found.org_id, found.provider), (found, charged))
    for (org_id, provider), (found, charged) in sorted(worst.items()):
        subject = f"{provider} / {found.model}"
        same = (alert.c.org_id == org_id, alert.c.code == CODE, alert.c.subject == subject)
        query = select(alert.c.id).where(*same, alert.c.at > clock.now() - _A_DAY)
        if connection.execute(query.limit(1)).first() is None:
            text = (
                f"{credits_of(charged)} credits were charged where {credits_of(found.reserved)} were expected"
                f" ({found.run_id}); budgets count what is charged and may be passed: correct the price"
            )
            row = {"id": new_id("alr"), "org_id": org_id, "at": clock.now(), "code": CODE}
            connection.execute(insert(alert).values(**row, subject=subject, text=text))


def passed(connection: Connection, items: Sequence[Intent]) -> dict[Key, str]:
    """Which of these calls stand behind a hard limit that is passed already, with the reason in words."""
    keys = [(item.run_id, item.node_id, item.generation) for item in items if item.hard]
    if not keys:
        return {}
    limit = func.coalesce(spend.c.raised, spend.c.ceiling)
    query = (
        select(reservation, spend.c.spent, limit.label("limit"))
        .join(spend, (spend.c.scope == reservation.c.scope) & (spend.c.day == reservation.c.day))
        .where(_key_of(reservation).in_(keys), spend.c.spent + spend.c.reserved > limit)
    )
    return {(row.run_id, row.node_id, row.generation): _words(row) for row in connection.execute(query)}


def _key_of(table: Any) -> Any:
    return tuple_(table.c.run_id, table.c.node_id, table.c.generation)


def _words(row: Any) -> str:
    return (
        f"{credits_of(row.spent)} of {credits_of(row.limit)} credits are spent on {row.day},"
        " because a service charged more than it said"
    )
