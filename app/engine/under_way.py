"""Steps that were under way when their run ended: they have no row, and were reached all the same."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.store import workflows
from app.store.runs import RunRow, StepRow
from app.store.tables import stage
from graphs.partial import leading_to
from graphs.plan import Plan


def with_cancelled(connection: Connection, run: RunRow, steps: Sequence[StepRow]) -> tuple[StepRow, ...]:
    """The steps, and as cancelled those of stages that were begun when the run ended."""
    if run.is_open or run.started_at is None or run.status == "succeeded":
        return tuple(steps)
    # whoever claims a stage raises its fence, and so does the end of the run
    mine = (stage.c.run_id == run.id) & (stage.c.state == "cancelled") & (stage.c.fence > 1)
    query = select(stage.c.number, stage.c.attempt, stage.c.worker).where(mine)
    found = connection.execute(query.order_by(stage.c.number)).all()
    plan = plan_of(connection, run) if found else None
    if plan is None:
        return tuple(steps)
    places = {node.id: place for place, node in enumerate(plan.nodes)}
    known = {step.node_id: step for step in steps}
    for each in found:
        tries, generation = each.attempt - (each.worker is None), plan.generation(each.number)
        # a stage ends with its slow node, and what it did before is only kept when it ends
        for node in plan.stage_nodes(each.number):
            if node.id not in known:
                place = places[node.id]
                known[node.id] = StepRow(run.id, node.id, place, "cancelled", tries, generation=generation)
    return tuple(sorted(known.values(), key=lambda step: (step.position, step.node_id)))


def plan_of(connection: Connection, run: RunRow) -> Plan | None:
    """What a run does, of a run with targets what leads to them; None when it never had a version."""
    version = workflows.version_by_id(connection, run.version_id) if run.version_id else None
    if version is None:
        return None
    plan = Plan.from_json(json.loads(version.plan))
    return leading_to(plan, json.loads(run.targets)) if run.targets else plan
