"""Crash points: the moments at which a process may die, each with a name that a test can ask for.

`SAKUGA_CRASH_AT=name` (or `name:n`) ends the process at the first (or n-th) pass, as `kill -9` would: nothing
is flushed, closed or handed back. For tests and rehearsals of an outage only; unset, a point costs one look
at a global.
"""

import os
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum

VARIABLE = "SAKUGA_CRASH_AT"
STATUS = 137


class Point(StrEnum):
    """Where a process may be told to die; the value is the name in `SAKUGA_CRASH_AT`."""

    MIGRATION_STARTED = "migration-started"
    MIGRATION_APPLIED = "migration-applied"
    MIGRATION_COMMITTED = "migration-committed"
    BOOTSTRAP_WRITTEN = "bootstrap-written"
    BOOTSTRAP_COMMITTED = "bootstrap-committed"
    EXAMPLE_PUBLISHED = "example-published"
    PREPARED = "prepared"
    WRITER_MID_BATCH = "writer-mid-batch"
    ACCEPT_WRITTEN = "accept-written"
    ACCEPT_COMMITTED = "accept-committed"
    ACCEPT_RUNG = "accept-rung"
    REJECT_COMMITTED = "reject-committed"
    CLAIM_WRITTEN = "claim-written"
    CLAIM_COMMITTED = "claim-committed"
    BEFORE_PROVIDER = "before-provider"
    AFTER_PROVIDER = "after-provider"
    CALL_WRITTEN = "call-written"
    CALL_DEPARTED = "call-departed"
    CALL_ANSWERED = "call-answered"
    CALL_PICTURED = "call-pictured"
    CALL_NOTED = "call-noted"
    JOB_NOTED = "job-noted"
    JOB_POLLED = "job-polled"
    ASSET_WRITTEN = "asset-written"
    ASSET_ROW_WRITTEN = "asset-row-written"
    STAGE_PERFORMED = "stage-performed"
    RESULT_KEPT = "result-kept"
    REDO_WRITTEN = "redo-written"
    SETTLE_WRITTEN = "settle-written"
    SETTLE_COMMITTED = "settle-committed"
    SPEND_BOOKED = "spend-booked"
    SPENT_NOTED = "spent-noted"
    SPENT_ADDED_UP = "spent-added-up"
    CHILD_WRITTEN = "child-written"
    PARENT_WOKEN = "parent-woken"
    FINISH_WRITTEN = "finish-written"
    DELIVERY_CLAIMED = "delivery-claimed"
    BEFORE_SEND = "before-send"
    AFTER_SEND = "after-send"
    DELIVERY_WRITTEN = "delivery-written"
    DELIVERY_SETTLED = "delivery-settled"
    SWEEP_LEADING = "sweep-leading"
    SWEEP_WOKEN = "sweep-woken"
    SWEEP_COMMITTED = "sweep-committed"
    HEARTBEAT_COMMITTED = "heartbeat-committed"
    ORPHANS_ADOPTED = "orphans-adopted"
    CANCEL_COMMITTED = "cancel-committed"
    PAUSE_COMMITTED = "pause-committed"
    UNPAUSE_COMMITTED = "unpause-committed"
    REPLAY_COMMITTED = "replay-committed"
    RESUME_COMMITTED = "resume-committed"
    HAND_BACK_STARTED = "hand-back-started"
    HAND_BACK_COMMITTED = "hand-back-committed"
    SCHEDULE_WRITTEN = "schedule-written"
    SCHEDULE_FIRED = "schedule-fired"
    ROWS_WRITTEN = "rows-written"
    ROWS_TAKEN = "rows-taken"
    PUBLISH_WRITTEN = "publish-written"
    PUBLISH_COMMITTED = "publish-committed"
    INBOX_STORED = "inbox-stored"


class UnknownPointError(Exception):
    """The variable names no point, or no number of passes."""

    exit_code = 2

    def __init__(self, given: str) -> None:
        names = ", ".join(Point)
        super().__init__(f"{VARIABLE}: '{given}' is no crash point; name one, or name:n, of: {names}")


_strike: Callable[[Point], None] | None = None


def reached(point: Point) -> None:
    """Say that the process has come to a point; it does not return where the process shall die there."""
    if _strike is not None:
        _strike(point)


def arm(environ: Mapping[str, str]) -> None:
    """Die at the point that the environment names, if it names one.

    Raises:
        UnknownPointError: it names something else.
    """
    global _strike  # noqa: PLW0603 - one process, one death
    given = environ.get(VARIABLE, "")
    _strike = _striker(given) if given else None


def _striker(given: str) -> Callable[[Point], None]:
    name, _, number = given.partition(":")
    readable = not number or (number.isascii() and number.isdigit() and 0 < int(number) < 10**6)
    if name not in set(Point) or not readable or given.endswith(":"):
        raise UnknownPointError(given)
    left, lock = int(number or 1), threading.Lock()

    def strike(point: Point) -> None:
        nonlocal left
        if point == name:
            with lock:
                left -= 1
                if not left:
                    os._exit(STATUS)

    return strike
