"""What an integrator needs of one workflow: fields, examples, snippets (contract §7, S42)."""

import json
from typing import Any

from app.workflows.published import Published
from graphs.fields import FieldSpec
from graphs.source import Source

Json = dict[str, Any]

_RESERVED: tuple[Json, ...] = (
    {
        "name": "callback_url",
        "type": "string",
        "required": False,
        "description": "Where the result is POSTed: public https, or the test inbox.",
    },
    {
        "name": "idempotency_key",
        "type": "string",
        "required": False,
        "max_length": 255,
        "description": "The same key and payload start one run only; or the header Idempotency-Key.",
    },
    {
        "name": "external_id",
        "type": "string",
        "required": False,
        "max_length": 255,
        "description": "Your own id, searchable and given back unchanged.",
    },
    {
        "name": "project_id",
        "type": "string",
        "required": False,
        "description": "The project the run belongs to; default: the workflow's.",
    },
)
_SAMPLES: Json = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "object": {}, "array": []}


def describe(published: Published, public_url: str) -> Json:
    """The contract of a version as JSON."""
    slug, example = published.workflow.slug, example_body(published)
    url = f"{public_url}/v1/hooks/{slug}"
    return {
        "workflow": slug,
        "version": published.number,
        "trigger": {"method": "POST", "url": url, "pinned_url": f"{url}@{published.number}"},
        "fields": [field.model_dump(mode="json", exclude_none=True) for field in published.trigger.fields],
        "reserved_fields": list(_RESERVED),
        "schema": published.trigger.json_schema(),
        "example": example,
        "snippets": _snippets(url, {**example, "callback_url": f"{public_url}/v1/inbox/first"}),
        "openapi": f"{public_url}/v1/workflows/{slug}/openapi.json",
    }


def example_body(published: Published) -> Json:
    """A body the trigger accepts, as far as the declarations tell."""
    body: Json = {}
    for field in published.trigger.fields:
        path = Source(field.source or field.name).path
        if path is not None:
            _put(body, path, sample(field))
    return body


def sample(field: FieldSpec) -> Any:
    """A value that fits a declaration; a pattern cannot be guessed and is left to the reader."""
    if field.default is not None:
        return field.default
    if field.enum:
        return field.enum[0]
    if field.type == "string":
        return _text(field)
    if field.type == "array":
        return ["item"] * (field.min_length or 0)
    bounds = [each for each in (field.minimum, field.maximum) if each is not None]
    return bounds[0] if bounds else _SAMPLES[field.type]


def _text(field: FieldSpec) -> str:
    text = "SKU-1001" if field.name.endswith("_id") else field.name.replace("_", " ").capitalize()
    text = text.ljust(field.min_length or 0, "x")
    return text[: field.max_length] if field.max_length else text


def _put(body: Json, path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        nested = body.setdefault(key, {})
        if not isinstance(nested, dict):
            return
        body = nested
    body[path[-1]] = value


def _snippets(url: str, body: Json) -> Json:
    text = json.dumps(body, indent=2, ensure_ascii=False)
    shell = text.replace("'", "'\\''")
    return {
        "curl": (
            f"curl -X POST {url} \\\n"
            '  -H "Authorization: Bearer $SAKUGA_API_KEY" \\\n'
            '  -H "Content-Type: application/json" \\\n'
            f"  -d '{shell}'"
        ),
        "python": (
            "import os\n\nimport httpx\n\n"
            "answer = httpx.post(\n"
            f"    {url!r},\n"
            '    headers={"Authorization": f"Bearer {os.environ[\'SAKUGA_API_KEY\']}"},\n'
            f"    json={body!r},\n"
            ")\n"
            "answer.raise_for_status()\n"
            'print(answer.json()["job_id"])\n'
        ),
        "javascript": (
            f"const answer = await fetch({json.dumps(url)}, {{\n"
            '  method: "POST",\n'
            "  headers: {\n"
            "    Authorization: `Bearer ${process.env.SAKUGA_API_KEY}`,\n"
            '    "Content-Type": "application/json",\n'
            "  },\n"
            f"  body: JSON.stringify({text}),\n"
            "});\n"
            "console.log((await answer.json()).job_id);\n"
        ),
    }
