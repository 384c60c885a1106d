"""Rows as the JSON that integrators read (contract §4, §5)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.api.times import iso
from app.assets.library import Library
from app.store.deliveries import DeliveryAttemptRow, DeliveryRow
from app.store.runs import AttemptRow, Payloads, RunRow, StepRow
from graphs.generations import Redoing
from graphs.plan import PlanNode

Json = dict[str, Any]
_NO_WORKER = {
    "reason": "worker",
    "position": None,
    "expected_start": None,
    "explanation": "waiting for a free worker",
}


def run_json(run: RunRow, library: Library) -> Json:
    """A run as lists show it."""
    here = f"/v1/runs/{run.id}"
    return {
        "job_id": run.id,
        "task_id": run.id,
        "project_id": run.project_id,
        "workflow": run.workflow,
        "version": run.version,
        "status": run.status,
        "wait": wait_json(run),
        "callback_status": run.callback_status,
        "callback_url": run.callback_url,
        "error": loaded(run.error),
        "error_code": run.error_code,
        "quality_warning": run.quality_warning,
        "credit_cost": run.credit_cost,
        "caller": run.caller,
        "source": run.source,
        "external_id": run.external_id,
        "trace_id": run.trace_id,
        "request_id": run.request_id,
        "input_version": run.input_version,
        "rerun_of": run.rerun_of,
        "fresh": run.fresh,
        "parent": parent_json(run),
        "targets": loaded(run.targets) or [],
        "schedule_id": run.schedule_id,
        "batch_id": run.batch_id,
        "created_at": iso(run.created_at),
        "started_at": iso(run.started_at),
        "finished_at": iso(run.finished_at),
        "deadline": iso(run.deadline),
        "paused_at": iso(run.paused_at) if run.is_open else None,
        "paused_by": run.paused_by if run.is_open else None,
        "duration": _between(run.started_at, run.finished_at),
        "thumb_url": library.thumb_path(run.thumb) if run.thumb else None,
        "links": {
            "self": here,
            "steps": f"{here}/steps",
            "events": f"{here}/events",
            "cancel": f"{here}/cancel",
            "pause": f"{here}/pause",
            "resume": f"{here}/resume",
            "rerun": f"{here}/rerun",
            "callback": f"{here}/callback",
            "deliveries": f"{here}/deliveries",
        },
    }


def run_detail(
    run: RunRow, payloads: Payloads | None, progress: Json | None, steps: Sequence[StepRow], library: Library
) -> Json:
    """One run in full: progress while it is open, what it was given, what came out, who worked on it."""
    result = loaded(payloads.result) if payloads else None
    return {
        **run_json(run, library),
        "progress": progress,
        "trigger": loaded(payloads.trigger) if payloads else None,
        "inputs": loaded(payloads.inputs) if payloads else None,
        "children": None,
        "outputs": result.get("outputs", []) if result else [],
        "output_uris": sorted(set().union(*(uris(loaded(step.outputs)) for step in steps))),
        "metadata": result.get("metadata") if result else None,
        "model_id": next((step.model_id for step in steps if step.model_id), None),
        "prompt_version": f"{run.workflow}@{run.version}",
        "executor": next((step.executor for step in reversed(steps) if step.executor), None),
        "attempts": max((step.attempts for step in steps), default=0),
    }


def parent_json(run: RunRow) -> Json | None:
    """Which item of which node of which run this one works for."""
    if run.parent_id is None:
        return None
    link = f"/v1/runs/{run.parent_id}"
    return {"job_id": run.parent_id, "node_id": run.parent_node, "item": run.parent_item, "link": link}


def children_json(run: RunRow, counts: Mapping[str, int]) -> Json:
    """How many runs were started for a run or one of its steps, by status, and where they are listed."""
    return {"total": sum(counts.values()), **counts, "link": f"/v1/runs?parent={run.id}"}


def step_summary(step: Json) -> Json:
    """A step as its run shows it; all of it stands under `…/steps`."""
    names = ("node_id", "label", "status", "duration", "attempts", "error_code", "reason", "cached_from")
    return {name: step[name] for name in names}


def wait_json(run: RunRow) -> Json | None:
    """Why a run does not run now."""
    if not run.is_open or run.status == "running":
        return None
    stored = loaded(run.wait)
    if stored is None:
        return dict(_NO_WORKER)
    return {"position": None, "expected_start": None, "explanation": None, **stored}


def step_json(step: StepRow, label: str | None, attempts: list[AttemptRow], run: RunRow) -> Json:
    outputs = loaded(step.outputs)
    return {
        "node_id": step.node_id,
        "label": label or step.node_id,
        "position": step.position,
        "status": step.status,
        "started_at": iso(step.started_at),
        "duration": step.duration,
        "attempts": step.attempts,
        "tries": [attempt_json(each) for each in attempts],
        "error_code": step.error_code,
        "reason": step.reason,
        "executor": step.executor,
        "credit_cost": step.credits,
        "model_id": step.model_id,
        "generation": step.generation,
        "prompt_version": f"{run.workflow}@{run.version}",
        "input_version": run.input_version,
        "cached_from": loaded(step.cached_from),
        "outputs": outputs,
        "output_uris": sorted(uris(outputs)),
    }


def generation_json(step: StepRow, attempts: Sequence[AttemptRow], redos: Sequence[Redoing]) -> Json:
    """A step of a generation that was opened again: what it made, and why it was not enough (S45)."""
    outputs = loaded(step.outputs)
    after = next(
        (redo for redo in redos if redo.generation > step.generation and step.node_id in redo.nodes), None
    )
    return {
        "generation": step.generation,
        "status": step.status,
        "started_at": iso(step.started_at),
        "duration": step.duration,
        "attempts": step.attempts,
        "tries": [attempt_json(each) for each in attempts],
        "error_code": step.error_code,
        "reason": step.reason,
        "credit_cost": step.credits,
        "model_id": step.model_id,
        "executor": step.executor,
        "cached_from": loaded(step.cached_from),
        "outputs": outputs,
        "output_uris": sorted(uris(outputs)),
        "redo": redo_json(after) if after else None,
    }


def redo_json(redo: Redoing) -> Json:
    """One redo of a run: which generation it opened, where, at whose word and with which change."""
    return {
        "generation": redo.generation,
        "from": redo.start,
        "by": redo.by,
        "change": redo.change,
        "reason": redo.reason,
        "at": iso(redo.at),
    }


def waiting_step_json(node: PlanNode, position: int, run: RunRow, live: Mapping[str, Any] | None) -> Json:
    """A step that has no row yet."""
    status = "queued" if run.is_open else "blocked"
    row = StepRow(
        run_id=run.id,
        node_id=node.id,
        position=position,
        status=str(live.get("state") or "running") if live and run.is_open else status,
        started_at=live.get("since") if live else None,
        reason=live.get("note") or None if live else None,
    )
    return step_json(row, node.title, [], run)


def attempt_json(attempt: AttemptRow) -> Json:
    return {
        "number": attempt.number,
        "status": attempt.status,
        "error_code": attempt.error_code,
        "reason": attempt.reason,
        "started_at": iso(attempt.started_at),
        "duration": attempt.duration,
        "next_at": iso(attempt.next_at),
        "executor": attempt.executor,
    }


def delivery_json(delivery: DeliveryRow, attempts: list[DeliveryAttemptRow] | None = None) -> Json:
    found: Json = {
        "id": delivery.id,
        "job_id": delivery.run_id,
        "event": delivery.event,
        "webhook_id": delivery.message_id,
        "url": delivery.url,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "next_at": iso(delivery.wake_at) if delivery.status in {"pending", "retrying"} else None,
        "error_code": delivery.error_code,
        "created_at": iso(delivery.created_at),
        "finished_at": iso(delivery.finished_at),
        "links": {"run": f"/v1/runs/{delivery.run_id}", "replay": f"/v1/deliveries/{delivery.id}/replay"},
    }
    if attempts is not None:
        found["tries"] = [delivery_attempt_json(each) for each in attempts]
    return found


def delivery_attempt_json(attempt: DeliveryAttemptRow) -> Json:
    return {
        "number": attempt.number,
        "started_at": iso(attempt.started_at),
        "duration": attempt.duration,
        "status_code": attempt.status_code,
        "error_code": attempt.error_code,
        "reason": attempt.reason,
        "response": attempt.response,
        "next_at": iso(attempt.next_at),
    }


def uris(value: Any) -> set[str]:
    """Content addresses of the pictures among a step's outputs (S124)."""
    if isinstance(value, Mapping):
        if isinstance(value.get("sha256"), str) and isinstance(value.get("format"), str):
            return {f"sha256:{value['sha256']}.{value['format']}"}
        return set().union(*map(uris, value.values()))
    if isinstance(value, list):
        return set().union(*map(uris, value))
    return set()


def loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(end - start, 3)
