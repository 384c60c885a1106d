"""A trigger as JSON Schema."""

import json

from graphs.trigger import RESERVED, TriggerContract


def test_json_schema_says_what_is_read() -> None:
    """Nested where the source points, with bounds, allowed values and the reserved fields."""
    schema = TriggerContract(
        [
            {
                "name": "n",
                "type": "string",
                "required": True,
                "max_length": 9,
                "source": "p.n",
                "description": "Name.",
            },
            {"name": "s", "type": "string", "enum": ["a"], "default": "a"},
            {"name": "i", "type": "integer", "minimum": 1, "maximum": 8},
            {"name": "l", "type": "array", "required": True, "min_length": 1},
            {"name": "x", "type": "string", "source": "p.l[0]"},
        ]
    ).json_schema()
    assert schema["required"] == ["p", "l"]
    place = schema["properties"]["p"]
    assert (place["type"], place["required"]) == ("object", ["n"])
    assert place["properties"]["n"] == {"type": "string", "description": "Name.", "maxLength": 9}
    assert schema["properties"]["s"] == {"type": ["string", "null"], "enum": ["a", None], "default": "a"}
    assert schema["properties"]["i"] == {"type": ["integer", "null"], "minimum": 1, "maximum": 8}
    assert schema["properties"]["l"] == {"type": "array", "minItems": 1}
    assert schema["x-computed"]["x"]["x-source"] == "p.l[0]"
    assert set(schema["properties"]) >= RESERVED
    json.dumps(schema)
