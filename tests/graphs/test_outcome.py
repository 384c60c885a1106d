"""One attempt, one record."""

import math

import pytest

from graphs.errors import AmbiguousError, OperatorError, PermanentError, ThrottledError, TransientError
from graphs.node import Nothing, Redo, Wait
from graphs.outcome import Done, Failed, Redone, RetryAt, Waits, decide

SCHEDULE = (30, 120, 480)
NOW = 1000.0


def test_outputs_are_done() -> None:
    """What a node returns is its result."""
    outputs = Nothing()
    assert decide(outputs, 1, SCHEDULE, NOW) == Done(outputs)


def test_a_permanent_error_fails_after_one_attempt() -> None:
    """Invalid input is never retried (S40), and the field is kept."""
    outcome = decide(PermanentError("node.qc_failed", "Too small.", field="size"), 1, SCHEDULE, NOW)
    assert isinstance(outcome, Failed)
    assert (outcome.attempts, outcome.retryable, outcome.alert) == (1, False, False)
    assert (outcome.failure.code, outcome.failure.field) == ("node.qc_failed", "size")
    assert outcome.failure.error_class == "permanent"


def test_a_transient_error_follows_the_schedule_then_fails() -> None:
    """1 + 3 attempts at 30 s, 2 min and 8 min (S38)."""
    error = TransientError("node.provider_timeout", "No answer in time.")
    outcomes = [decide(error, attempt, SCHEDULE, NOW) for attempt in (1, 2, 3, 4)]
    assert [each.wake_at for each in outcomes if isinstance(each, RetryAt)] == [1030, 1120, 1480]
    assert isinstance(outcomes[3], Failed)
    assert (outcomes[3].attempts, outcomes[3].retryable) == (4, True)


def test_a_transient_error_may_ask_for_more_time() -> None:
    """Retry-After lengthens the delay up to double."""
    outcome = decide(TransientError("node.provider_unavailable", "Busy.", retry_after=50), 1, SCHEDULE, NOW)
    assert isinstance(outcome, RetryAt)
    assert outcome.wake_at == 1050


@pytest.mark.parametrize(
    ("asked", "wake_at"),
    [(None, 1030), (5, 1005), (0, 1030), (math.nan, 1030), (math.inf, 4600), (1e9, 4600)],
)
def test_a_throttled_call_waits_without_counting(asked: float | None, wake_at: float) -> None:
    """A wait is not an attempt (S122), lasts as long as asked, and ends."""
    outcome = decide(
        ThrottledError("node.provider_rate_limited", "Slow.", retry_after=asked), 4, SCHEDULE, NOW
    )
    assert isinstance(outcome, Waits)
    assert (outcome.reason, outcome.wake_at, outcome.alert) == ("rate_limited", wake_at, False)


def test_an_unknown_outcome_is_held_for_a_person() -> None:
    """A paid call without an answer is never sent again by itself (S121)."""
    outcome = decide(AmbiguousError("node.provider_outcome_unknown", "No answer."), 1, SCHEDULE, NOW)
    assert isinstance(outcome, Waits)
    assert (outcome.reason, outcome.wake_at, outcome.alert) == ("unknown outcome", None, True)


def test_an_operators_error_fails_and_alerts() -> None:
    """What only operators can mend is not retried."""
    outcome = decide(OperatorError("node.provider_auth", "The key is refused."), 1, SCHEDULE, NOW)
    assert isinstance(outcome, Failed)
    assert (outcome.alert, outcome.retryable) == (True, False)


def test_an_unexpected_error_is_ours_and_says_nothing_of_itself() -> None:
    """A bug fails the step as run.internal, with an alert and without its text."""
    outcome = decide(RuntimeError("postgres://user:secret@host"), 2, SCHEDULE, NOW)
    assert isinstance(outcome, Failed)
    assert (outcome.failure.code, outcome.attempts, outcome.alert) == ("run.internal", 2, True)
    assert "secret" not in outcome.failure.description


def test_a_node_may_ask_to_be_woken() -> None:
    """Its state comes back to it."""
    outcome = decide(Wait(5, {"job": "x"}, "queued"), 1, SCHEDULE, NOW)
    assert outcome == Waits("provider", 1005, {"job": "x"}, "queued")
    assert decide(Wait(-5, {}), 1, SCHEDULE, NOW) == Waits("provider", NOW, {})


def test_quality_control_may_ask_for_the_work_again() -> None:
    """The change travels with the request (S45)."""
    assert decide(Redo({"seed": 2}, "blurred"), 1, SCHEDULE, NOW) == Redone({"seed": 2}, "blurred")
