"""Two texts compared by words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.words import Piece, word_diff


@given(st.text(alphabet="ab c.\n雪é", max_size=60), st.text(alphabet="ab c.\n雪é", max_size=60))
def test_the_pieces_make_up_both_texts(before: str, after: str) -> None:
    """Rule: nothing is lost and nothing invented."""
    pieces = word_diff(before, after)
    assert "".join(each.text for each in pieces if each.kind != "added") == before
    assert "".join(each.text for each in pieces if each.kind != "removed") == after
    assert all(each.text for each in pieces)


def test_whole_words_are_compared() -> None:
    """Rule: a word changes as a whole, also where it begins like the other one."""
    assert word_diff("a warm light", "a warmer light") == (
        Piece("same", "a "),
        Piece("removed", "warm"),
        Piece("added", "warmer"),
        Piece("same", " light"),
    )


def test_neighbouring_words_are_one_change() -> None:
    """Rule: two changed words side by side read as one change, not as four."""
    assert [each.kind for each in word_diff("in soft light today", "in hard rain today")] == [
        "same",
        "removed",
        "added",
        "same",
    ]


def test_scripts_without_spaces_are_compared_by_character() -> None:
    """Rule: one changed character of Japanese is one changed character."""
    assert Piece("added", "雨") in word_diff("白い雪の日", "白い雨の日")


@pytest.mark.parametrize("size", [3_000, 400_000])
def test_long_texts_take_no_time(size: int) -> None:
    """Rule: whatever the texts, an answer comes at once."""
    begin = time.perf_counter()
    word_diff("a b " * size, "b a " * size + "x")
    assert time.perf_counter() - begin < 2
