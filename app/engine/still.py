"""What a run waits for when one of its branches has come to the join and another one still waits.

The branch that went on made the run say that it runs; now nothing of it does, and the run has to say why.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from app.store.tables import run, stage
from graphs.node import Json


def tell_waits(connection: Connection, run_ids: Sequence[str]) -> None:
    """Give these runs the wait of a branch that waits, unless another branch is on its way."""
    if not run_ids:
        return
    open_stages: defaultdict[str, list[Any]] = defaultdict(list)
    query = select(stage.c.run_id, stage.c.state, stage.c.wake_at, stage.c.detail).where(
        stage.c.run_id.in_(run_ids), stage.c.state.in_(("ready", "running", "waiting"))
    )
    for row in connection.execute(query.order_by(stage.c.run_id, stage.c.number)):
        open_stages[row.run_id].append(row)
    for run_id, rows in open_stages.items():
        wait = _wait(rows)
        if wait is not None:
            mine = (run.c.id == run_id) & run.c.finished_at.is_(None)
            connection.execute(update(run).where(mine).values(status="waiting", wait=json.dumps(wait)))


def _wait(rows: Sequence[Any]) -> Json | None:
    """What needs a person is told before what passes by itself, and what comes first before the rest."""
    if any(row.state != "waiting" for row in rows):
        return None
    details = [(row.wake_at or 0.0, json.loads(row.detail or "{}")) for row in rows]
    told = [(at, detail["wait"]) for at, detail in details if detail.get("wait")]
    first: Json | None = min(told, key=lambda each: each[0], default=(0.0, None))[1]
    return first
