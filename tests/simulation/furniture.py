"""What a wide world has besides its workflow: a service, what maps run, a second caller, a schedule."""

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from app.store import tables
from graphs.node import Redo
from tests.simulation.graphs import CHILD, PRICE, child, document, plan_of
from tests.support import probes
from tests.support.rig import ORG

if TYPE_CHECKING:
    from tests.simulation.world import World

_MODELS = json.dumps([{"id": "m1", "title": "M", "price": PRICE / 1_000_000}])


def furnish(world: "World") -> None:
    """Rows, and what the probes of its graph do."""
    parts, faults = world.parts, world.faults
    world.shop.publish(world.database, CHILD, child(), plan_of(parts.kinds, CHILD, "open"))
    graph = json.dumps(document(faults.graph, faults.gates))
    service = {"id": "prv_1", "org_id": ORG, "name": "painter", "kind": "openai", "base_url": "x"}
    with world.database.write() as connection:
        connection.execute(update(tables.workflow_version).where(_is("ver_1")).values(graph=graph))
        connection.execute(update(tables.workflow).where(tables.workflow.c.id == "wfl_1").values(published=1))
        connection.execute(
            insert(tables.caller).values(id="cal_2", org_id=ORG, name="two", signing_secrets="", created_at=0)
        )
        connection.execute(
            insert(tables.provider).values(
                **service, models=_MODELS, enabled=True, created_at=0, updated_at=0
            )
        )
        if faults.schedule:
            connection.execute(insert(tables.schedule).values(**_schedule(world)))
    parts.acts["list"] = lambda _run, _inputs: {"x": ["a", "b", "c"][: 1 + world.seed % 3]}
    parts.acts["judge"] = lambda run, _inputs: _judged(world, run)


def _is(version: str) -> Any:
    return tables.workflow_version.c.id == version


def _schedule(world: "World") -> dict[str, Any]:
    first = (int(world.epoch) // 60 + 1) * 60
    return {
        "id": "sch_1",
        "org_id": ORG,
        "workflow_id": "wfl_1",
        "caller_id": "cal_1",
        "name": "minutely",
        "cron": "* * * * *",
        "zone": "UTC",
        "missed": "all",
        "payload": "{}",
        "enabled": True,
        "next_at": float(first),
        "created_at": 0,
        "updated_at": 0,
    }


def _judged(world: "World", run: Any) -> Any:
    if run.redos < 2 and world.happens(world.faults.redo):
        return Redo({"n": run.redos}, "not enough", probes.Outputs(x=run.redos))
    return {"x": run.redos}
