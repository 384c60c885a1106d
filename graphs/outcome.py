"""What becomes of one attempt: a pure decision, one frozen record (design §4.4, contract §6)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from graphs.backoff import next_delay
from graphs.errors import ErrorClass, NodeError
from graphs.node import Json, Redo, Wait

WaitReason = Literal["provider", "delay", "rate_limited", "retry", "unknown outcome"]

THROTTLE_SECONDS = 30.0
THROTTLE_MAX_SECONDS = 3_600.0
INTERNAL = "run.internal"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt did not succeed, as it is recorded (S39, S41)."""

    code: str
    description: str
    error_class: ErrorClass
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """The node gave its outputs."""

    outputs: BaseModel


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing is decided yet, and this was not an attempt.

    Args:
        reason: What is waited for.
        wake_at: Seconds since the epoch; None until a person decides.
        state: Given back to the node when it wakes.
        failure: Set when an error, not the node, asked for the wait.
        alert: Whether the people who run the system must be told.
    """

    reason: WaitReason
    wake_at: float | None
    state: Json | None = None
    note: str = ""
    failure: Failure | None = None
    alert: bool = False


@dataclass(frozen=True, slots=True)
class RetryAt:
    """The attempt failed and the schedule has another one; ``wake_at`` in seconds since the epoch."""

    wake_at: float
    failure: Failure
    attempts: int
    reason: WaitReason = field(default="retry", init=False)


@dataclass(frozen=True, slots=True)
class Failed:
    """The step failed for good.

    Args:
        attempts: Tries it took.
        retryable: Whether the same request may succeed another time.
        alert: Whether the people who run the system must be told.
    """

    failure: Failure
    attempts: int
    retryable: bool
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Redone:
    """Quality control asks for the work again, with a change (S45); the engine bounds how often."""

    change: Json
    reason: str


Outcome = Done | Waits | RetryAt | Failed | Redone


def decide(
    result: BaseModel | Wait | Redo | Exception, attempt: int, delays: Sequence[float], now: float
) -> Outcome:
    """What happens next to a step.

    Args:
        result: What ``run`` returned or raised; an error outside the NodeError tree is our own fault.
        attempt: Number of this attempt, from 1; waits do not count.
        delays: The retry schedule in seconds (``SAKUGA_RETRY_DELAYS``).
        now: Seconds since the epoch.
    """
    match result:
        case NodeError():
            return _after_error(result, attempt, delays, now)
        case Exception():
            description = "The node stopped on an error of the system's own; operators have been told."
            return Failed(Failure(INTERNAL, description, "operator"), attempt, retryable=False, alert=True)
        case Wait():
            return Waits(result.reason, now + max(0.0, result.seconds), result.state, result.note)
        case Redo():
            return Redone(result.change, result.reason)
        case _:
            return Done(result)


def _after_error(error: NodeError, attempt: int, delays: Sequence[float], now: float) -> Outcome:
    failure = Failure(error.code, error.description, error.error_class, error.field)
    match error.error_class:
        case "transient":
            delay = next_delay(delays, attempt, error.retry_after)
            if delay is None:
                return Failed(failure, attempt, retryable=True)
            return RetryAt(now + delay, failure, attempt)
        case "wait":
            return Waits("rate_limited", now + _pause(error.retry_after), failure=failure)
        case "ambiguous":
            return Waits("unknown outcome", None, failure=failure, alert=True)
        case "operator":
            return Failed(failure, attempt, retryable=False, alert=True)
        case "permanent":
            return Failed(failure, attempt, retryable=False)


def _pause(asked: float | None) -> float:
    if asked is None or not asked > 0:
        return THROTTLE_SECONDS
    return min(asked, THROTTLE_MAX_SECONDS)
