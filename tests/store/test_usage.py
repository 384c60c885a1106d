"""Counting what triggers bring: of several workers that begin at the same moment one counts."""

import threading

import pytest

from app.store import usage

COUNTS = {("wfl_1", 1, 1, "cal_1", ""): (1, 1.0)}


@pytest.mark.parametrize("before", [None, "run_1"])
def test_of_two_that_move_the_mark_one_counts(database, before):
    """Whoever comes second waits for the first, adds nothing, and that is no error."""
    if before:
        with database.write() as connection:
            assert usage.add(connection, {}, None, before)
    answers = []

    def second():
        with database.write() as connection:
            answers.append(usage.add(connection, COUNTS, before, "run_2"))

    late = threading.Thread(target=second)
    with database.write() as connection:
        answers.append(usage.add(connection, COUNTS, before, "run_2"))
        late.start()
        late.join(0.2)
    late.join(20)
    assert answers == [True, False]
    with database.read() as connection:
        assert usage.mark(connection) == "run_2"
