"""What integrators are told is what the trigger does (S42)."""

from typing import Any

import pytest

from app.api.documents import known_codes
from app.workflows import contract, openapi
from app.workflows.published import Published
from app.workflows.service import WorkflowService
from graphs.fields import FieldSpec

Json = dict[str, Any]
BASE = "https://sakuga.example"


@pytest.fixture
def published(service: WorkflowService, org_id: str, graph: Json) -> Published:
    service.create(org_id, "w", "Pictures", graph)
    service.publish(org_id, "w")
    return service.published(org_id, "w")


def test_the_example_is_accepted(published: Published) -> None:
    """The body shown in contract and OpenAPI passes the contract it illustrates."""
    told = contract.describe(published, BASE)
    assert published.trigger.read(told["example"]).ignored == []
    assert told["trigger"]["url"] == f"{BASE}/v1/hooks/w"
    assert {field["name"] for field in told["fields"]} == {field.name for field in published.trigger.fields}


@pytest.mark.parametrize(
    "field",
    [
        {"name": "a", "type": "string", "min_length": 30},
        {"name": "long_name_of_a_field", "type": "string", "max_length": 3},
        {"name": "a", "type": "string", "enum": ["x", "y"]},
        {"name": "a", "type": "integer", "minimum": 5, "maximum": 9},
        {"name": "a", "type": "number", "maximum": -2},
        {"name": "a", "type": "boolean"},
        {"name": "a", "type": "object"},
        {"name": "a", "type": "array", "min_length": 2},
        {"name": "a", "type": "string", "default": "d"},
    ],
)
def test_samples_fit_their_declaration(field: Json) -> None:
    """For every kind of declaration without a pattern."""
    from graphs.trigger import TriggerContract  # noqa: PLC0415

    value = contract.sample(FieldSpec.model_validate(field))
    assert TriggerContract([{**field, "required": True}]).read({field["name"]: value}).values


def test_snippets_can_be_pasted(published: Published) -> None:
    """Python compiles; a quote in a value does not end the shell's text."""
    snippets = contract.describe(published, BASE)["snippets"]
    compile(snippets["python"], "snippet", "exec")
    assert "/v1/inbox/" in snippets["curl"]
    assert snippets["curl"].count("'") == 2


def test_the_document_tells_allowed_values_callback_and_codes(published: Published) -> None:
    """OpenAPI 3.1 with the trigger's schema, the completion as a callback, and every error code."""
    told = openapi.describe(published, BASE, known_codes())
    operation = told["paths"]["/v1/hooks/w"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert told["openapi"].startswith("3.1")
    assert "studio" in schema["properties"]["target_style"]["enum"]
    assert schema["required"] == ["product_name"]
    assert "callback_url" in schema["properties"]
    assert {"202", "401", "404", "422", "503"} <= operation["responses"].keys()
    assert operation["callbacks"]["completion"]
    assert {each["error_code"] for each in told["x-error-codes"]} >= {
        "trigger.unknown_value",
        "node.qc_failed",
    }
    assert "/v1/hooks/w@1" in told["paths"]


def test_every_reference_in_the_document_leads_somewhere(published: Published) -> None:
    """No dangling $ref."""
    told = openapi.describe(published, BASE, known_codes())
    for reference in references(told):
        found: Any = told
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [each for child in value.values() for each in references(child)]
    return [each for child in value for each in references(child)] if isinstance(value, list) else []
