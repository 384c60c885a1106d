"""May a paid call leave: its service's breaker and the ledger are asked, and written, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from app import clock
from app.engine import circuits, overcharged
from app.engine.call_records import Call, Intent
from app.engine.calls import intend, under_way, without_sending
from app.engine.circuits import Place, Verdict


@dataclass(frozen=True, slots=True)
class Departure:
    """A call that wants to leave; after ``patience`` seconds without news a trial counts as lost."""

    intent: Intent
    patience: float

    @property
    def place(self) -> Place:
        return self.intent.org_id, self.intent.provider


@dataclass(frozen=True, slots=True)
class Departed:
    """The call as the ledger has it; whether it is the trial of its service's breaker."""

    call: Call
    trial: bool = False


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The call may not leave now; ask again at ``until``, seconds since the epoch.

    ``budget`` says that its money is the reason, and not the service's breaker.
    """

    until: float
    reason: str
    budget: bool = False


def depart(connection: Connection, items: Sequence[Departure]) -> list[Departed | HeldBack | Exception]:
    """Let calls leave whose services work, at most one by one where that is being tried out."""
    now = clock.now()
    rows = circuits.standing(connection, [item.place for item in items])
    verdicts: list[Verdict] = []
    trying: set[Place] = set()
    for item in items:
        verdict = circuits.judge(rows.get(item.place), now, item.patience)
        if verdict.trial and item.place in trying:
            verdict = Verdict(go=False, until=now + circuits.AGAIN, reason=rows[item.place].reason or "")
        elif verdict.trial:
            trying.add(item.place)
        verdicts.append(verdict)
    verdicts = _told_anyway(connection, items, verdicts)
    over = overcharged.passed(connection, [item.intent for item in items])
    broke = _broke(connection, items, over) if over else {}
    going = [
        item
        for index, (item, verdict) in enumerate(zip(items, verdicts, strict=True))
        if verdict.go and index not in broke
    ]
    written = iter(intend(connection, [item.intent for item in going]) if going else [])
    answers: list[Departed | HeldBack | Exception] = []
    for index, (item, verdict) in enumerate(zip(items, verdicts, strict=True)):
        if index in broke:
            answers.append(HeldBack(now, broke[index], budget=True))
        elif not verdict.go:
            answers.append(HeldBack(verdict.until, verdict.reason))
        else:
            answers.append(_departed(connection, next(written), verdict, rows.get(item.place), now))
    return answers


def _told_anyway(
    connection: Connection, items: Sequence[Departure], verdicts: Sequence[Verdict]
) -> list[Verdict]:
    """Steps that need no call any more do not wait for their service."""
    held = [index for index, verdict in enumerate(verdicts) if not verdict.go]
    told = without_sending(connection, [items[index].intent for index in held]) if held else []
    free = {index for index, each in zip(held, told, strict=True) if each}
    return [Verdict(go=True) if index in free else verdict for index, verdict in enumerate(verdicts)]


def _broke(
    connection: Connection, items: Sequence[Departure], over: dict[overcharged.Key, str]
) -> dict[int, str]:
    """The calls whose limit is passed and that would leave for the first time: place in the batch → why.

    One that may have been charged already is asked for again: its money stays reserved until that is known.
    """
    told = under_way(connection, [item.intent for item in items])
    keys = [(each.intent.run_id, each.intent.node_id, each.intent.generation) for each in items]
    return {index: over[key] for index, key in enumerate(keys) if key in over and not told[index]}


def _departed(
    connection: Connection, call: Call | Exception, verdict: Verdict, row: object, now: float
) -> Departed | Exception:
    if isinstance(call, Exception) or not call.fresh:
        return call if isinstance(call, Exception) else Departed(call)
    if verdict.trial and not circuits.take_trial(connection, row, call.id, now):
        # the row is locked since it was read, so this is a fault, and nothing may be written for it
        raise RuntimeError("a breaker changed under its lock")
    return Departed(call, verdict.trial)
