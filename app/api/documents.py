"""The OpenAPI document of the whole API: FastAPI's, with the trigger and the problems added by hand."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api import codes
from app.workflows import openapi
from app.workflows.openapi import Known

_PROBLEM = {
    "description": "A problem document (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_BODY = {
    "type": "object",
    "description": "The business fields of the workflow, and the reserved ones.",
    "properties": {
        "callback_url": {"type": ["string", "null"], "format": "uri"},
        "idempotency_key": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
        "external_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
        "project_id": {"type": ["string", "null"]},
    },
}
_REFERENCE = {
    "name": "reference",
    "in": "path",
    "required": True,
    "description": "Slug of a workflow, or slug@version.",
    "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,80}(@[1-9][0-9]{0,8})?$"},
}


def known_codes() -> list[Known]:
    return [(each.code, each.status, each.explanation) for each in codes.table().values()]


def whole(app: FastAPI) -> dict[str, Any]:
    """The document, made at the first request and kept."""
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        _complete(found)
        app.openapi_schema = found
    return app.openapi_schema


def _complete(found: dict[str, Any]) -> None:
    operation = openapi.trigger_operation(_BODY, known_codes())
    operation["parameters"] = [_REFERENCE, *operation["parameters"]]
    for path in found["paths"].values():
        for each in path.values():
            each["responses"] = {
                status: answer for status, answer in each["responses"].items() if status != "422"
            } | {"4XX": _PROBLEM, "5XX": _PROBLEM}
    found["paths"]["/v1/hooks/{reference}"] = {"post": {**operation, "operationId": "trigger"}}
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(openapi.components())
    components["securitySchemes"] = openapi.SECURITY_SCHEME
    found["security"] = [{"apiKey": []}]
