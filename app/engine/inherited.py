"""The budget of a run that another one started: the nearest cost monitor counts (S65).

Its own workflow's, else that of the run that started it, and so on. What it may cost is reserved on that
account before it starts; without room it waits, also where the monitor would refuse a trigger.
"""

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from app.engine.money import Owner
from app.store.tables import caller, project, workflow
from graphs.plan import Budget, Plan

if TYPE_CHECKING:
    from app.engine.records import RunRow


@dataclass(frozen=True, slots=True)
class Inherited:
    """An account above, and what its cost monitor says."""

    scope: str
    budget: Budget

    def dump(self) -> str:
        return json.dumps({"scope": self.scope, **asdict(self.budget)})


def load(text: str | None) -> Inherited | None:
    """From the column of a run."""
    if not text:
        return None
    found = json.loads(text)
    scope = found.pop("scope")
    return Inherited(scope, Budget(**{**found, "alert_at": tuple(found["alert_at"])}))


def handed_down(parent: "RunRow", plan: Plan, callee: Plan) -> Inherited | None:
    """What a child run of this plan counts for; None where it has a monitor of its own, or nobody has."""
    if callee.gates.budget is not None:
        return None
    if plan.gates.budget is None:
        return parent.budget
    budget = plan.gates.budget
    mode = "hold" if budget.when_exhausted == "refuse" else budget.when_exhausted
    return Inherited(f"{parent.workflow_id}:{parent.caller_id}", replace(budget, when_exhausted=mode))


def budget_of(run: "RunRow", plan: Plan) -> Budget | None:
    """The cost monitor that a run counts for."""
    return plan.gates.budget or (run.budget.budget if run.budget else None)


def account_of(run: "RunRow", plan: Plan) -> str:
    """The scope of the account that a run counts for."""
    if plan.gates.budget is None and run.budget is not None:
        return run.budget.scope
    return f"{run.workflow_id}:{run.caller_id}"


def owner(connection: Connection, org_id: str, scope: str) -> Owner:
    """Whose an account is; its days are those of its own workflow's project."""
    workflow_id, _, caller_id = scope.partition(":")
    query = (
        select(workflow.c.slug, project.c.time_zone)
        .outerjoin(project, project.c.id == workflow.c.project_id)
        .where(workflow.c.id == workflow_id)
    )
    row = connection.execute(query).one_or_none()
    name = connection.scalar(select(caller.c.name).where(caller.c.id == caller_id)) or caller_id
    slug, zone = (row.slug, row.time_zone or "UTC") if row else (workflow_id, "UTC")
    return Owner(scope, org_id, workflow_id, slug, caller_id, name, zone)
