"""Delays by numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.backoff import next_delay

SCHEDULE = (30, 120, 480)


@pytest.mark.parametrize(("failures", "delay"), [(1, 30), (2, 120), (3, 480), (4, None), (0, None)])
def test_the_schedule_in_order_then_no_more(failures: int, delay: float | None) -> None:
    """30 s, 2 min, 8 min, then give up (S38)."""
    assert next_delay(SCHEDULE, failures) == delay


@pytest.mark.parametrize(
    ("asked", "delay"), [(10, 30), (45, 45), (60, 60), (1000, 60), (-5, 30), (math.nan, 30), (math.inf, 30)]
)
def test_retry_after_lengthens_up_to_double(asked: float, delay: float) -> None:
    """Never earlier than the schedule, never later than twice it."""
    assert next_delay(SCHEDULE, 1, asked) == delay


def test_an_empty_schedule_gives_up_at_once() -> None:
    """No delays means one try only."""
    assert next_delay((), 1) is None


@given(
    st.lists(st.floats(0, 1e6), max_size=6),
    st.integers(-3, 9),
    st.none() | st.floats(allow_nan=True, allow_infinity=True),
)
def test_delay_is_always_between_once_and_twice_the_schedule(
    delays: list[float], failures: int, asked: float | None
) -> None:
    """Whatever is asked for, the bounds hold."""
    delay = next_delay(delays, failures, asked)
    if 1 <= failures <= len(delays):
        assert delay is not None
        assert delays[failures - 1] <= delay <= 2 * delays[failures - 1]
    else:
        assert delay is None
