"""OpenAPI 3.1 of triggers: one document per workflow, and the general path for the whole API (S42)."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.workflows import schemas
from app.workflows.contract import example_body
from app.workflows.published import Published

Json = dict[str, Any]

# error code, HTTP status (None: it never answers a request), what it means
Known = tuple[str, int | None, str]

SECURITY_SCHEME: Json = {"apiKey": {"type": "http", "scheme": "bearer", "description": "An API key: sk_…"}}
_PROBLEM: Json = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REPLAYED: Json = {
    "description": "true when this is the answer to an earlier trigger with the same idempotency key.",
    "schema": {"type": "string"},
}


def describe(published: Published, public_url: str, codes: Iterable[Known]) -> Json:
    """The document of one version: trigger schema, callback and every error code."""
    known, workflow = list(codes), published.workflow
    operation = trigger_operation(published.trigger.json_schema(), known)
    body = operation["requestBody"]["content"]["application/json"]
    body["example"] = example_body(published)
    return {
        "openapi": "3.1.0",
        "info": {"title": workflow.name, "version": str(published.number)},
        "servers": [{"url": public_url}],
        "security": [{"apiKey": []}],
        "paths": {
            f"/v1/hooks/{workflow.slug}": {"post": {**operation, "operationId": "trigger"}},
            f"/v1/hooks/{workflow.slug}@{published.number}": {
                "post": {**operation, "operationId": "trigger_pinned", "summary": "Trigger this very version"}
            },
        },
        "components": {"securitySchemes": SECURITY_SCHEME, "schemas": components()},
        "x-error-codes": [
            {"error_code": code, "status": status, "description": words} for code, status, words in known
        ],
    }


def components() -> Json:
    """The named schemas that operations refer to."""
    return {
        "Accepted": schemas.ACCEPTED,
        "Problem": schemas.PROBLEM,
        "Callback": schemas.CALLBACK,
    }


def trigger_operation(body: Mapping[str, Any], codes: Iterable[Known]) -> Json:
    """The operation of ``POST /v1/hooks/…`` with a body schema."""
    return {
        "tags": ["Trigger"],
        "summary": "Trigger the workflow",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": dict(body)}}},
        "responses": {
            "202": {
                "description": "Stored; the run will happen.",
                "headers": {
                    "Location": {"schema": {"type": "string"}},
                    "Idempotency-Replayed": _REPLAYED,
                },
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Accepted"}}},
            },
            **_problems(codes),
        },
        "callbacks": {"completion": {"{$request.body#/callback_url}": {"post": _callback()}}},
    }


def _problems(codes: Iterable[Known]) -> Json:
    found: dict[int, list[str]] = {}
    for code, status, words in codes:
        if status is not None and code.startswith(("trigger.", "auth.")):
            found.setdefault(status, []).append(f"`{code}`: {words}")
    return {
        str(status): {"description": "\n".join(f"- {line}" for line in lines), "content": _PROBLEM}
        for status, lines in sorted(found.items())
    }


def _callback() -> Json:
    return {
        "summary": "The completion, signed by Standard Webhooks 1.0",
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
            for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Callback"}}},
        },
        "responses": {
            "2XX": {"description": "Taken."},
            "410": {"description": "Send no more."},
            "default": {"description": "Tried again on the retry schedule."},
        },
    }
