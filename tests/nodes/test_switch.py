"""Switch: the first case that holds, and nothing else, goes on."""

import asyncio

import pytest
from pydantic import ValidationError

from graphs.errors import PermanentError
from nodes.switch import Inputs, Settings, Switch


def taken(ctx, value, *cases, through=None, **settings):
    """The outputs that fired."""
    node = Switch(Settings(cases=cases, **settings))
    inputs = Inputs(value=value) if through is None else Inputs(value=value, through=through)
    return asyncio.run(node.run(inputs, ctx)).model_extra


@pytest.mark.parametrize(
    ("value", "case", "holds"),
    [
        ("Shoes", {"when": "equals", "value": " shoes "}, True),
        ("shoes", {"when": "equals", "value": "shoe"}, False),
        (3, {"when": "equals", "value": "3.0"}, True),
        (9007199254740993, {"when": "equals", "value": "9007199254740993"}, True),
        (9007199254740993, {"when": "equals", "value": "9007199254740992"}, False),
        (9007199254740993, {"when": "greater", "value": "9007199254740992"}, True),
        (10**400, {"when": "equals", "value": "shoes"}, False),
        (10**400, {"when": "greater", "value": "9"}, True),
        (float("nan"), {"when": "equals", "value": "shoes"}, False),
        (1000, {"when": "equals", "value": "1_000"}, False),
        (True, {"when": "equals", "value": "true"}, True),
        (None, {"when": "equals", "value": ""}, False),
        ("b", {"when": "one_of", "values": ["A", "B"]}, True),
        ("ab", {"when": "one_of", "values": ["a", "b"]}, False),
        ("winter coat", {"when": "contains", "value": "COAT"}, True),
        (["hat", "coat"], {"when": "contains", "value": "coat"}, True),
        ({"coat": 1}, {"when": "contains", "value": "coat"}, True),
        (None, {"when": "contains", "value": ""}, False),
        ("12", {"when": "greater", "value": "9"}, True),
        (9, {"when": "greater", "value": "9"}, False),
        ("many", {"when": "less", "value": "9"}, False),
        (True, {"when": "less", "value": "9"}, False),
        (8.5, {"when": "less", "value": "9"}, True),
        ("  ", {"when": "empty"}, True),
        ([], {"when": "empty"}, True),
        (0, {"when": "empty"}, False),
        ({"a": {"b": 2}}, {"when": "expression", "value": "a.b == `2`"}, True),
        ({"a": {}}, {"when": "expression", "value": "a.b"}, False),
        ("text", {"when": "expression", "value": "a"}, False),
    ],
)
def test_conditions(ctx, value, case, holds):
    """Numbers compare as numbers, text as text, and what cannot be compared does not hold."""
    found = taken(ctx, value, {"name": "yes", **case})
    assert list(found) == ["yes" if holds else "else"]
    assert found.popitem()[1] is value


def test_only_the_first_case_that_holds_fires(ctx):
    """Two cases that both hold: the earlier one is taken."""
    cases = (
        {"name": "big", "when": "greater", "value": "1"},
        {"name": "any", "when": "greater", "value": "0"},
    )
    assert taken(ctx, 5, *cases) == {"big": 5}
    assert taken(ctx, 1, *cases) == {"any": 1}


def test_a_part_is_compared_and_another_value_passed_on(ctx, image):
    """What decides and what flows may be two things; a missing part is empty."""
    case = {"name": "none", "when": "empty"}
    pictures = [image()]
    assert taken(ctx, {"a": 1}, case, through=pictures, pick="category") == {"none": pictures}
    assert taken(ctx, {"category": "x"}, case, pick="category") == {"else": {"category": "x"}}


def test_case_counts_when_asked(ctx):
    """Capitals and blanks matter only when the setting says so."""
    case = {"name": "yes", "value": "A"}
    assert taken(ctx, "a ", case, ignore_case=False) == {"else": "a "}


def test_an_expression_that_does_not_fit_is_the_inputs_fault(ctx):
    """A function over the wrong type ends the step with a reason, not with a crash."""
    with pytest.raises(PermanentError, match="cannot be applied") as caught:
        taken(ctx, {"a": 1}, {"name": "x", "when": "expression", "value": "length(a)"})
    assert caught.value.code == "node.template_error"


@pytest.mark.parametrize(
    ("cases", "reason"),
    [
        ([{"name": "a"}, {"name": "a"}], "two cases are called 'a'"),
        ([{"name": "else"}], "else"),
        ([{"name": "Big one"}], "name"),
        ([{"name": "a", "when": "greater", "value": "many"}], "compares numbers"),
        ([{"name": "a", "when": "one_of"}], "at least one value"),
        ([{"name": "a", "when": "expression", "value": "a["}], "JMESPath"),
    ],
)
def test_wrong_cases_are_named(cases, reason):
    """A case that can never work is refused before the graph is published."""
    with pytest.raises(ValidationError, match=reason):
        Settings(cases=cases)


def test_each_case_is_an_output_in_order():
    """Sockets follow the cases; the one for everything else is last."""
    settings = Settings(cases=[{"name": "b"}, {"name": "a"}])
    assert [socket.name for socket in Switch.outputs_for(settings)] == ["b", "a", "else"]
