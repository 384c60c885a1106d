"""Declarations of trigger fields: consistent, or refused when the graph is checked."""

import json
import time
from typing import Any

import pytest
from pydantic import ValidationError

from graphs.fields import FieldSpec, compile_pattern
from graphs.trigger import TriggerContract


def contract(**rules: Any) -> TriggerContract:
    return TriggerContract([{"name": "f", "type": "string"} | rules])


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"name": "callback_url"}, "reserved"),
        ({"name": "trigger"}, "reserved"),
        ({"name": "__proto__"}, "pattern"),
        ({"name": "a b"}, "pattern"),
        ({"type": "text"}, "string"),
        ({"type": "integer", "min_length": 1}, "min_length does not apply"),
        ({"minimum": 1}, "minimum does not apply"),
        ({"type": "object", "enum": [{}]}, "enum does not apply"),
        ({"min_length": 3, "max_length": 2}, "greater than"),
        ({"type": "number", "minimum": 3, "maximum": 2}, "greater than"),
        ({"enum": []}, "at least 1"),
        ({"enum": [1]}, "not of type string"),
        ({"default": 1}, "not of type string"),
        ({"type": "integer", "default": True}, "not of type integer"),
        ({"enum": ["a"], "default": "b"}, "not one of the allowed"),
        ({"pattern": "["}, "unclosed"),
        ({"pattern": "(?=a)"}, "look-ahead"),
        ({"pattern": r"(a)\1"}, "backreferences"),
        ({"pattern": "a" * 201}, "200"),
        ({"pattern": r"(?:(?:\pL{0,30}){0,30}){0,30}"}, "size"),
        ({"pattern": "a", "max_length": 1001}, "beside a pattern"),
        ({"source": "a["}, "JMESPath"),
        ({"source": "a.b | map(&nofunction(@), c)"}, "nofunction"),
        ({"source": "[" * 900}, ""),
        ({"source": "(" * 900}, ""),
        ({"source": "a" * 1001}, "1000"),
        ({"surprise": 1}, "Extra"),
    ],
)
def test_a_wrong_declaration_is_refused(rules: dict, words: str) -> None:
    """It fails when the workflow is checked, not when a request comes."""
    with pytest.raises(ValidationError) as caught:
        contract(**rules)
    assert words in str(caught.value)


def test_two_fields_of_one_name_are_refused() -> None:
    """Each field is one output socket."""
    with pytest.raises(ValueError, match="two fields are called 'f'"):
        TriggerContract([{"name": "f", "type": "string"}] * 2)


def test_hostile_patterns_take_linear_time() -> None:
    """Patterns that ruin backtracking engines cost microseconds."""
    for pattern in ("(a+)+$", "(a|a)*$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$"):
        matcher = compile_pattern(pattern)
        started = time.process_time()
        matcher.isinstance_python("a" * 999 + "!")
        assert time.process_time() - started < 0.2


def test_a_declaration_survives_its_json() -> None:
    """The plan stores settings as JSON."""
    field = FieldSpec(name="f", type="integer", enum=[1, 2], default=1, source="a.b")
    assert FieldSpec.model_validate(json.loads(field.model_dump_json())) == field
