"""Commands people can paste, made from a workflow's contract."""

import json
import shlex
from typing import Any

from app.store import workflows as workflow_rows
from app.ui.visitor import Visitor
from graphs.fields import FieldSpec

DEFAULT_WORKFLOW = "product-image"
_SAMPLES: dict[str, Any] = {
    "string": "text",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "object": {},
    "array": [],
}


def trigger_curl(public_url: str, slug: str, payload: dict[str, Any] | None = None) -> str:
    """A curl that triggers a workflow; the key comes from the shell and stays out of the clipboard."""
    body = json.dumps(payload or {"product_id": "SKU-1001", "product_name": "Teapot"}, ensure_ascii=False)
    return (
        f"curl -sS {public_url}/v1/hooks/{slug} \\\n"
        '  -H "Authorization: Bearer $SAKUGA_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(body)}"
    )


async def first_workflow(visitor: Visitor) -> str:
    """The slug of a published workflow to show in an example."""
    rows = await visitor.read(workflow_rows.list_all, visitor.org_id)
    published = [row.slug for row in rows if row.published is not None]
    if DEFAULT_WORKFLOW in published or not published:
        return DEFAULT_WORKFLOW
    return published[0]


def sample_value(field: FieldSpec) -> Any:
    """A value that the field accepts, as well as that can be told."""
    if field.default is not None:
        return field.default
    if field.enum:
        return field.enum[0]
    if field.type in {"integer", "number"}:
        return field.minimum if field.minimum is not None else _SAMPLES[field.type]
    if field.type == "string":
        return _sample_text(field)
    return _SAMPLES[field.type]


def sample_payload(fields: tuple[FieldSpec, ...]) -> dict[str, Any]:
    """A payload with a value for every field; optional objects and lists without a default are left out."""
    return {field.name: sample_value(field) for field in fields if field.required or _is_simple(field)}


def _is_simple(field: FieldSpec) -> bool:
    return field.default is not None or field.type not in {"object", "array"}


def _sample_text(field: FieldSpec) -> str:
    words = field.name.replace("_", " ")
    if field.name.endswith("_id"):
        words = "SKU-1001"
    elif "product" in field.name and "name" in field.name:
        words = "Glass teapot"
    words = words.ljust(field.min_length or 0, ".")
    return words[: field.max_length] if field.max_length else words
