"""The one rule for links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.check import accepts, fits
from graphs.compatibility import conversion, convert

names = st.sampled_from(["Text", "Integer", "Number", "Boolean", "Payload", "Any", "Image", "Prompt"])
types = st.one_of(names, names.map("List[{}]".format))


@pytest.mark.parametrize(
    ("output", "target", "how"),
    [
        ("Image", "Image", ""),
        ("Image", "Any", ""),
        ("Any", "Image", ""),
        ("Integer", "Number", ""),
        ("Integer", "Text", "text"),
        ("Number", "Text", "text"),
        ("Image", "List[Image]", "wrap"),
        ("Integer", "List[Text]", "text_wrap"),
        ("List[Integer]", "List[Text]", "each_text"),
        ("List[Any]", "List[Image]", ""),
        ("Any", "List[Image]", "listed"),
        ("List[Image]", "Any", ""),
        ("Number", "Integer", None),
        ("Text", "Integer", None),
        ("Boolean", "Text", None),
        ("Boolean", "Integer", None),
        ("Payload", "Text", None),
        ("Text", "Payload", None),
        ("Prompt", "Text", None),
        ("List[Image]", "Image", None),
        ("List[Text]", "List[Integer]", None),
        ("Image", "List[Text]", None),
    ],
)
def test_pairs(output: str, target: str, how: str | None) -> None:
    """What passes, what is changed on the way, and what is refused."""
    assert conversion(output, target) == how
    assert fits(output, target) is (how is not None)


@given(types)
def test_everything_fits_itself_and_any(kind: str) -> None:
    """No type is without a partner."""
    assert fits(kind, kind)
    assert fits(kind, "Any")
    assert fits("Any", kind)


@given(st.lists(types, max_size=6))
def test_accepts_is_the_same_rule_as_a_table(kinds: list[str]) -> None:
    """The canvas asks once and agrees with check."""
    table = accepts(kinds)
    assert set(table) == set(kinds)
    assert all((output in table[target]) == fits(output, target) for output in kinds for target in kinds)


SAMPLES = {"Text": "a", "Integer": 3, "Number": 2.5, "Boolean": True, "Payload": {"a": 1}, "Any": "x"}


@given(output=types, target=types)
def test_converted_values_are_of_the_target_type(output: str, target: str) -> None:
    """A list where a list is wanted, text where text is wanted."""
    item = output.removeprefix("List[").removesuffix("]")
    value = SAMPLES.get(item, {"id": 1})
    how = conversion(output, target)
    if how is None:
        return
    result = convert([value] if output != item else value, how)
    if target.startswith("List["):
        assert isinstance(result, list)
        result = result[0]
    if target in {"Text", "List[Text]"} and item != "Any":
        assert isinstance(result, str)
