"""About what a run of a draft would take: credits by price, time by what runs took before (S22, S65)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import Connection, select

from app.engine.prices import prices
from app.store.tables import run, step
from app.workflows.called import with_calls
from app.workflows.forecast import longest, surely_skipped, usual_seconds
from graphs.plan import Plan, PlanNode
from graphs.pricing import credits_of, is_paid

_RUNS, _SAMPLE = 200, 20


@dataclass(frozen=True, slots=True)
class Guess:
    """About what a run would take.

    Attributes:
        credits: Credits in all, as far as prices are known.
        seconds: Along the longest way, as far as durations are known; None when none is.
        unpriced: Titles of paid nodes that no price is known of.
        untimed: Titles of slow nodes that never ran like this.
        by_node: Usual seconds by node.
    """

    credits: float
    seconds: float | None
    unpriced: tuple[str, ...]
    untimed: tuple[str, ...]
    by_node: Mapping[str, float]


def guess(  # noqa: PLR0917
    connection: Connection,
    org_id: str,
    slug: str,
    plan: Plan,
    inputs: Mapping[str, Any],
    done: Collection[str] = (),
) -> Guess:
    """What a run of a plan would take; `done` are nodes whose results are at hand."""
    skipped = surely_skipped(plan, inputs) | frozenset(done)
    money = with_calls(connection, org_id, plan, inputs, prices(connection, org_id), skipped)
    known = _seconds(connection, org_id, slug, plan)
    ahead = [node for node in plan.nodes if node.id not in skipped]
    titles = {node.id: node.title for node in plan.nodes}
    timed = {node.id: known[node.id] for node in ahead if node.id in known}
    return Guess(
        float(credits_of(money.total)),
        round(longest(plan, timed, skipped), 3) if timed else None,
        tuple(titles[each] for each in money.unknown),
        tuple(node.title for node in ahead if node.weight == "slow" and node.id not in known),
        known,
    )


def _seconds(connection: Connection, org_id: str, slug: str, plan: Plan) -> dict[str, float]:
    """By node: of its model where it has one, whatever node used that; else of the node in this workflow."""
    own = usual_seconds(connection, org_id, slug)
    models = {_model(node) for node in plan.nodes if is_paid(node)}
    by_model = _by_model(connection, org_id, models) if models else {}
    found = {}
    for node in plan.nodes:
        seconds = by_model.get(_model(node)) if is_paid(node) else own.get(node.id)
        if seconds is not None:
            found[node.id] = seconds
    return found


def _model(node: PlanNode) -> str:
    return str(node.settings.get("model"))


def _by_model(connection: Connection, org_id: str, models: Collection[str]) -> dict[str, float]:
    """Median seconds of the newest steps of each model, among the last runs of an organisation."""
    recent = select(run.c.id).where(run.c.org_id == org_id).order_by(run.c.id.desc()).limit(_RUNS)
    query = (
        select(step.c.model_id, step.c.duration)
        .where(
            step.c.run_id.in_(recent.scalar_subquery()),
            step.c.model_id.in_(models),
            step.c.duration.is_not(None),
            step.c.attempts > 0,
        )
        .order_by(step.c.run_id.desc())
    )
    known: dict[str, list[float]] = {}
    for model_id, seconds in connection.execute(query):
        sample = known.setdefault(model_id, [])
        if len(sample) < _SAMPLE:
            sample.append(seconds)
    return {model_id: round(median(sample), 4) for model_id, sample in known.items()}
