"""The callback body: self-contained, versioned, made once, sent byte for byte (contract §5, S50 to S60)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from graphs.node import Json
from graphs.sockets import Image, Report

SCHEMA_VERSION = "1.0"
AssetUrl = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the body says about the run; costs in credits, times in seconds since the epoch."""

    job_id: str
    project_id: str
    workflow: str
    version: int
    external_id: str | None
    trigger: Json
    trace_id: str
    started_at: float
    finished_at: float
    credit_cost: float
    attempts: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed, as integrators read it (S41)."""

    error_code: str
    error_description: str
    invalid_field: str | None = None
    node_id: str | None = None
    retryable: bool = False
    attempts: int = 1
    errors: tuple[Json, ...] = ()


def completed(facts: Facts, images: Sequence[Image], asset_url: AssetUrl) -> tuple[str, bool]:
    """The body of ``job.completed``, and whether it carries the quality warning (S46, S48)."""
    warning = any(image.qc is not None and not image.qc.passed for image in images)
    outputs = [_output(image, asset_url) for image in images]
    body = _frame(facts, "job.completed", "success", quality_warning=warning)
    return _text(
        body | {"outputs": outputs, "metadata": _metadata(facts, images), "error": None}, facts
    ), warning


def failed(facts: Facts, failure: Failure) -> str:
    """The body of ``job.failed``."""
    body = _frame(facts, "job.failed", "failed", quality_warning=False)
    return _text(body | {"outputs": [], "metadata": _metadata(facts, ()), "error": error(failure)}, facts)


def error(failure: Failure) -> dict[str, Any]:
    """The error object of a failed run."""
    fields: dict[str, Any] = {
        "error_code": failure.error_code,
        "error_description": failure.error_description,
        "invalid_field": failure.invalid_field,
        "node_id": failure.node_id,
        "retryable": failure.retryable,
        "attempts": failure.attempts,
    }
    return fields | ({"errors": list(failure.errors)} if failure.errors else {})


def _frame(facts: Facts, event: str, status: str, *, quality_warning: bool) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "event": event,
        "job_id": facts.job_id,
        "task_id": facts.job_id,
        "project_id": facts.project_id,
        "workflow": facts.workflow,
        "version": facts.version,
        "external_id": facts.external_id,
        "status": status,
        "quality_warning": quality_warning,
        "trigger": facts.trigger,
    }


def _text(body: dict[str, Any], facts: Facts) -> str:
    at = datetime.fromtimestamp(facts.finished_at, UTC).isoformat(timespec="milliseconds")
    return to_json(body | {"timestamp": at.replace("+00:00", "Z")}, inf_nan_mode="null").decode()


def _output(image: Image, asset_url: AssetUrl) -> dict[str, Any]:
    return {
        "asset_id": image.asset_id,
        "asset_url": asset_url(image.sha256, image.format),
        "asset_type": "image",
        "format": image.format,
        "width": image.width,
        "height": image.height,
        "bytes": image.bytes,
        "sha256": image.sha256,
        "platform_code": image.platform_code,
        "alt_text": image.alt_text,
        "caption": image.caption,
        "filename_suggestion": image.filename_suggestion,
        "seed": image.seed,
        "qc": _qc(image.qc),
    }


def _qc(report: Report | None) -> dict[str, Any] | None:
    if report is None:
        return None
    checks = [
        {
            "name": check.name,
            "passed": check.passed,
            "value": check.value,
            "threshold": check.threshold,
            "op": check.op,
            "severity": check.severity,
        }
        for check in report.checks
    ]
    return {"passed": report.passed, "checks": checks}


def _metadata(facts: Facts, images: Sequence[Image]) -> dict[str, Any]:
    first = images[0] if images else None
    return {
        "prompt_used": first.prompt if first else None,
        "model_id": first.model_id if first else None,
        "seed": first.seed if first else None,
        "style": first.style if first else None,
        "ai_model": first.ai_model if first else None,
        "prompt_version": f"{facts.workflow}@{facts.version}",
        "credit_cost": facts.credit_cost,
        "processing_time_seconds": round(max(0.0, facts.finished_at - facts.started_at), 3),
        "attempts": facts.attempts,
        "trace_id": facts.trace_id,
    }
