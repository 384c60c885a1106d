"""How a run ends: what it delivers, and the callback body that says so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.assets.library import Library
from app.delivery.body import Facts, completed, error, failed
from app.delivery.body import Failure as Told
from app.engine.records import Claimed, Finish, RunRow, StepRow
from graphs.outcome import Failed
from graphs.plan import Plan
from graphs.sockets import Image

_DELIVERY = "webhook_delivery"


@dataclass(frozen=True, slots=True)
class Endings:
    """Writes the ends of runs; picture addresses come from the library."""

    library: Library

    def success(self, claimed: Claimed, plan: Plan, steps: Iterable[StepRow], now: float) -> Finish:
        """The run did all it was to do; the body lists what its delivery nodes took."""
        known = {**claimed.steps, **{row.node_id: row for row in steps}}
        images = delivered(plan, known)
        facts = _facts(claimed, known.values(), now)
        if not _echoes_trigger(plan):
            facts = replace(facts, trigger={})
        body, warning = completed(facts, images, self.library.url)
        thumb = images[0].sha256 if images else None
        return Finish("succeeded", "job.completed", body, facts.credit_cost, warning, thumb=thumb)

    def failure(
        self, claimed: Claimed, node_id: str, end: Failed, steps: Iterable[StepRow], now: float
    ) -> Finish:
        """A step failed for good, and the run with it."""
        cause = end.failure
        known = {**claimed.steps, **{row.node_id: row for row in steps}}
        attempts = tries((*known.values(), *claimed.earlier))[node_id]
        told = Told(cause.code, cause.description, cause.field, node_id, end.retryable, attempts)
        facts = _facts(claimed, known.values(), now)
        return Finish(
            "failed",
            "job.failed",
            failed(facts, told),
            facts.credit_cost,
            error_code=cause.code,
            error=error(told),
        )


def facts_of(run: RunRow, now: float, credit_cost: float, attempts: int) -> Facts:
    """What a callback body says about a run that ends now."""
    return Facts(
        job_id=run.id,
        project_id=run.project_id,
        workflow=run.workflow,
        version=run.version,
        external_id=run.external_id,
        trigger=run.trigger,
        trace_id=run.trace_id,
        started_at=run.started_at or run.created_at,
        finished_at=now,
        credit_cost=round(credit_cost, 6),
        attempts=max(attempts, 1),
    )


def delivered(plan: Plan, steps: Mapping[str, StepRow]) -> list[Image]:
    """The pictures a run delivers: those of its delivery nodes, else those at its loose ends."""
    found = [steps[node_id].outputs for node_id in delivering(plan) if node_id in steps]
    return [image for outputs in found for image in images_in(outputs)]


def delivering(plan: Plan) -> list[str]:
    """The nodes whose pictures a run delivers."""
    sources = [node.id for node in plan.nodes if node.kind == _DELIVERY]
    if sources:
        return sources
    fed = {binding.source_node for node in plan.nodes for binding in node.inputs}
    return [node.id for node in plan.nodes if node.id not in fed]


def images_in(outputs: Mapping[str, Any] | None) -> list[Image]:
    """The pictures in the lists that a step gave out, as objects whether or not they were read back."""
    found = []
    for values in (outputs or {}).values():
        for item in values if isinstance(values, list) else ():
            if isinstance(item, Image):
                found.append(item)
            elif isinstance(item, dict) and "asset_id" in item:
                found.append(Image.model_validate(item))
    return found


def _facts(claimed: Claimed, steps: Iterable[StepRow], now: float) -> Facts:
    rows = (*steps, *claimed.earlier)
    cost = sum(row.credits for row in rows)
    return facts_of(claimed.run, now, cost, max(tries(rows).values(), default=1))


def tries(rows: Iterable[StepRow]) -> dict[str, int]:
    """Node → how often it was tried, in all generations together."""
    found: dict[str, int] = {}
    for row in rows:
        found[row.node_id] = found.get(row.node_id, 0) + row.attempts
    return found


def _echoes_trigger(plan: Plan) -> bool:
    nodes = plan.of_kind(_DELIVERY)
    return not nodes or any(node.settings.get("include_trigger", True) for node in nodes)
