"""What a trigger would do, without storing a run or asking any service: the dry run."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import Connection, func, select

from app.engine import gates, spending
from app.engine.clock import iso
from app.engine.money import Terms
from app.engine.prices import prices
from app.store import callers
from app.store.days import day_of, next_midnight
from app.store.tables import breaker, project, run, start_log, step
from app.workflows.called import with_calls
from app.workflows.held import wait_for
from app.workflows.published import Published
from graphs.node import Json
from graphs.plan import Plan
from graphs.pricing import Estimate, credits_of, estimate, micro

_SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Forecast:
    """A run that does not exist.

    Attributes:
        skipped: Nodes that surely have nothing to do.
        seconds: Usual seconds per node, from recent runs; nodes that never ran are absent.
        credits: Credits per paid node at most.
        unpriced: Paid nodes that no price is known of.
        wait: What would hold it back now; None when it would start at once.
    """

    plan: Plan
    skipped: frozenset[str]
    seconds: dict[str, float]
    credits: dict[str, float]
    unpriced: tuple[str, ...]
    wait: Json | None

    @property
    def total_credits(self) -> float:
        return round(sum(self.credits.values()), 6)

    @property
    def total_seconds(self) -> float | None:
        """Seconds along the longest way through the graph; None when nothing is known."""
        return round(longest(self.plan, self.seconds, self.skipped), 3) if self.seconds else None


def forecast(  # noqa: PLR0917
    connection: Connection,
    org_id: str,
    caller_id: str,
    published: Published,
    inputs: Mapping[str, Any],
    now: float,
) -> Forecast:
    """What a trigger of this caller would do now; `inputs` passed the contract."""
    plan = published.plan
    skipped = surely_skipped(plan, inputs)
    book = prices(connection, org_id)
    money = with_calls(connection, org_id, plan, inputs, book, skipped)
    own = estimate(plan, inputs, book)
    return Forecast(
        plan,
        skipped,
        usual_seconds(connection, org_id, published.workflow.slug),
        {name: float(credits_of(amount)) for name, amount in money.nodes.items()},
        money.unknown,
        _wait(connection, caller_id, published, now) or _budget(connection, caller_id, published, own, now),
    )


def surely_skipped(plan: Plan, inputs: Mapping[str, Any]) -> frozenset[str]:
    """Nodes that cannot fire with these inputs, because what feeds them does not."""
    root, found = plan.trigger.id, set[str]()
    for node in plan.nodes:
        dead = [
            each.source_node in found
            or (
                each.source_node == root
                and each.source_socket not in inputs
                and each.source_socket != "trigger"
            )
            for each in node.inputs
        ]
        needed = any(cut and each.required for cut, each in zip(dead, node.inputs, strict=True))
        if node.inputs and (needed or all(dead)):
            found.add(node.id)
    return frozenset(found)


def usual_seconds(connection: Connection, org_id: str, slug: str) -> dict[str, float]:
    """Median seconds per node over the last succeeded runs of a workflow; kept results do not count."""
    recent = (
        select(run.c.id)
        .where(run.c.org_id == org_id, run.c.workflow == slug, run.c.status == "succeeded")
        .order_by(run.c.id.desc())
        .limit(_SAMPLE)
    )
    query = select(step.c.node_id, step.c.duration).where(
        step.c.run_id.in_(recent.scalar_subquery()), step.c.duration.is_not(None), step.c.attempts > 0
    )
    known: dict[str, list[float]] = {}
    for node_id, seconds in connection.execute(query):
        known.setdefault(node_id, []).append(seconds)
    return {node_id: round(median(each), 4) for node_id, each in known.items()}


def longest(plan: Plan, seconds: Mapping[str, float], skipped: frozenset[str]) -> float:
    """Seconds along the longest way through the stages; unknown nodes take none."""
    ends: list[float] = []
    for stage in plan.stages:
        own = sum(seconds.get(node, 0.0) for node in stage.nodes if node not in skipped)
        ends.append(own + max((ends[number] for number in stage.after), default=0.0))
    return max(ends, default=0.0)


def _wait(connection: Connection, caller_id: str, published: Published, now: float) -> Json | None:
    caller = callers.by_id(connection, caller_id)
    paused = wait_for(published.workflow, caller)
    if paused is not None:
        return paused
    gate, limits = f"{published.workflow.id}:{caller_id}", published.plan.gates
    opened = select(breaker.c.gate).where(breaker.c.gate == gate, breaker.c.opened_at.is_not(None))
    if limits.breaker and connection.scalar(opened):
        words = "the circuit breaker is open until an operator decides"
        return {"reason": "breaker_open", "expected_start": None, "explanation": words}
    if limits.limiter is None:
        return None
    limit, window = limits.limiter.limit, limits.limiter.window_seconds
    last = connection.scalar(select(func.max(start_log.c.slot)).where(start_log.c.gate == gate)) or 0.0
    slot = max(last, gates.next_slot(connection, gate, limit, window))
    if slot <= now:
        return None
    words = f"{limit} per {gates.span(window)} for {caller.name if caller else 'this caller'}"
    return {"reason": "rate_limited", "expected_start": iso(slot), "explanation": words}


def _budget(
    connection: Connection, caller_id: str, published: Published, own: Estimate, now: float
) -> Json | None:
    """What the cost monitor says of a run's own steps; a workflow that refuses would answer 402."""
    found = published.plan.gates.budget
    amount = own.total
    if found is not None and own.unknown and found.credits_per_run is not None:
        amount = max(amount, micro(found.credits_per_run))
    if found is None or not amount or found.when_exhausted == "alert_only":
        return None
    workflow = published.workflow
    query = select(project.c.time_zone).where(project.c.id == workflow.project_id)
    zone = connection.scalar(query) or "UTC"
    terms = Terms.of(found)
    row = spending.find(connection, f"{workflow.id}:{caller_id}", day_of(now, zone))
    limit = spending.limit_of(row, terms) if row else terms.limit
    if (row.spent + row.reserved if row else 0) + amount <= limit:
        return None
    caller = callers.by_id(connection, caller_id)
    words = (
        f"the budget of {credits_of(limit)} credits a day for {caller.name if caller else 'this caller'}"
        f" has less than {credits_of(amount)} left today; a new day begins at midnight ({zone})"
    )
    refused = found.when_exhausted == "refuse"
    midnight = next_midnight(now, zone)
    return {
        "reason": "budget",
        "expected_start": None if refused else iso(midnight),
        "explanation": words,
        "refused": refused,
    }
