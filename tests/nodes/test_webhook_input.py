"""Rules of the webhook input."""

import asyncio
from dataclasses import replace

import pytest
from pydantic import ValidationError

from graphs.node import Nothing
from nodes.webhook_input import Settings, WebhookInput

FIELDS = [
    {"name": "product_name", "type": "string", "required": True},
    {"name": "count", "type": "integer"},
    {"name": "price", "type": "number"},
    {"name": "urgent", "type": "boolean"},
    {"name": "extra", "type": "object"},
    {"name": "tags", "type": "array"},
]


def test_every_field_is_a_typed_output_and_the_payload_another():
    """Each declared field is an output of its name and type, and `trigger` carries all of them (S24)."""
    sockets = WebhookInput.outputs_for(Settings(fields=FIELDS))
    assert {socket.name: socket.type for socket in sockets} == {
        "product_name": "Text",
        "count": "Integer",
        "price": "Number",
        "urgent": "Boolean",
        "extra": "Payload",
        "tags": "List[Any]",
        "trigger": "Payload",
    }


def test_accepted_values_come_out_and_absent_ones_do_not_fire(ctx):
    """What was accepted comes out under the field's name; an absent optional field stays unset."""
    run = replace(ctx, run=replace(ctx.run, trigger={"product_name": "Mug", "count": 0}))
    outputs = asyncio.run(WebhookInput(Settings(fields=FIELDS)).run(Nothing(), run))
    assert outputs.model_dump(exclude_unset=True) == {
        "product_name": "Mug",
        "count": 0,
        "trigger": {"product_name": "Mug", "count": 0},
    }
    assert outputs.model_fields_set == {"product_name", "count", "trigger"}


@pytest.mark.parametrize("name", ["trigger", "callback_url"])
def test_reserved_names_are_no_fields(name):
    """A name that means something else already cannot be declared."""
    with pytest.raises(ValidationError, match=name):
        Settings(fields=[{"name": name, "type": "string"}])


def test_two_fields_of_one_name_are_refused():
    """A field name is declared once."""
    with pytest.raises(ValidationError, match="product_name"):
        Settings(fields=[FIELDS[0], FIELDS[0]])
