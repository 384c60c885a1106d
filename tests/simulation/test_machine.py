"""The state machine over run, gate, budget and delivery: bounded here, longer under ./run simulate (R12)."""

import re
from unittest import mock

import pytest
from hypothesis.stateful import run_state_machine_as_test

from app.engine import tally
from tests.simulation.machine import Machine
from tests.simulation.parts import Parts
from tests.simulation.play import play, settings_for
from tests.simulation.story import BrokenRuleError


@pytest.fixture(scope="module")
def parts():
    made = Parts()
    yield made
    made.close()


@pytest.mark.timeout(300)
def test_no_order_of_moves_breaks_a_rule(parts):
    """Crashes, repeated and lost messages, lost answers, clock steps, overcharging and operators' decisions
    in drawn orders: every rule at every commit, and in the end nothing open and all books equal."""
    made = type("Bounded", (Machine,), {"parts": parts})
    run_state_machine_as_test(made, settings=settings_for(10, 30, derandomize=True))


@pytest.mark.timeout(300)
def test_a_story_that_breaks_a_rule_is_had_again(parts, capsys):
    """Money that is booked twice is found, by the same seed in the same way, and by the blob it prints."""
    with mock.patch.object(tally, "in_ledger", return_value=set()):
        told = []
        blob = ""
        for _ in range(3):
            with pytest.raises(BrokenRuleError) as broken:
                play(parts, 40, 15, 3, blob)
            notes = "\n".join(getattr(broken.value, "__notes__", ()))
            told.append((str(broken.value), notes or capsys.readouterr().out))
            if len(told) == 2:
                printed = re.search(r"reproduce_failure\('([\d.]+)', b'([^']+)'", told[0][1])
                assert printed is not None
                blob = f"{printed[1]}:{printed[2]}"
    assert told[0] == told[1]
    assert told[0][0] == told[2][0]
    assert "state.trigger(" in told[0][1]
