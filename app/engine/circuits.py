"""The breaker of a generation service: closed, open, half-open with exactly one trial (S37, R10).

One row for each service; whoever changes it names the state it saw, so that of many processes one opens it
and one makes the trial. Only calls that are about to be paid ask; what runs inside this process never does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.store.ids import new_id
from app.store.tables import alert, provider_breaker

THRESHOLD = 5
PAUSE = 30.0
LONGEST_PAUSE = 300.0
# how soon those ask again that found somebody else at the trial
AGAIN = 2.0
_REASON = 300
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call may leave now; ``until`` (seconds since the epoch) is when to ask again otherwise."""

    go: bool
    trial: bool = False
    until: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """How a call went: whether the service is alive; ``trial`` is the id of the call that was the trial."""

    place: Place
    alive: bool
    reason: str = ""
    trial: str | None = None


def standing(connection: Connection, places: Sequence[Place]) -> dict[Place, Any]:
    """The rows of these services; those that are not closed are locked."""
    mine = tuple_(provider_breaker.c.org_id, provider_breaker.c.name).in_(sorted(set(places)))
    found = _rows(connection.execute(select(provider_breaker).where(mine)))
    if all(row.state == "closed" for row in found.values()):
        return found
    order = provider_breaker.c.org_id, provider_breaker.c.name
    return _rows(connection.execute(select(provider_breaker).where(mine).order_by(*order).with_for_update()))


def judge(row: Any, now: float, patience: float) -> Verdict:
    """What a call may do by a breaker's row (None: it never failed).

    Args:
        row: Of ``standing``.
        now: Seconds since the epoch.
        patience: Seconds after which a trial that nobody told of counts as lost.
    """
    if row is None or row.state == "closed":
        return Verdict(go=True)
    reason = row.reason or "its calls failed"
    lost = row.state == "half_open" and (row.trial_at or 0.0) + patience <= now
    due = (row.opened_at or now) + pause(row.failures)
    if lost or (row.state == "open" and due <= now):
        return Verdict(go=True, trial=True)
    until = due if row.state == "open" else now + AGAIN
    return Verdict(go=False, until=until, reason=reason)


def take_trial(connection: Connection, row: Any, call_id: str, now: float) -> bool:
    """Make a call the trial; False when another one was faster."""
    seen = _at((row.org_id, row.name)) & (provider_breaker.c.state == row.state)
    if row.state == "half_open":
        seen &= provider_breaker.c.trial_by == row.trial_by
    change = {"state": "half_open", "trial_at": now, "trial_by": call_id, "updated_at": now}
    return connection.execute(update(provider_breaker).where(seen).values(change)).rowcount == 1


def tell(connection: Connection, items: Sequence[Report]) -> list[bool]:
    """Take reports in; True for the one that opened a breaker."""
    now = clock.now()
    opened: dict[int, bool] = {}
    before: Report | None = None
    for index in _ordered(items):
        item = items[index]
        # of many successes one after the other, one is news
        opened[index] = False if item == before and item.alive else _tell(connection, item, now)
        before = item
    return [opened[index] for index in range(len(items))]


def pause(failures: int) -> float:
    """Seconds an open breaker waits before a trial; each failed trial doubles it."""
    return float(min(PAUSE * 2 ** min(max(failures - THRESHOLD, 0), 10), LONGEST_PAUSE))


def _tell(connection: Connection, item: Report, now: float) -> bool:
    if item.trial is not None:
        _end_trial(connection, item, now)
        return False
    if item.alive:
        failing = _at(item.place) & (provider_breaker.c.state == "closed") & (provider_breaker.c.failures > 0)
        connection.execute(
            update(provider_breaker).where(failing).values(failures=0, reason=None, updated_at=now)
        )
        return False
    return _count(connection, item, now) >= THRESHOLD and _open(connection, item, now)


def _end_trial(connection: Connection, item: Report, now: float) -> None:
    mine = _at(item.place) & (provider_breaker.c.trial_by == item.trial)
    change: dict[str, Any] = {"trial_at": None, "trial_by": None, "updated_at": now}
    if item.alive:
        change |= {"state": "closed", "failures": 0, "opened_at": None, "reason": None}
    else:
        failures = provider_breaker.c.failures + 1
        change |= {
            "state": "open",
            "failures": failures,
            "opened_at": now,
            "reason": item.reason[:_REASON],
        }
    trying = provider_breaker.c.state == "half_open"
    connection.execute(update(provider_breaker).where(mine, trying).values(change))


def _count(connection: Connection, item: Report, now: float) -> int:
    """One more failure in a row; 0 when the breaker is not closed, because then it does not count."""
    put = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    org_id, name = item.place
    reason = item.reason[:_REASON]
    row = {"state": "closed", "failures": 1, "reason": reason, "updated_at": now}
    statement = put(provider_breaker).values(org_id=org_id, name=name, **row)
    failed = statement.on_conflict_do_update(
        index_elements=["org_id", "name"],
        set_={"failures": provider_breaker.c.failures + 1, "reason": reason, "updated_at": now},
        where=provider_breaker.c.state == "closed",
    )
    return connection.scalar(failed.returning(provider_breaker.c.failures)) or 0


def _open(connection: Connection, item: Report, now: float) -> bool:
    closed = _at(item.place) & (provider_breaker.c.state == "closed")
    change = {"state": "open", "opened_at": now, "updated_at": now}
    if connection.execute(update(provider_breaker).where(closed).values(change)).rowcount != 1:
        return False
    org_id, name = item.place
    words = f"{THRESHOLD} calls in a row failed; steps wait until a trial succeeds. Last: {item.reason}"
    row = {"code": "node.circuit_open", "subject": f"service {name}", "text": words[:_REASON]}
    connection.execute(insert(alert).values(id=new_id("alr"), org_id=org_id, at=now, **row))
    return True


def _at(place: Place) -> Any:
    return (provider_breaker.c.org_id == place[0]) & (provider_breaker.c.name == place[1])


def _rows(rows: Any) -> dict[Place, Any]:
    return {(row.org_id, row.name): row for row in rows}


def _ordered(items: Sequence[Report]) -> list[int]:
    """By service, so that two transactions lock their rows in one order."""
    return sorted(range(len(items)), key=lambda index: items[index].place)
