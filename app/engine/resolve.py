"""A person says what became of a paid call that nobody answered (S121)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, select, update

from app import clock
from app.engine.call_records import OUTCOME_UNKNOWN, Answered, read_call
from app.engine.calls import settled
from app.store.audit import Actor, write
from app.store.bulk import StageKey
from app.store.tables import call, stage
from graphs.pricing import MICRO

Outcome = Literal["charged_failed", "not_charged_retry", "give_up"]
_WORDS: dict[Outcome, str] = {
    "charged_failed": "charged without a result",
    "not_charged_retry": "not charged, tried again",
    "give_up": "given up, not counted as charged",
}


@dataclass(frozen=True, slots=True)
class Resolve:
    """What an operator found out, or decided."""

    call_id: str
    actor: Actor
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Resolved:
    """A decision that was taken; ``stages`` are those that go on because of it."""

    call_id: str
    stages: tuple[StageKey, ...]


def resolve(connection: Connection, items: Sequence[Resolve]) -> list[Resolved | None]:
    """Settle calls of unknown outcome and wake their steps; None where there is no such call."""
    return [_resolve(connection, item) for item in items]


def _resolve(connection: Connection, item: Resolve) -> Resolved | None:
    mine = (call.c.id == item.call_id) & (call.c.org_id == item.actor.org_id) & (call.c.state == "unknown")
    row = connection.execute(select(call).where(mine).with_for_update()).one_or_none()
    if row is None:
        return None
    found, words = read_call(row), f"{_WORDS[item.outcome]}, says {item.actor.name}"
    if item.outcome == "charged_failed":
        memo: Answered = Answered(found.id, "done", found.reserved / MICRO, {"decided": item.outcome})
    else:
        again = item.outcome == "not_charged_retry"
        memo = Answered(found.id, "failed", memo=None if again else {"decided": item.outcome})
    settled(connection, [_with(memo, words)])
    write(
        connection,
        item.actor,
        "call.resolve",
        found.id,
        {"outcome": item.outcome, "run": found.run_id, "node": found.node_id, "provider": found.provider},
    )
    return Resolved(found.id, _wake(connection, found.run_id, found.node_id))


def _with(answer: Answered, words: str) -> Answered:
    return Answered(answer.id, answer.state, answer.charged, answer.memo, OUTCOME_UNKNOWN, words)


def _wake(connection: Connection, run_id: str, node_id: str) -> tuple[StageKey, ...]:
    """The step that waits for this decision goes on; none does where its run has ended."""
    waiting = (stage.c.run_id == run_id) & (stage.c.state == "waiting") & stage.c.wake_at.is_(None)
    rows = connection.execute(select(stage.c.number, stage.c.detail).where(waiting)).all()
    numbers = [row.number for row in rows if json.loads(row.detail or "{}").get("node") == node_id]
    ready = {"state": "ready", "wake_at": clock.now()}
    for number in numbers:
        connection.execute(update(stage).where(waiting, stage.c.number == number).values(ready))
    return tuple((run_id, number) for number in numbers)
