"""How far a run is, node by node, as the canvas and the step list show it. Pure, apart from addresses."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app import clock
from app.store.runs import OPEN, RunRow, StepRow
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.words import duration
from graphs.stale import EDITED, PINNED

Thumb = Callable[[str | None], str]
_CANVAS_STATES = {"succeeded", "failed", "skipped", "waiting", "running", "queued"}


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a step lies on the time axis of its run, in percent."""

    left: float
    width: float


def node_states(
    node_ids: Iterable[str],
    run: RunRow,
    steps: Mapping[str, StepRow],
    live: Mapping[str, Mapping[str, Any]],
    thumb: Thumb,
    *,
    usual: Mapping[str, float] | None = None,
    tries: Mapping[str, int] | None = None,
) -> dict[str, dict[str, Any] | None]:
    """Run state of every node for the canvas; None where there is nothing to show.

    With the ``usual`` seconds by node a running one says how long it will take; ``tries`` is the number of
    the last try by node, of those that did not succeed at once.
    """
    known = usual or {}
    found = {
        node_id: _state(run, steps.get(node_id), live.get(node_id), thumb, known.get(node_id))
        for node_id in node_ids
    }
    for node_id, number in (tries or {}).items():
        shown = found.get(node_id)
        if shown is not None and (number > 1 or shown["state"] != "succeeded"):
            notes = [t("attempt {number}", number=number), shown.get("note")]
            shown["note"] = " · ".join(str(note) for note in notes if note)
    return found


def step_status(run: RunRow, step: StepRow | None, live: Mapping[str, Any] | None) -> str:
    """The status of a step, whether it has a row yet or not."""
    if step is not None and not (live and step.status == "waiting"):
        return step.status
    if live and run.status in OPEN:
        return str(live.get("state") or "running")
    return "queued" if run.status in OPEN else "blocked"


def pictures(outputs: str | None) -> list[dict[str, Any]]:
    """The pictures among a step's outputs, each once, in order."""
    found: dict[str, dict[str, Any]] = {}
    for picture in _pictures_in(json.loads(outputs) if outputs else None):
        found.setdefault(f"{picture['sha256']}:{picture.get('platform_code')}", picture)
    return list(found.values())


def bar(run: RunRow, step: StepRow, now: float) -> Bar | None:
    """The step's place on the axis from the run's start to its end, or to now."""
    if step.started_at is None:
        return None
    begin = run.started_at or run.created_at
    total = max((run.finished_at or now) - begin, 0.001)
    left = min(max((step.started_at - begin) / total, 0.0), 1.0)
    span = step.duration if step.duration is not None else now - step.started_at
    return Bar(round(left * 100, 2), round(min(max(span, 0.0) / total, 1.0 - left) * 100, 2))


def left(live: Mapping[str, Any], usual: float | None, now: float) -> float | None:
    """Seconds that a running node still takes, by its progress or else by what it usually takes."""
    spent = max(now - float(live.get("since") or now), 0.0)
    progress = float(live.get("progress") or 0.0)
    if progress >= 0.05 and spent:
        return spent / progress * (1 - progress)
    return None if usual is None or usual <= spent else usual - spent


def _state(
    run: RunRow,
    step: StepRow | None,
    live: Mapping[str, Any] | None,
    thumb: Thumb,
    usual: float | None = None,
) -> dict[str, Any] | None:
    status = step_status(run, step, live)
    if status not in _CANVAS_STATES:
        return None
    # what is absent stays on the card; a note is of one moment
    shown: dict[str, Any] = {"state": status, "note": None}
    if live and status == "running":
        rest = left(live, usual, clock.now())
        notes = [heard(live.get("note") or ""), t("about {time} left", time=duration(rest)) if rest else ""]
        told = " · ".join(str(note) for note in notes if note)
        shown |= {"progress": live.get("progress") or None, "note": told or None}
    if step is None:
        return shown
    if step.duration is not None:
        shown["ms"] = round(step.duration * 1000)
    if step.credits:
        shown["credits"] = step.credits
    if step.attempts == 0 and step.status == "succeeded":
        shown["note"] = t("reused") if step.reason not in {PINNED, EDITED} else None
    elif step.reason:
        shown["note"] = step.reason[:120]
    if step.cached_from:
        shown["note"] = t("reused")
    made = pictures(step.outputs)
    if made:
        shown["thumb_url"] = thumb(made[0]["sha256"])
    return shown


def _pictures_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if {"sha256", "format", "width", "height"} <= value.keys():
            yield value
        else:
            for each in value.values():
                yield from _pictures_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _pictures_in(each)
