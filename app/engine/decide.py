"""From what a stage did to what is written: pure, one frozen record (design §1.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.assets.library import Library
from app.delivery.body import Facts, Failure, completed, error, failed
from app.engine.clock import iso
from app.engine.perform import Performed, Stop, attempts_of
from app.engine.records import AssetRow, AttemptRow, Claimed, Finish, RunRow, Settlement, StepRow
from graphs.backoff import next_delay
from graphs.errors import NodeError
from graphs.node import Json, Wait
from graphs.outcome import THROTTLE_MAX_SECONDS, THROTTLE_SECONDS
from graphs.plan import Plan
from graphs.sockets import Image

_DELIVERY = "webhook_delivery"


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides settlements; ``delays`` is the retry schedule in seconds (S38)."""

    delays: tuple[float, ...]
    library: Library

    def decide(self, claimed: Claimed, plan: Plan, done: Performed, now: float) -> Settlement:
        """The one record of an execution."""
        stop = done.stop
        if stop is None:
            return self._passed(claimed, plan, done, now)
        if isinstance(stop.cause, Wait):
            detail: Json = {"node": stop.node.id, "state": stop.cause.state, "note": stop.cause.note}
            return self._sleeping(claimed, done, stop, now + max(stop.cause.seconds, 0.05), detail)
        if isinstance(stop.cause, NodeError):
            return self._troubled(claimed, plan, done, stop, stop.cause, now)
        broken = NodeError("run.internal", "the node asked for a redo that its graph has no place for")
        return self._failed(claimed, plan, done, stop, broken, now)

    def _passed(self, claimed: Claimed, plan: Plan, done: Performed, now: float) -> Settlement:
        following = tuple(
            (number, len(plan.stages[number].after) - 1) for number in plan.stages[claimed.number].before
        )
        finish = None if following else self._success(claimed, plan, done, now)
        return Settlement(
            claimed,
            "done",
            attempt=claimed.attempt,
            steps=done.steps,
            attempts=_recovered(claimed, done),
            assets=_assets(done.steps),
            following=following,
            finish=finish,
        )

    def _sleeping(  # noqa: PLR0917
        self,
        claimed: Claimed,
        done: Performed,
        stop: Stop,
        wake_at: float | None,
        detail: Json,
        wait: Json | None = None,
        attempts: tuple[AttemptRow, ...] = (),
    ) -> Settlement:
        return Settlement(
            claimed,
            "waiting",
            attempt=attempts_of(claimed, stop.node) + len(attempts),
            steps=done.steps,
            attempts=attempts,
            assets=_assets(done.steps),
            wake_at=wake_at,
            detail=detail,
            wait=wait,
        )

    def _troubled(  # noqa: PLR0917
        self, claimed: Claimed, plan: Plan, done: Performed, stop: Stop, cause: NodeError, now: float
    ) -> Settlement:
        detail: Json = {"node": stop.node.id, "state": _job_state(claimed, stop, cause)}
        if cause.error_class == "ambiguous":
            attempt = _attempt(claimed, stop, cause, "unknown", None)
            wait: Json = {"reason": "review", "explanation": f"{stop.node.title}: {cause.description}"}
            asleep = self._sleeping(claimed, done, stop, None, detail, wait, (attempt,))
            return replace(asleep, alert=(cause.code, cause.description))
        if cause.error_class == "wait":
            due = now + self._pause(cause.retry_after)
            return self._sleeping(claimed, done, stop, due, detail, _retry_wait(stop, cause, due))
        delay = None
        if cause.error_class == "transient":
            delay = next_delay(self.delays, attempts_of(claimed, stop.node), cause.retry_after)
        if delay is None:
            return self._failed(claimed, plan, done, stop, cause, now)
        attempt = _attempt(claimed, stop, cause, "failed", now + delay)
        wait = _retry_wait(stop, cause, now + delay)
        return self._sleeping(claimed, done, stop, now + delay, detail, wait, (attempt,))

    def _pause(self, asked: float | None) -> float:
        """How long a throttled step sleeps: as the service asks, within an hour."""
        usual = self.delays[0] if self.delays else THROTTLE_SECONDS
        return min(asked, THROTTLE_MAX_SECONDS) if asked and asked > 0 else usual

    def _success(self, claimed: Claimed, plan: Plan, done: Performed, now: float) -> Finish:
        steps = {**claimed.steps, **{row.node_id: row for row in done.steps}}
        images = delivered(plan, steps)
        facts = self._facts(claimed.run, steps.values(), now)
        if not _echoes_trigger(plan):
            facts = replace(facts, trigger={})
        body, warning = completed(facts, images, self.library.url)
        thumb = images[0].sha256 if images else None
        return Finish("succeeded", "job.completed", body, facts.credit_cost, warning, thumb=thumb)

    def _failed(  # noqa: PLR0917
        self, claimed: Claimed, plan: Plan, done: Performed, stop: Stop, cause: NodeError, now: float
    ) -> Settlement:
        tries = attempts_of(claimed, stop.node)
        steps = (*done.steps, _failed_step(plan, stop, cause, tries))
        failure = Failure(
            cause.code, cause.description, cause.field, stop.node.id, cause.error_class == "transient", tries
        )
        facts = self._facts(
            claimed.run, {**claimed.steps, **{row.node_id: row for row in steps}}.values(), now
        )
        finish = Finish(
            "failed",
            "job.failed",
            failed(facts, failure),
            facts.credit_cost,
            error_code=cause.code,
            error=error(failure),
        )
        return Settlement(
            claimed,
            "failed",
            attempt=tries,
            steps=steps,
            attempts=(_attempt(claimed, stop, cause, "failed", None),),
            assets=_assets(done.steps),
            finish=finish,
            alert=(cause.code, cause.description) if cause.error_class == "operator" else None,
        )

    @staticmethod
    def _facts(run: RunRow, steps: Any, now: float) -> Facts:
        rows = list(steps)
        return facts_of(
            run, now, sum(row.credits for row in rows), max((row.attempts for row in rows), default=1)
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


def _echoes_trigger(plan: Plan) -> bool:
    nodes = [node for node in plan.nodes if node.kind == _DELIVERY]
    return not nodes or any(node.settings.get("include_trigger", True) for node in nodes)


def delivered(plan: Plan, steps: dict[str, StepRow]) -> list[Image]:
    """The pictures a run delivers: those of its delivery nodes, else those at its loose ends."""
    sources = [node.id for node in plan.nodes if node.kind == _DELIVERY]
    if not sources:
        fed = {binding.source_node for node in plan.nodes for binding in node.inputs}
        sources = [node.id for node in plan.nodes if node.id not in fed]
    found = [steps[node_id].outputs for node_id in sources if node_id in steps]
    return [image for outputs in found for image in _images(outputs)]


def _images(outputs: Mapping[str, Any] | None) -> list[Image]:
    lists = [value for value in (outputs or {}).values() if isinstance(value, list)]
    return [image for values in lists for item in values if (image := _image(item)) is not None]


def _image(item: Any) -> Image | None:
    if isinstance(item, Image):
        return item
    return Image.model_validate(item) if isinstance(item, dict) and "asset_id" in item else None


def _assets(steps: Sequence[StepRow]) -> tuple[AssetRow, ...]:
    """Each picture once, with the first node that gave it out."""
    first: dict[str, AssetRow] = {}
    for row in steps:
        for image in _images(row.outputs):
            if image.asset_id not in first:
                first[image.asset_id] = AssetRow(
                    row.node_id,
                    image.asset_id,
                    image.sha256,
                    image.format,
                    image.width,
                    image.height,
                    image.bytes,
                    image.platform_code,
                )
    return tuple(first.values())


def _job_state(claimed: Claimed, stop: Stop, cause: NodeError) -> Any:
    """A submitted job outlives errors of asking for it; one that ended badly is submitted anew."""
    before = claimed.detail or {}
    if before.get("node") != stop.node.id or cause.code == "node.provider_bad_output":
        return None
    return before.get("state")


def _recovered(claimed: Claimed, done: Performed) -> tuple[AttemptRow, ...]:
    return tuple(
        AttemptRow(
            row.node_id, row.attempts, "succeeded", None, None, row.started_at or 0.0, row.duration or 0.0
        )
        for row in done.steps
        if row.attempts > 1 and claimed.attempt > 1
    )


def _attempt(
    claimed: Claimed, stop: Stop, cause: NodeError, status: str, next_at: float | None
) -> AttemptRow:
    return AttemptRow(
        stop.node.id,
        attempts_of(claimed, stop.node),
        status,
        cause.code,
        cause.description,
        stop.started_at,
        round(stop.duration, 6),
        next_at,
    )


def _failed_step(plan: Plan, stop: Stop, cause: NodeError, tries: int) -> StepRow:
    return StepRow(
        node_id=stop.node.id,
        position=plan.position(stop.node.id),
        status="failed",
        attempts=tries,
        started_at=stop.started_at,
        duration=round(stop.duration, 6),
        outputs=None,
        error_code=cause.code,
        reason=cause.description,
    )


def _retry_wait(stop: Stop, cause: NodeError, due: float) -> Json:
    return {
        "reason": "retry",
        "expected_start": iso(due),
        "node_id": stop.node.id,
        "explanation": f"{stop.node.title}: {cause.description}; the next try is at {iso(due)}",
    }
