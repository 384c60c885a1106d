"""The story of a run as events, derived from its rows: there is no event table (contract §4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.api.times import iso
from app.store.deliveries import DeliveryAttemptRow, DeliveryRow
from app.store.runs import AttemptRow, RunRow, StepRow
from graphs.generations import Redoing

_ENDED_STEP = frozenset({"succeeded", "failed", "skipped", "cancelled", "redone"})
_ENDED_DELIVERY = frozenset({"delivered", "permanently_failed"})
_BEFORE_STEPS, _LAST = 9, 900_000
_ID = re.compile(r"[0-9]{13}-[0-9]{6}-")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. Ids sort in the order of the events, so one of them says where to resume."""

    id: str
    kind: str
    at: float
    data: Mapping[str, Any]


def events_for(
    run: RunRow,
    steps: Sequence[StepRow] = (),
    attempts: Sequence[AttemptRow] = (),
    deliveries: Sequence[DeliveryRow] = (),
    *,
    tries: Mapping[str, Sequence[DeliveryAttemptRow]] | None = None,
    stages: Mapping[str, int] | None = None,
    redos: Sequence[Redoing] = (),
) -> list[Event]:
    """Every event so far, in an order that later events only add to.

    A step becomes visible when its stage commits, so its events sort by the end of its stage and say in `at`
    when things happened.

    Args:
        run: The run.
        steps: Its steps so far.
        attempts: What did not succeed at once.
        deliveries: Its callbacks.
        tries: Attempts by delivery id.
        stages: Stage number by node id; nodes without one stand alone.
        redos: What quality control had done again.
    """
    found = [
        _event(run.created_at, run.created_at, 0, "run.queued", {"source": run.source, "caller": run.caller})
    ]
    if run.started_at is not None:
        found.append(_event(run.started_at, run.started_at, 1, "run.started", {"version": run.version}))
    found += _attempt_events(attempts)
    found += _step_events(steps, stages or {})
    found += [_redo_event(redo) for redo in redos]
    latest = max(float(event.id.partition("-")[0]) / 1000 for event in found)
    if run.finished_at is not None:
        at = max(run.finished_at, latest)
        found.append(_event(at, run.finished_at, _LAST, f"run.{run.status}", _ending(run)))
        found += _delivery_events(deliveries, tries or {}, at)
    return sorted(found, key=lambda event: event.id)


def after(events: Sequence[Event], last_id: str | None) -> list[Event]:
    """The events that follow one; all of them when there is none, or it is none of this run's.

    An id of ours may have gone meanwhile, as when a step is done again; its place among the others stays.
    """
    known = last_id and _ID.match(last_id) and any(event.id >= last_id for event in events)
    return [event for event in events if not known or event.id > str(last_id)]


def _event(
    sort_at: float, at: float, order: int, kind: str, data: Mapping[str, Any], *, key: str = ""
) -> Event:
    identifier = f"{int(sort_at * 1000):013d}-{order:06d}-{kind}{':' if key else ''}{key}"
    return Event(identifier, kind, at, {"at": iso(at), **data})


def _step_events(steps: Sequence[StepRow], stages: Mapping[str, int]) -> list[Event]:
    ended = [step for step in steps if step.status in _ENDED_STEP and step.started_at is not None]
    ends: dict[object, float] = {}
    for step in ended:
        stage = stages.get(step.node_id, step.node_id), step.generation
        ends[stage] = max(ends.get(stage, 0.0), _end(step))
    found = []
    for step in ended:
        sort_at = ends[stages.get(step.node_id, step.node_id), step.generation]
        order = 10 + step.position * 10
        name: dict[str, Any] = {"node_id": step.node_id, "generation": step.generation}
        key = _key(step)
        if step.status != "skipped":
            started = step.started_at or sort_at
            found.append(_event(sort_at, started, order, "step.started", name, key=key))
        found.append(
            _event(sort_at, _end(step), order + 5, f"step.{step.status}", name | _step(step), key=key)
        )
    return found


def _redo_event(redo: Redoing) -> Event:
    data = {
        "generation": redo.generation,
        "from": redo.start,
        "by": redo.by,
        "reason": redo.reason,
        "change": redo.change,
    }
    return _event(redo.at, redo.at, _LAST - 1, "run.redo", data, key=str(redo.generation))


def _key(row: StepRow | AttemptRow) -> str:
    """Names a step among the events; the first generation needs no number."""
    return f"{row.node_id}#{row.generation}" if row.generation else row.node_id


def _attempt_events(attempts: Sequence[AttemptRow]) -> list[Event]:
    found = []
    for attempt in attempts:
        at = attempt.started_at + attempt.duration
        data = {
            "node_id": attempt.node_id,
            "generation": attempt.generation,
            "number": attempt.number,
            "error_code": attempt.error_code,
            "reason": attempt.reason,
            "next_at": iso(attempt.next_at),
        }
        key = f"{_key(attempt)}:{attempt.number}"
        found.append(_event(at, at, _BEFORE_STEPS, "step.attempt", data, key=key))
    return found


def _delivery_events(
    deliveries: Sequence[DeliveryRow], tries: Mapping[str, Sequence[DeliveryAttemptRow]], after_at: float
) -> list[Event]:
    found = []
    for number, delivery in enumerate(deliveries):
        order = _LAST + 1 + number * 100
        name: dict[str, Any] = {"delivery_id": delivery.id}
        begun = max(delivery.created_at, after_at)
        found.append(_event(begun, delivery.created_at, order, "delivery.created", name, key=delivery.id))
        for each in tries.get(delivery.id, ()):
            at = each.started_at + each.duration
            data = name | {
                "number": each.number,
                "status_code": each.status_code,
                "error_code": each.error_code,
                "next_at": iso(each.next_at),
            }
            key = f"{delivery.id}:{each.number}"
            found.append(_event(max(at, begun), at, order + 1, "delivery.attempt", data, key=key))
        if delivery.status in _ENDED_DELIVERY and delivery.finished_at is not None:
            at = max(delivery.finished_at, begun)
            data = name | {"attempts": delivery.attempts, "error_code": delivery.error_code}
            found.append(
                _event(
                    at, delivery.finished_at, order + 2, f"delivery.{delivery.status}", data, key=delivery.id
                )
            )
    return found


def _end(step: StepRow) -> float:
    return (step.started_at or 0.0) + (step.duration or 0.0)


def _step(step: StepRow) -> dict[str, Any]:
    return {
        "duration": step.duration,
        "attempts": step.attempts,
        "error_code": step.error_code,
        "reason": step.reason,
        "credit_cost": step.credits,
    }


def _ending(run: RunRow) -> dict[str, Any]:
    return {
        "error_code": run.error_code,
        "quality_warning": run.quality_warning,
        "credit_cost": run.credit_cost,
    }
