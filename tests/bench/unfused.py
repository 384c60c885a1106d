"""The same plan without stage fusion, to see what fusion saves: every node in a stage of its own."""

import json
from dataclasses import replace

from sqlalchemy import select, update

from app.store.tables import workflow, workflow_version
from app.wiring import System
from graphs.plan import Plan
from graphs.stages import fuse


def unfuse(system: System, slug: str) -> int:
    """Rewrite the stored plan of a workflow nobody has run yet; the number of its stages."""
    with system.db.write() as connection:
        mine = workflow_version.c.workflow_id == workflow.c.id
        query = select(workflow_version.c.id, workflow_version.c.plan).where(mine, workflow.c.slug == slug)
        row = connection.execute(query).one()
        plan = _apart(Plan.from_json(json.loads(row.plan)))
        changed = update(workflow_version).where(workflow_version.c.id == row.id)
        connection.execute(changed.values(plan=json.dumps(plan.to_json())))
    return len(plan.stages)


def _apart(plan: Plan) -> Plan:
    order = [node.id for node in plan.nodes]
    sources = {node.id: [binding.source_node for binding in node.inputs] for node in plan.nodes}
    stages = fuse(order, frozenset(order), sources, plan.trigger.id)
    home = {node: stage.number for stage in stages for node in stage.nodes}
    nodes = tuple(replace(node, stage=home[node.id]) for node in plan.nodes)
    return Plan(nodes, stages, plan.gates, plan.hash)
