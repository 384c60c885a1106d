"""Steps that were under way when their run ended: they have no row, and were reached all the same."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from app.store import workflows
from app.store.runs import RunRow, StepRow
from app.store.tables import stage
from graphs.plan import Plan


def with_cancelled(connection: Connection, run: RunRow, steps: Sequence[StepRow]) -> tuple[StepRow, ...]:
    """The steps, and as cancelled those of stages that were begun when the run ended."""
    if run.is_open or run.started_at is None or run.status == "succeeded" or run.version_id is None:
        return tuple(steps)
    # whoever claims a stage raises its fence, and so does the end of the run
    mine = (stage.c.run_id == run.id) & (stage.c.state == "cancelled") & (stage.c.fence > 1)
    query = select(stage.c.number, stage.c.attempt, stage.c.worker).where(mine)
    found = connection.execute(query.order_by(stage.c.number)).all()
    version = workflows.version_by_id(connection, run.version_id) if found else None
    if version is None:
        return tuple(steps)
    plan = Plan.from_json(json.loads(version.plan))
    places = {node.id: place for place, node in enumerate(plan.nodes)}
    known = {step.node_id: step for step in steps}
    for each in found:
        tries, generation = each.attempt - (each.worker is None), plan.generation(each.number)
        # a stage ends with its slow node, and what it did before is only kept when it ends
        for node in plan.stage_nodes(each.number):
            if node.id not in known:
                known[node.id] = _cancelled(run, node.id, places[node.id], tries, generation)
    return tuple(sorted(known.values(), key=lambda step: (step.position, step.node_id)))


def _cancelled(run: RunRow, node_id: str, place: int, tries: int, generation: int) -> StepRow:
    return StepRow(
        run_id=run.id,
        node_id=node_id,
        position=place,
        status="cancelled",
        attempts=tries,
        started_at=None,
        duration=None,
        outputs=None,
        error_code=None,
        reason=None,
        credits=0.0,
        model_id=None,
        executor=None,
        generation=generation,
    )
