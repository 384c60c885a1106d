"""Between what is typed and what is stored."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.forms.spec import FormField
from app.ui.forms.values import (
    REMOVE,
    fresh_name,
    placeholders,
    slider_step,
    to_text,
    to_value,
    typed_number,
    typed_text,
    with_entry,
)

NUMBER = FormField("n", "N", "number")
MAYBE = FormField("n", "N", "number", nullable=True)


@pytest.mark.parametrize(
    ("field", "typed", "stored"),
    [(NUMBER, 3.0, 3), (NUMBER, "2.5", 2.5), (NUMBER, None, REMOVE), (MAYBE, "", None), (NUMBER, 0, 0)],
)
def test_numbers(field: FormField, typed: Any, stored: Any) -> None:
    """Whole numbers stay whole; an empty field is null where allowed, else the default again."""
    assert typed_number(field, typed) == stored


def test_a_slider_needs_two_bounds_that_are_near() -> None:
    """Whole numbers go by one, others by a hundredth; too many steps for a finger have no slider."""
    assert slider_step(FormField("n", "N", "number", minimum=0, maximum=1)) == 0.01
    assert slider_step(FormField("n", "N", "integer", minimum=1, maximum=8)) == 1
    assert slider_step(FormField("n", "N", "integer", minimum=1, maximum=8192)) is None
    assert slider_step(FormField("n", "N", "number", minimum=0)) is None


def test_empty_text_is_null_only_where_allowed() -> None:
    """A plain text may be empty."""
    assert typed_text(FormField("t", "T", "text"), "") == ""
    assert typed_text(FormField("t", "T", "text", nullable=True), "") is None


@pytest.mark.parametrize(
    ("line", "wanted", "value"),
    [
        ("studio", "string", "studio"),
        ("12", "string", "12"),
        ("12", "integer", 12),
        ("1.5", "number", 1.5),
        ("true", "boolean", True),
        ('{"a": 1}', "object", {"a": 1}),
        ("[1, 2]", "array", [1, 2]),
        ("", "string", None),
        ("twelve", "integer", "twelve"),
        ("{broken", "object", "{broken"),
    ],
)
def test_any_value_is_read_as_its_declared_type(line: str, wanted: str, value: Any) -> None:
    """What does not fit is kept as typed, so that the check can name it."""
    assert to_value(line, wanted) == value


JSON = st.recursive(
    st.booleans() | st.integers(-(10**9), 10**9) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_showing_and_reading_a_value_changes_nothing(value: Any) -> None:
    """A value shown as text and read back is the same value."""
    assert to_value(to_text(value)) == value


def test_placeholders_come_once_and_in_order() -> None:
    """Defaults behind a bar are no part of the name."""
    assert placeholders("{{ subject }}, {{style|plain}} and {{subject}}; {{1bad}}") == ("subject", "style")


def test_removing_an_entry_leaves_the_rest() -> None:
    """The given object is never changed."""
    before = {"a": 1, "b": 2}
    assert with_entry(before, "a", REMOVE) == {"b": 2}
    assert with_entry(before, "c", 3) == {"a": 1, "b": 2, "c": 3}
    assert before == {"a": 1, "b": 2}


def test_a_fresh_name_is_free() -> None:
    """The first free number is taken."""
    assert fresh_name({"field", "field_2"}, "field") == "field_3"
