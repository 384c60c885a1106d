"""What the runs that a run waits for wait for themselves: else nobody learns that one needs a person."""

import json
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, select, text

from app.store.rows import columns, records
from app.store.runs import RunRow
from app.store.tables import run
from graphs.node import Json

# enough to say what holds a run up; a map may have a thousand items below it
_MOST = 100
_OPEN_BELOW = text(
    "WITH RECURSIVE below(id) AS (SELECT id FROM run WHERE parent_id = :id AND finished_at IS NULL"
    " UNION ALL SELECT run.id FROM run JOIN below ON run.parent_id = below.id"
    " WHERE run.finished_at IS NULL) SELECT id FROM below LIMIT :most"
)
# what does not end by itself comes first
_PRESSING = ("review", "paused", "breaker_open", "budget")
Present = Callable[[Connection, Sequence[RunRow]], Sequence[RunRow]]


def told(connection: Connection, run_id: str, wait: Json, present: Present) -> Json:
    """The wait for child runs, with how many of those below wait for what, and why the first one does."""
    ids = connection.scalars(_OPEN_BELOW, {"id": run_id, "most": _MOST}).all()
    rows = records(
        RunRow, connection.execute(select(*columns(run, RunRow)).where(run.c.id.in_(ids)).order_by(run.c.id))
    )
    by_reason: dict[str, list[tuple[str, Json]]] = {}
    for each in present(connection, rows):
        own: Json = json.loads(each.wait) if each.wait and each.status != "running" else {}
        reason = str(own.get("reason", "children"))
        if reason != "children":
            by_reason.setdefault(reason, []).append((each.id, own))
    if not by_reason:
        return wait
    first = next((reason for reason in _PRESSING if reason in by_reason), next(iter(by_reason)))
    example, why = by_reason[first][0]
    counts: Json = {reason: len(found) for reason, found in by_reason.items()}
    words = f"{wait['explanation']}; {len(by_reason[first])} wait: {why.get('explanation')}"
    known = wait.get("children")
    children: Json = {**(known if isinstance(known, dict) else {}), "waits": counts, "first": example}
    return {**wait, "explanation": words, "children": children}
