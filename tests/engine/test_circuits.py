"""The breaker of a service: opened once, one trial, by many processes at the same time (R10)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from app.engine import circuits
from app.engine.call_records import Intent
from app.engine.circuits import PAUSE, THRESHOLD, Report
from app.engine.departures import Departed, Departure, HeldBack, depart
from app.engine.paid import PaidCalls
from app.engine.records import Claimed
from app.store.database import Database
from app.store.tables import alert, call, provider_breaker
from graphs.errors import NodeError, ThrottledError
from tests.support.paying import REQUEST, claimed_runs, connection, keep, ticket, with_calls
from tests.support.rig import CALLER, ORG, Clock, Rig
from tests.support.service import Service

Build = Callable[..., Rig]
PLACE = ORG, "painter"
PROCESSES = 8


def departure(claimed: Claimed) -> Departure:
    run_id = claimed.run.id
    who = ORG, CALLER, run_id, 0, claimed.fence
    return Departure(Intent(*who, "gen", 0, f"{run_id}:gen:0", "painter", "m1", 1.0, keyed=False), 150.0)


def breaker(rig: Rig) -> Any:
    return rig.rows(provider_breaker)[0]


def all_at_once(rig: Rig, work: Callable[[Database, Claimed], Any], runs: list[Claimed]) -> list[Any]:
    """Do it in as many threads as there are runs, each with a connection pool of its own, at one moment."""
    start = threading.Barrier(len(runs))

    def one(claimed: Claimed) -> Any:
        database = Database(rig.db.engine.url.render_as_string(hide_password=False), pool_size=1)
        try:
            start.wait(20)
            return work(database, claimed)
        finally:
            database.close()

    with ThreadPoolExecutor(len(runs)) as threads:
        return list(threads.map(one, runs))


def leave(database: Database, claimed: Claimed) -> Any:
    with database.write() as writing:
        return depart(writing, [departure(claimed)])[0]


def fails(database: Database, claimed: Claimed) -> Any:
    """A call that leaves, if it may, and fails."""
    answer = leave(database, claimed)
    if isinstance(answer, Departed):
        trial = answer.call.id if answer.trial else None
        with database.write() as writing:
            circuits.tell(writing, [Report(PLACE, alive=False, reason="down", trial=trial)])
    return answer


def test_down_then_back_for_many_processes(rig: Build, clock: Clock) -> None:
    """Eight processes at once: the threshold and what was in flight is sent, one opens, one makes the trial,
    and after it all go on."""
    here = rig()
    runs = claimed_runs(here, 5 * PROCESSES)
    rounds = [runs[first : first + PROCESSES] for first in range(0, len(runs), PROCESSES)]
    gone = [each for some in rounds[:3] for each in all_at_once(here, fails, some)]
    sent = [each for each in gone if isinstance(each, Departed)]
    assert THRESHOLD <= len(sent) <= THRESHOLD + PROCESSES
    assert all(isinstance(each, HeldBack) for each in gone[2 * PROCESSES :])
    assert len(here.rows(alert)) == 1
    assert breaker(here).state == "open"

    clock.now += PAUSE
    trying = all_at_once(here, leave, rounds[3])
    trials = [each for each in trying if isinstance(each, Departed)]
    assert [each.trial for each in trials] == [True]
    assert breaker(here).trial_by == trials[0].call.id

    here.do(circuits.tell, Report(PLACE, alive=True, trial=trials[0].call.id))
    assert breaker(here).state == "closed"
    assert all(isinstance(each, Departed) for each in all_at_once(here, leave, rounds[4]))


def test_each_failed_trial_waits_longer(rig: Build, clock: Clock) -> None:
    """A failed trial opens the breaker again, for twice as long, up to five minutes."""
    here = rig()
    runs = claimed_runs(here, 10)
    for claimed in runs[:THRESHOLD]:
        fails(here.db, claimed)
    waits = []
    for claimed in runs[THRESHOLD:]:
        held = leave(here.db, claimed)
        assert isinstance(held, HeldBack)
        waits.append(held.until - clock.now)
        clock.now = held.until
        assert fails(here.db, claimed).trial
    assert waits == [30.0, 60.0, 120.0, 240.0, 300.0]


def test_a_trial_that_nobody_tells_of_is_lost(rig: Build, clock: Clock) -> None:
    """When the worker that made the trial dies, another one makes the next, after the longest answer time."""
    here = rig()
    runs = claimed_runs(here, THRESHOLD + 3)
    for claimed in runs[:THRESHOLD]:
        fails(here.db, claimed)
    clock.now += PAUSE
    assert leave(here.db, runs[-1]).trial
    assert isinstance(leave(here.db, runs[-2]), HeldBack)
    clock.now += 150.0
    assert leave(here.db, runs[-3]).trial


def test_news_of_older_calls_do_not_decide_a_trial(rig: Build, clock: Clock) -> None:
    """Only the trial itself closes the breaker or opens it again."""
    here = rig()
    runs = claimed_runs(here, THRESHOLD + 1)
    for claimed in runs[:THRESHOLD]:
        fails(here.db, claimed)
    clock.now += PAUSE
    assert leave(here.db, runs[-1]).trial
    for alive in (True, False):
        here.do(circuits.tell, Report(PLACE, alive), Report(PLACE, alive, trial="call_other"))
        assert breaker(here).state == "half_open"


def test_a_success_ends_the_row_of_failures(rig: Build) -> None:
    """Failures count in a row: one success between them starts the count anew."""
    here = rig()
    runs = claimed_runs(here, 2 * THRESHOLD)
    for claimed in runs[: THRESHOLD - 1]:
        fails(here.db, claimed)
    here.do(circuits.tell, Report(PLACE, alive=True))
    for claimed in runs[THRESHOLD:-2]:
        fails(here.db, claimed)
    assert breaker(here).state == "closed"


def test_a_held_back_call_leaves_no_row_and_is_a_wait(rig: Build, clock: Clock) -> None:
    """While the breaker is open steps wait with the time to ask again; nothing is written, nothing sent."""
    here = rig()
    runs = claimed_runs(here, THRESHOLD + 2)

    async def each_once(paid: PaidCalls) -> list[Exception]:
        errors: list[Exception] = []
        for claimed in runs:
            try:
                await paid.generate(ticket(claimed), REQUEST, keep)
            except NodeError as error:
                errors.append(error)
        return errors

    with Service(((503, {}, {}),)) as service:
        errors = with_calls(here.db, connection(service.url), each_once)
        assert len(service.ledger) == THRESHOLD
        assert [type(each) for each in errors[THRESHOLD:]] == [ThrottledError] * 2
        last = errors[-1]
        assert isinstance(last, ThrottledError)
        assert (last.code, last.retry_after) == ("node.circuit_open", PAUSE)
        assert "painter answered 503" in last.description
        assert len(here.rows(call)) == THRESHOLD
        service.fates = ("ok",)
        clock.now += PAUSE
        made = with_calls(
            here.db, connection(service.url), lambda paid: paid.generate(ticket(runs[-1]), REQUEST, keep)
        )
    assert made.credit_cost == 0.25
    assert breaker(here).state == "closed"


def test_rejections_are_no_failures_of_the_service(rig: Build) -> None:
    """A service that refuses inputs or asks to wait is alive."""
    here = rig()
    runs = claimed_runs(here, THRESHOLD + 1)

    async def each_once(paid: PaidCalls) -> None:
        for claimed in runs:
            with pytest.raises(NodeError, match="answered 4"):
                await paid.generate(ticket(claimed), REQUEST, keep)

    with Service(((400, {}, {}), (429, {}, {}))) as service:
        with_calls(here.db, connection(service.url), each_once)
    assert not here.rows(provider_breaker)
