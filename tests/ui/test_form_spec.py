"""Forms from JSON Schema: what kind of field each schema becomes."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

import nodes
from app.ui.forms.declared import card_summary, visible_fields
from app.ui.forms.spec import FormField, form_fields
from app.ui.forms.values import fresh_object
from graphs.catalogue import discover


class Inner(BaseModel):
    """One entry."""

    key: str
    weight: float = Field(1.0, ge=0, le=2)


class Example(BaseModel):
    """Every kind of setting there is."""

    style: Literal["studio", "noir"] = "studio"
    sharp: bool = True
    count: Annotated[int, Field(ge=1, le=4)] = 1
    strength: float | None = Field(None, gt=0)
    name: str = ""
    template: str = Field("{{subject}}", max_length=4000, description="Use {{name}}.")
    note: str = Field("", json_schema_extra={"format": "textarea"})
    accent: str = Field("#ff0000", pattern="^#[0-9a-f]{6}$")
    tags: list[str] = []
    seeds: list[int] | None = None
    entries: list[Inner] = []
    one: Inner = Inner(key="a")
    brand: dict[str, str] = {}
    presets: dict[str, Inner] = {}


KINDS = {
    "style": "choice",
    "sharp": "switch",
    "count": "integer",
    "strength": "number",
    "name": "text",
    "template": "lines",
    "note": "lines",
    "accent": "colour",
    "tags": "list",
    "seeds": "list",
    "entries": "objects",
    "one": "object",
    "brand": "map",
    "presets": "map",
}


@pytest.fixture(scope="module")
def fields() -> dict[str, FormField]:
    return {field.name: field for field in form_fields(Example.model_json_schema())}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_every_schema_has_its_kind_of_field(fields: dict[str, FormField], name: str, kind: str) -> None:
    """Enum, bool, bounds, long text, colour, lists and nested objects each get the field that fits."""
    assert fields[name].kind == kind


def test_bounds_options_and_defaults_are_taken_over(fields: dict[str, FormField]) -> None:
    """What the schema says about a value is what the field knows."""
    assert (fields["count"].minimum, fields["count"].maximum) == (1, 4)
    assert fields["style"].options == ("studio", "noir")
    assert fields["style"].default == "studio"
    assert fields["template"].help == "Use {{name}}."


def test_optional_means_nullable(fields: dict[str, FormField]) -> None:
    """A union with null is the other member, nullable."""
    assert fields["strength"].nullable
    assert fields["seeds"].nullable
    assert not fields["name"].nullable


def test_templates_are_recognised_by_their_help(fields: dict[str, FormField]) -> None:
    """Placeholder chips are offered where the description speaks of placeholders."""
    assert fields["template"].template
    assert not fields["note"].template


def test_nested_fields_are_described(fields: dict[str, FormField]) -> None:
    """Entries of lists and maps know their own fields."""
    assert [field.name for field in fields["entries"].fields] == ["key", "weight"]
    item = fields["presets"].item
    assert item is not None
    assert [field.name for field in item.fields] == ["key", "weight"]


def test_a_schema_that_holds_itself_ends() -> None:
    """Recursion stops at a value typed as JSON instead of going on for ever."""
    schema = {
        "$defs": {"Tree": {"type": "object", "properties": {"child": {"$ref": "#/$defs/Tree"}}}},
        "properties": {"tree": {"$ref": "#/$defs/Tree"}},
    }
    field = form_fields(schema)[0]
    while field.fields:
        field = field.fields[0]
    assert field.kind == "value"


@pytest.mark.parametrize("kind", discover(nodes).kinds())
def test_every_node_type_has_a_form(kind: str) -> None:
    """Each setting of each node type is a field with a label and a help text."""
    schema = discover(nodes).get(kind).Settings.model_json_schema()
    for field in form_fields(schema):
        assert field.label
        assert field.help
        assert field.kind != "value"


def test_a_trigger_field_shows_only_rules_of_its_type() -> None:
    """A text has lengths and a pattern, a number has bounds, and allowed values are a list."""
    schema = discover(nodes).get("webhook_input").Settings.model_json_schema()
    declared = form_fields(schema)[0].fields
    text_main, text_more = visible_fields(declared, {"type": "string"})
    number_main, number_more = visible_fields(declared, {"type": "integer"})
    assert {"min_length", "max_length", "pattern", "source"} == {field.name for field in text_more}
    assert {"minimum", "maximum", "source"} == {field.name for field in number_more}
    allowed = next(field for field in number_main if field.name == "enum")
    assert (allowed.kind, allowed.item and allowed.item.kind) == ("list", "number")
    assert "enum" not in {field.name for field in visible_fields(declared, {"type": "boolean"})[0]}
    assert [field.name for field in text_main][:2] == ["name", "type"]


def test_a_new_entry_is_accepted_once_it_has_a_name() -> None:
    """Required fields are filled with something harmless."""
    schema = discover(nodes).get("webhook_input").Settings.model_json_schema()
    assert fresh_object(form_fields(schema)[0].fields) == {"name": "", "type": "string"}


def test_a_folded_card_says_what_matters() -> None:
    """Name, type, and whether it is required or has a default."""
    assert card_summary(
        {"name": "style", "type": "string", "default": "noir", "enum": ["noir", "studio"]}
    ) == (
        "style",
        "text · default noir · 2 values",
    )
