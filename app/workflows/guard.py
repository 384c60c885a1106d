"""What a change of a trigger means for those who call it: who used the field, how often, when last."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection

from app.workflows.usage import CallerUse, callers_of
from graphs.diff import Change

# these refuse whoever does not send the field; every other change concerns those who do
_DEMANDS = frozenset({"added", "required"})


@dataclass(frozen=True, slots=True)
class Affected:
    """A change, and the callers of the last 30 days whose requests it meets, those it meets most first."""

    change: Change
    callers: tuple[CallerUse, ...] = ()


def affected(connection: Connection, workflow_id: str, changes: Iterable[Change]) -> list[Affected]:
    """Each change with the callers it concerns; for one that breaks nobody, none."""
    listed = list(changes)
    known = callers_of(connection, workflow_id) if any(each.breaking for each in listed) else {}
    return [Affected(each, _concerned(each, known) if each.breaking else ()) for each in listed]


def dump(met: Sequence[Affected]) -> str | None:
    """What a publication broke, as it is kept with the version; None when it broke nothing."""
    told = [
        {
            "field": each.change.field,
            "kind": each.change.kind,
            "text": each.change.text,
            "callers": [asdict(use) for use in each.callers],
        }
        for each in met
    ]
    return json.dumps(told, ensure_ascii=False) if told else None


def load(breaking: str | None) -> tuple[Affected, ...]:
    """What ``dump`` kept."""
    found: list[dict[str, Any]] = json.loads(breaking) if breaking else []
    return tuple(
        Affected(
            Change(each["field"], each["kind"], breaking=True, text=each["text"]),
            tuple(CallerUse(**use) for use in each["callers"]),
        )
        for each in found
    )


def _concerned(change: Change, known: dict[str, list[CallerUse]]) -> tuple[CallerUse, ...]:
    if change.kind not in _DEMANDS:
        return tuple(known.get(change.field, ()))
    sent = {each.caller: each.runs for each in known.get(change.field, ())}
    without = (
        CallerUse(change.field, each.caller, each.runs - sent.get(each.caller, 0), each.last_at)
        for each in known.get("", ())
    )
    return tuple(each for each in without if each.runs > 0)
