"""A run that goes on from where another failed: what that one's child runs made is not paid again (S120).

Items whose child run succeeded are taken over as they are; of the others each step that succeeded is. Both
hold for the same version of the called workflow and equal fields only.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, exists, select

from app.engine.records import Claimed, NewRun
from app.store import generations
from app.store.tables import run, step
from graphs.node import Json
from graphs.stale import RESUMED
from graphs.trigger import TriggerContract, TriggerInvalid

_CHILD = (
    "id",
    "parent_item",
    "status",
    "finished_at",
    "error",
    "error_code",
    "result",
    "inputs",
    "credit_cost",
    "quality_warning",
)
# a run that goes on from one that went on from another, and so forth
_FARTHEST = 20


@dataclass(frozen=True, slots=True)
class Earlier:
    """What earlier child runs of a node offer, by item.

    Attributes:
        ended: Rows of those that succeeded.
        begun: Ids of those that did not.
    """

    ended: dict[int, Any]
    begun: dict[int, str]


NOTHING = Earlier({}, {})


def is_resumed(claimed: Claimed) -> bool:
    """Whether this run was started to go on from a failed one."""
    return any(row.reason == RESUMED for row in claimed.steps.values())


def earlier(  # noqa: PLR0917
    connection: Connection,
    claimed: Claimed,
    node_id: str,
    version_id: str,
    trigger: TriggerContract,
    bodies: Mapping[int, Json],
) -> Earlier:
    """What a node may build on; ``bodies`` are the fields of its items that no run was started for yet."""
    wanted = dict(_read(trigger, bodies))
    ended: dict[int, Any] = {}
    begun: dict[int, str] = {}
    for parent in _before(connection, claimed.run.id):
        for row in _children(connection, parent, node_id, version_id):
            item = row.parent_item
            if item not in wanted or item in ended or json.loads(row.inputs) != wanted[item]:
                continue
            if row.status == "succeeded":
                ended[item] = row
            else:
                begun.setdefault(item, row.id)
    return Earlier(ended, {item: each for item, each in begun.items() if item not in ended})


def going_on(connection: Connection, new: NewRun, before: str | None) -> NewRun:
    """The child run, with what the earlier one of the same item has done."""
    if before is None:
        return new
    steps = generations.steps(connection, before)
    done = {each.node_id: each.outputs for each in steps if each.status == "succeeded" and each.outputs}
    keep = {node_id: json.loads(outputs) for node_id, outputs in done.items()}
    return replace(new, rerun_of=before, keep=keep, kept_as=dict.fromkeys(keep, RESUMED))


def _read(trigger: TriggerContract, bodies: Mapping[int, Json]) -> Iterator[tuple[int, Json]]:
    for item, body in bodies.items():
        try:
            yield item, trigger.read(body).values
        except TriggerInvalid:
            continue


def _before(connection: Connection, run_id: str) -> Iterator[str]:
    """The run that failed, and those that it went on from itself, newest first."""
    kept = exists().where(step.c.run_id == run.c.id, step.c.reason == RESUMED)
    for _ in range(_FARTHEST):
        found = connection.scalar(select(run.c.rerun_of).where(run.c.id == run_id, kept))
        if found is None:
            return
        yield found
        run_id = found


def _children(connection: Connection, parent: str, node_id: str, version_id: str) -> Sequence[Any]:
    """The ended ones, of the newest generation first."""
    mine = (run.c.parent_id == parent, run.c.parent_node == node_id, run.c.version_id == version_id)
    query = select(*(run.c[name] for name in _CHILD)).where(*mine, run.c.finished_at.is_not(None))
    return connection.execute(query.order_by(run.c.parent_generation.desc())).all()
