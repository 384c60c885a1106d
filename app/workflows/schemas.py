"""JSON Schemas of what goes in and out, for OpenAPI documents (contract §3, §5, §6)."""

from typing import Any

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_MAYBE_TEXT: Json = {"type": ["string", "null"]}
_TIME: Json = {"type": "string", "format": "date-time"}
_NUMBER: Json = {"type": "number"}
_WHOLE: Json = {"type": "integer"}
_FLAG: Json = {"type": "boolean"}


def _object(properties: Json, *required: str) -> Json:
    found: Json = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


WAIT: Json = {
    "type": ["object", "null"],
    "properties": {
        "reason": {
            "enum": [
                "rate_limited",
                "breaker_open",
                "budget",
                "review",
                "retry",
                "worker",
                "delay",
                "children",
            ]
        },
        "position": {"type": ["integer", "null"]},
        "expected_start": {"type": ["string", "null"], "format": "date-time"},
        "explanation": _MAYBE_TEXT,
    },
}

ACCEPTED: Json = _object(
    {
        "job_id": _TEXT,
        "task_id": _TEXT,
        "project_id": _TEXT,
        "workflow": _TEXT,
        "version": _WHOLE,
        "status": {"const": "queued"},
        "wait": WAIT,
        "callback_url": _MAYBE_TEXT,
        "external_id": _MAYBE_TEXT,
        "trace_id": _TEXT,
        "request_id": _TEXT,
        "created_at": _TIME,
        "ignored_fields": {"type": "array", "items": _TEXT},
        "links": _object({"self": _TEXT, "events": _TEXT, "cancel": _TEXT}),
    },
    "job_id",
    "task_id",
    "project_id",
    "workflow",
    "version",
    "status",
    "trace_id",
    "created_at",
    "links",
)

PROBLEM: Json = _object(
    {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": _WHOLE,
        "detail": _TEXT,
        "instance": _TEXT,
        "error_code": _TEXT,
        "error_description": _TEXT,
        "invalid_field": _MAYBE_TEXT,
        "retryable": _FLAG,
        "request_id": _TEXT,
        "trace_id": _TEXT,
        "job_id": _TEXT,
        "errors": {
            "type": "array",
            "items": _object(
                {
                    "field": _MAYBE_TEXT,
                    "pointer": _MAYBE_TEXT,
                    "code": _TEXT,
                    "error_code": _TEXT,
                    "detail": _TEXT,
                    "allowed": {"type": "array"},
                    "did_you_mean": _TEXT,
                },
                "field",
                "code",
                "detail",
            ),
        },
    },
    "type",
    "title",
    "status",
    "detail",
    "error_code",
    "error_description",
    "retryable",
    "request_id",
    "errors",
)

OUTPUT: Json = _object(
    {
        "asset_id": _TEXT,
        "asset_url": {"type": "string", "format": "uri"},
        "asset_type": _TEXT,
        "format": _TEXT,
        "width": _WHOLE,
        "height": _WHOLE,
        "bytes": _WHOLE,
        "sha256": _TEXT,
        "platform_code": _MAYBE_TEXT,
        "alt_text": _MAYBE_TEXT,
        "caption": _MAYBE_TEXT,
        "filename_suggestion": _MAYBE_TEXT,
        "qc": {"type": ["object", "null"]},
    },
    "asset_id",
    "asset_url",
    "asset_type",
    "format",
    "width",
    "height",
)

CALLBACK: Json = _object(
    {
        "schema_version": {"const": "1.0"},
        "event": {"enum": ["job.completed", "job.failed"]},
        "job_id": _TEXT,
        "task_id": _TEXT,
        "project_id": _TEXT,
        "workflow": _TEXT,
        "version": _WHOLE,
        "external_id": _MAYBE_TEXT,
        "status": {"enum": ["success", "failed"]},
        "quality_warning": _FLAG,
        "trigger": {"type": "object"},
        "outputs": {"type": "array", "items": OUTPUT},
        "metadata": _object(
            {
                "prompt_used": _MAYBE_TEXT,
                "model_id": _MAYBE_TEXT,
                "credit_cost": _NUMBER,
                "processing_time_seconds": _NUMBER,
                "attempts": _WHOLE,
                "trace_id": _TEXT,
            }
        ),
        "error": {
            "type": ["object", "null"],
            "properties": {
                "error_code": _TEXT,
                "error_description": _TEXT,
                "invalid_field": _MAYBE_TEXT,
                "node_id": _MAYBE_TEXT,
                "retryable": _FLAG,
                "attempts": _WHOLE,
            },
        },
        "timestamp": _TIME,
    },
    "schema_version",
    "event",
    "job_id",
    "status",
    "outputs",
    "metadata",
    "error",
    "timestamp",
)
