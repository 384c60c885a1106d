"""The ledger of paid calls: one key for a generation of a step, and no second send that could cost twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.engine import calls
from app.engine.call_records import Answered, Call, FenceLostError, Intent, Lost, Submitted
from app.store import tables
from app.store.days import day_of
from tests.support.rig import CALLER, ORG, Rig

Build = Callable[..., Rig]


def intent(rig: Rig, **changed: Any) -> Intent:
    """An intent of a run whose first stage a worker holds."""
    run_id = rig.start()
    (claimed,) = rig.claim((run_id, 0))
    base = Intent(
        *(ORG, CALLER, run_id, 0, claimed.fence, "one", 0, f"{run_id}:one:0"),
        *("painter", "m1", 0.25),
        keyed=False,
    )
    return replace(base, **changed)


def intend(rig: Rig, item: Intent) -> Call:
    made = rig.do(calls.intend, item)[0]
    assert isinstance(made, Call)
    return made


def row(rig: Rig, key: str) -> Any:
    return rig.rows(tables.call, tables.call.c.idempotency_key == key)[0]


def test_an_intent_is_a_row_with_its_price_reserved(rig: Build) -> None:
    """Before a call leaves there is a row with its key, its price in micro-credits and its day."""
    here = rig()
    asked = intent(here)
    made = intend(here, asked)
    kept = row(here, asked.key)
    assert (made.fresh, made.state, kept.state, kept.reserved, kept.charged) == (
        True,
        "intent",
        "intent",
        250_000,
        0,
    )
    assert kept.day == day_of(here.clock.now, "UTC")
    assert kept.workflow_id == "wfl_1"


def test_who_lost_the_stage_sends_nothing(rig: Build) -> None:
    """An intent with an old fence, or of a run that ended, is refused and leaves no row."""
    here = rig()
    asked = intent(here)
    (answer,) = here.do(calls.intend, replace(asked, fence=asked.fence - 1))
    assert isinstance(answer, FenceLostError)
    assert not here.rows(tables.call)


def test_a_crash_after_the_intent_is_unknown_without_keys(rig: Build) -> None:
    """A service without keys is not asked again when nobody saw its answer."""
    here = rig()
    asked = intent(here)
    intend(here, asked)
    again = intend(here, asked)
    assert (again.fresh, again.state) == (False, "unknown")
    assert row(here, asked.key).error_code == "node.provider_outcome_unknown"


def test_a_crash_after_the_intent_is_sent_again_with_the_same_key(rig: Build) -> None:
    """A service that knows keys is asked again, with the same key."""
    here = rig()
    asked = intent(here, keyed=True)
    first, again = intend(here, asked), intend(here, asked)
    assert (again.fresh, again.key, again.id) == (True, first.key, first.id)


def test_a_key_that_was_not_sent_protects_nothing(rig: Build) -> None:
    """Where the first send carried no key, switching keys on later does not make a second send safe."""
    here = rig()
    asked = intent(here)
    intend(here, asked)
    assert intend(here, replace(asked, keyed=True)).state == "unknown"


@pytest.mark.parametrize(("keyed", "rows"), [(False, 2), (True, 1)])
def test_what_certainly_was_not_charged_may_be_tried_again(rig: Build, keyed: bool, rows: int) -> None:
    """After a failure that cost nothing: another row with its number, or the same key where it is known."""
    here = rig()
    asked = intent(here, keyed=keyed)
    first = intend(here, asked)
    assert here.do(calls.settled, Answered(first.id, "failed", error_code="node.provider_unavailable")) == [
        True
    ]
    again = intend(here, asked)
    assert again.fresh
    assert again.key == (asked.key if keyed else f"{asked.key}:2")
    assert len(here.rows(tables.call)) == rows


def test_a_job_outlives_its_worker(rig: Build) -> None:
    """A submitted call is found again with its job, and is not sent."""
    here = rig()
    asked = intent(here)
    made = intend(here, asked)
    here.do(calls.submitted, Submitted(made.id, {"request_id": "r1"}))
    again = intend(here, asked)
    assert (again.fresh, again.state, again.memo["job"]) == (False, "submitted", {"request_id": "r1"})


def test_an_end_is_written_once(rig: Build) -> None:
    """What a call cost is written when it ends; later news about it change nothing."""
    here = rig()
    made = intend(here, intent(here))
    done = Answered(made.id, "done", 0.1, {"result": {"images": []}})
    assert here.do(calls.settled, done) == [True]
    assert here.do(calls.settled, Answered(made.id, "failed")) == [False]
    assert here.do(calls.unknown, Lost(made.id, "x", "y")) == [False]
    kept = row(here, made.key)
    assert (kept.state, kept.charged) == ("done", 100_000)


def test_an_answer_that_came_late_ends_what_was_unknown(rig: Build) -> None:
    """A call that was given up as unknown is settled by its answer all the same."""
    here = rig()
    made = intend(here, intent(here))
    here.do(calls.unknown, Lost(made.id, "node.provider_outcome_unknown", "no answer"))
    assert here.do(calls.settled, Answered(made.id, "done", 0.25)) == [True]


def test_days_are_those_of_the_projects_zone() -> None:
    """Money counts for the calendar day where the project is."""
    at = 1_767_225_540.0  # 2025-12-31T23:59:00Z
    assert (day_of(at, "UTC"), day_of(at, "Asia/Tokyo"), day_of(at, "no/where")) == (
        "2025-12-31",
        "2026-01-01",
        "2025-12-31",
    )
