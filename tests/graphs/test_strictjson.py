"""Bytes to an object: nothing that two readers could read differently gets through."""

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.strictjson import MAX_DEPTH, StrictJsonError, pointer, read_object

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def refusal(data: bytes) -> StrictJsonError:
    with pytest.raises(StrictJsonError) as caught:
        read_object(data)
    return caught.value


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_reads_what_json_says(value: dict[str, object]) -> None:
    """Every object comes back as it was written, in either spelling of its text."""
    plain = json.dumps(value, ensure_ascii=False)
    if plain.isascii() or "\ud800" not in plain:
        assert read_object(plain.encode()) == value
    assert read_object(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_bytes_never_raise_anything_else(data: bytes) -> None:
    """Random bytes give an object or a StrictJsonError."""
    with contextlib.suppress(StrictJsonError):
        assert isinstance(read_object(data), dict)


def test_sixty_four_levels_pass_and_one_more_does_not() -> None:
    """The limit is exact, and brackets inside texts do not count."""
    inside = MAX_DEPTH - 1
    assert read_object(b'{"a":' + b"[" * inside + b"]" * inside + b"}")
    assert refusal(b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}").code == "too_deep"
    assert read_object(json.dumps({"a": "[" * 500, '{"\\': '\\"{{' * 100}).encode())


def test_pairs_of_surrogates_are_characters() -> None:
    """An escaped pair is one character; half of it is refused with its place."""
    assert read_object(b'{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}
    assert refusal(b'{"a": [1, "\\ud83d"]}').path == ("a", 1)


def test_a_duplicate_is_found_where_it_is() -> None:
    """The pointer escapes as RFC 6901 says."""
    error = refusal(b'{"x": [{"a~/b": 1, "a~/b": 2}]}')
    assert (error.code, error.path) == ("duplicate_key", ("x", 0, "a~/b"))
    assert pointer(*error.path) == "/x/0/a~0~1b"


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b'"' * 1_000_000,
        b'"\\' * 500_000,
        b'{"' + b"\\u0041" * 160_000,
        b'{"n": ' + b"9" * 1_000_000 + b"}",
        b'{"a":[' + b"[]," * 340_000 + b"[]]}",
    ],
    ids=["lists", "objects", "quotes", "escapes", "escaped key", "digits", "many small lists"],
)
def test_a_megabyte_of_malice_is_read_in_time(data: bytes) -> None:
    """No text of the largest size takes longer than two seconds, however it is built."""
    begun = time.process_time()
    with contextlib.suppress(StrictJsonError):
        read_object(data)
    assert time.process_time() - begun < 2
