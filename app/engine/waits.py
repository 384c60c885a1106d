"""Why an open run does not run now, as it is at this moment and in words a person understands (contract §4).

A row remembers the wait it was given; pauses, places in queues and workers come and go after that.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, select, text

from app import clock
from app.engine import below
from app.engine.clock import iso
from app.engine.paused import wait_of
from app.store import gates, pauses
from app.store import runs as rows
from app.store.rows import Page
from app.store.runs import RunFilter, RunRow, Scope
from app.store.tables import leader
from graphs.node import Json

# a worker that is there looks after what was not fetched for so long
_UNFETCHED = 15.0
_COUNTED = 1_000
_AHEAD = text(
    "SELECT count(*) FROM (SELECT run_id, state FROM stage WHERE wake_at <= :soon"
    " ORDER BY wake_at LIMIT :most) AS next WHERE state = 'ready' AND run_id < :run_id"
)


def page(
    connection: Connection, scope: Scope, wanted: RunFilter, cursor: str | None = None, limit: int = 50
) -> Page[RunRow]:
    """As `runs.list_page`, with the waits of this moment."""
    found = rows.list_page(connection, scope, wanted, cursor, limit)
    return replace(found, items=present(connection, found.items))


def present(connection: Connection, runs: Sequence[RunRow]) -> tuple[RunRow, ...]:
    """The runs with the waits of this moment."""
    held = [run.id for run in runs if run.is_open and run.status != "running"]
    if not held:
        return tuple(runs)
    return _paused(connection, _placed(connection, runs), held)


def closely(connection: Connection, run: RunRow, *, broker: bool = True) -> RunRow:
    """One run with the wait of this moment; also says what keeps it from a worker.

    `broker` says whether this process reaches the broker.
    """
    (found,) = present(connection, [run])
    if not found.is_open:
        return found
    running = found.status == "running"
    wait = json.loads(found.wait) if found.wait and not running else {}
    if (running or _overdue(wait)) and _unattended(connection, run, clock.now()):
        status = "waiting" if running else found.status
        return replace(found, status=status, wait=json.dumps(_worker(connection, found, broker=broker)))
    if running or (wait and wait.get("reason") != "children"):
        return found
    if wait:
        return replace(found, wait=json.dumps(below.told(connection, run.id, wait, present)))
    return replace(found, wait=json.dumps(_worker(connection, found, broker=broker)))


def _paused(connection: Connection, runs: Sequence[RunRow], held: Sequence[str]) -> tuple[RunRow, ...]:
    found = pauses.held(connection, held)
    return tuple(
        replace(run, wait=json.dumps(_beside(wait_of(found[run.id]), run))) if run.id in found else run
        for run in runs
    )


def _beside(wait: Json, run: RunRow) -> Json:
    """A run that also waits for a person says both."""
    other = json.loads(run.wait) if run.wait else {}
    if other.get("reason") in {"review", "breaker_open", "budget"}:
        return {**wait, "explanation": f"{wait['explanation']}; besides: {other.get('explanation')}"}
    return wait


def _placed(connection: Connection, runs: Sequence[RunRow]) -> tuple[RunRow, ...]:
    """With their present places in the limiters' queues: those they were accepted with grow old."""
    waits = {run.id: json.loads(run.wait) for run in runs if run.is_open and run.wait}
    limited = {run_id for run_id, wait in waits.items() if wait.get("reason") == "rate_limited"}
    if not limited:
        return tuple(runs)
    moment = clock.now()
    places = gates.places(connection, sorted(limited), moment)

    def now(run: RunRow) -> RunRow:
        if run.id not in limited:
            return run
        place, wait = places.get(run.id), waits[run.id]
        if place is not None:
            wait = {**wait, "position": place.position, "expected_start": iso(place.slot)}
        elif wait.get("expected_start", "") <= iso(moment):
            # its turn has come: whatever it waits for now, it is no longer the limiter
            wait = None
        return replace(run, wait=json.dumps(wait) if wait else None)

    return tuple(now(run) for run in runs)


def _overdue(wait: Json) -> bool:
    """Whether what a run waits for should be over for a while."""
    due = wait.get("expected_start")
    return isinstance(due, str) and due < iso(clock.now() - _UNFETCHED)


def _worker(connection: Connection, run: RunRow, *, broker: bool) -> Json:
    now = clock.now()
    ahead = connection.scalar(_AHEAD, {"soon": now + 300, "most": _COUNTED, "run_id": run.id}) or 0
    position = ahead + 1 if ahead < _COUNTED else None
    place = f"; {ahead:,} runs are before it" if ahead else ""
    if _unattended(connection, run, now):
        words = "no worker is there to do it: it starts as soon as one does (sakuga worker)"
        if run.started_at is not None:
            words = "no worker is there to do it: it goes on as soon as one starts (sakuga worker)"
    elif not broker:
        words = f"the broker cannot be reached, so work is handed out more slowly{place}"
    else:
        words = f"waiting for a free worker{place}"
    return {"reason": "worker", "position": position, "expected_start": None, "explanation": words}


def _unattended(connection: Connection, run: RunRow, now: float) -> bool:
    """Whether nobody looked after what is due, although this run has been due for a while."""
    if now - run.created_at < _UNFETCHED:
        return False
    until = connection.scalar(select(leader.c.until).where(leader.c.name == "sweeper"))
    return until is None or until < now - _UNFETCHED
