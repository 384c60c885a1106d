"""Whether a value fits a socket, said in words."""

import pytest

from graphs.typed import wrong_value

PICTURE = {"asset_id": "a", "sha256": "f" * 64, "format": "png", "width": 1, "height": 1, "bytes": 3}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("Text", "x"),
        ("Integer", 3),
        ("Number", 3),
        ("Boolean", False),
        ("Payload", {"a": [1, None]}),
        ("Prompt", {"positive": "a lamp"}),
        ("Image", PICTURE),
        ("List[Image]", [PICTURE]),
        ("List[List[Text]]", [["x"], []]),
        ("Any", {"whatever": [1]}),
        ("Nobody knows", object),
    ],
)
def test_what_fits_is_let_through(kind, value):
    """A type that is not known here takes anything."""
    assert wrong_value(kind, value) is None


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("Text", 3, "must be a text"),
        ("Integer", 3.5, "must be a whole number"),
        ("Integer", True, "must be a whole number"),
        ("Boolean", "yes", "must be true or false"),
        ("Prompt", {"negative": "x"}, "must be a value of type Prompt: positive"),
        ("Image", {**PICTURE, "width": 0}, "must be a picture: width"),
        ("List[Image]", PICTURE, "must be a list, each item a picture"),
        ("List[Text]", ["x", 3], "must be a list, each item a text"),
    ],
)
def test_what_does_not_fit_says_what_would(kind, value, told):
    """Nothing is converted: 3 is no text, true is no number."""
    assert (wrong_value(kind, value) or "").startswith(told)
