"""Rate limiter and circuit breaker: exact, kept in order, nothing lost (S62 to S64, S73)."""

import json
from collections import Counter
from dataclasses import replace
from datetime import datetime

from app.engine import waits
from app.engine.control import Cancel, Resume
from app.store import runs, tables
from graphs.errors import AmbiguousError
from tests.support import probes
from tests.support.receiver import Receiver
from tests.support.rig import CALLER, ORG

HOURLY = {"rate_limiter": {"limit": 100, "window_seconds": 3600}}
BREAKER = {**HOURLY, "circuit_breaker": {"factor": 3}}
GATE = f"wfl_1:{CALLER}"


def told(r):
    """How the wait of a run is told at this moment."""

    def wait(run_id):
        with r.db.read() as connection:
            return json.loads(waits.closely(connection, runs.get(connection, runs.Scope(ORG), run_id)).wait)

    return wait


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def starts(r):
    """(id, started_at) of every run, in the order they were accepted."""
    each = tables.run.c
    return [(row.id, row.started_at) for row in r.rows(tables.run, order=each.id)]


def fullest(times, window):
    """The most starts in any rolling window, closed at its begin."""
    return max(sum(1 for at in times if begin <= at < begin + window) for begin in times)


def test_a_burst_of_500_starts_100_an_hour(rig):
    """Every trigger is accepted; no rolling hour sees more than 100 starts; order is kept."""
    r = rig("input.trigger>one.a", gates=HOURLY)
    begin = r.clock.now
    for _ in range(10):
        r.accept(*[r.shop.new() for _ in range(50)])
        r.clock.now += 0.1
    r.run_dry(5 * 3600)
    times = [at for _, at in starts(r)]
    assert len(times) == 500
    assert times == sorted(times)
    assert fullest(times, 3600) == 100
    assert times[-1] - begin <= 4 * 3600 + 60
    assert Counter(row.status for row in r.rows(tables.run)) == {"succeeded": 500}


def test_the_answer_says_position_and_expected_start_truly(rig):
    """What the 202 says is what happens: k-th in the queue, and started at that moment."""
    r = rig("input.trigger>one.a", gates=HOURLY)
    answers = r.accept(*[r.shop.new() for _ in range(250)])
    waits = [json.loads(answer.body)["wait"] for answer in answers]
    assert waits[:100] == [None] * 100
    assert [wait["position"] for wait in waits[100:]] == list(range(1, 151))
    assert waits[100]["reason"] == "rate_limited"
    assert waits[100]["explanation"] == "100 per hour for shop"
    r.run_dry(5 * 3600)
    for (_, at), wait in zip(starts(r)[100:], waits[100:], strict=True):
        assert abs(at - seconds(wait["expected_start"])) <= 0.001


def test_runs_that_start_late_still_keep_the_window(rig):
    """When workers were away, overdue runs do not start all at once: real starts count, not planned ones."""
    r = rig("input.trigger>one.a", gates=HOURLY)
    r.accept(*[r.shop.new() for _ in range(350)])
    r.clock.now += 3 * 3600
    r.run_dry(10 * 3600)
    times = [at for _, at in starts(r)]
    assert None not in times
    assert times == sorted(times)
    assert fullest(times, 3600) == 100


def test_callers_do_not_wait_for_each_other(rig):
    """A caller with a full window holds up no other one."""
    r = rig("input.trigger>one.a", gates=HOURLY)
    r.accept(*[r.shop.new() for _ in range(300)])
    (other,) = r.accept(r.shop.new(caller_id="cal_2", caller="small"))
    assert json.loads(other.body)["wait"] is None
    r.run_dry(60)
    assert r.run(other.run_id).status == "succeeded"


def test_a_crash_behind_the_limiter_takes_no_second_slot(rig):
    """A run that was started once is not counted again when its worker dies."""
    r = rig("input.trigger>one.a", gates={"rate_limiter": {"limit": 1, "window_seconds": 100}})
    run_id = r.start()
    r.claim((run_id, 0))
    r.clock.now += 11
    r.bells.clear()
    r.run_dry(20)
    assert r.run(run_id).status == "succeeded"
    assert len(r.rows(tables.start_log)) == 1


def test_a_cancelled_wait_gives_its_slot_back(rig):
    """Who will never start does not count; a later trigger may have the place."""
    r = rig("input.trigger>one.a", gates={"rate_limiter": {"limit": 1, "window_seconds": 100}})
    r.start()
    second = r.start()
    r.do(r.control.cancel, Cancel(second, "ann"))
    (third,) = r.accept()
    wait = json.loads(third.body)["wait"]
    assert wait["position"] == 1
    assert seconds(wait["expected_start"]) == r.clock.now + 100


def test_300_triggers_leave_the_breaker_closed_and_301_open_it_once(rig):
    """Just at three times the limit nothing happens; one more opens it: one alert, one audit entry."""
    r = rig("input.trigger>one.a", gates=BREAKER)
    r.accept(*[r.shop.new() for _ in range(300)])
    assert r.rows(tables.breaker) == []
    answers = r.accept(*[r.shop.new() for _ in range(20)])
    waits = [json.loads(answer.body)["wait"] for answer in answers]
    assert {wait["reason"] for wait in waits} == {"breaker_open"}
    (row,) = r.rows(tables.breaker)
    assert (row.gate, row.workflow, row.caller, row.opened_at) == (GATE, "flow", "shop", r.clock.now)
    assert [alert.code for alert in r.rows(tables.alert)] == ["breaker_open"]
    assert [entry.action for entry in r.rows(tables.audit)] == ["breaker.open"]


def test_only_triggers_within_the_window_count(rig):
    """300 in one hour and one in the next leave the breaker closed."""
    r = rig("input.trigger>one.a", gates=BREAKER)
    r.accept(*[r.shop.new() for _ in range(300)])
    r.clock.now += 3601
    r.accept()
    assert r.rows(tables.breaker) == []


def test_what_an_open_breaker_holds_is_kept_and_released(rig):
    """Held runs neither start nor time out; resume lets all of them through, at the limiter's pace."""
    r = rig("input.trigger>one.a", gates={"circuit_breaker": {"factor": 1}, **HOURLY})
    before = [answer.run_id for answer in r.accept(*[r.shop.new() for _ in range(100)])]
    held = [answer.run_id for answer in r.accept(*[r.shop.new() for _ in range(150)])]
    r.run_dry(7 * 86_400)
    assert {r.run(run_id).status for run_id in before} == {"succeeded"}
    assert {(r.run(run_id).status, r.stages(run_id)[0].wake_at) for run_id in held} == {("queued", None)}
    (resumed,) = r.do(r.control.resume, Resume(GATE, "org_1", "ann"))
    assert sorted(resumed.runs) == sorted(held)
    assert r.do(r.control.resume, Resume(GATE, "org_1", "ann")) == [None]
    r.run_dry(3 * 3600)
    times = [r.run(run_id).started_at for run_id in held]
    assert None not in times
    assert times == sorted(times)
    assert fullest(times, 3600) == 100
    assert [entry.action for entry in r.rows(tables.audit)] == ["breaker.open", "breaker.resume"]
    assert r.accept()[0].body
    (row,) = r.rows(tables.breaker)
    assert (row.opened_at, row.closed_by) == (None, "ann")


def test_a_breaker_without_a_limiter_releases_at_once(rig):
    """Where nothing limits starts, released runs start at once and stand in no queue."""
    r = rig("input.trigger>one.a", gates={"circuit_breaker": {"factor": 1}})
    ids = [answer.run_id for answer in r.accept(*[r.shop.new() for _ in range(103)])]
    r.do(r.control.resume, Resume(GATE, "org_1", "ann"))
    r.run_dry(60)
    assert {r.run(run_id).status for run_id in ids} == {"succeeded"}
    assert r.rows(tables.start_log) == []


def test_dropping_what_is_held_cancels_it_and_tells_the_callers(rig):
    """Drop ends every held run as cancelled, in the decision's own commit, with a signed callback each."""
    r = rig("input.trigger>one.a", gates={"circuit_breaker": {"factor": 1}})
    with Receiver() as receiver:
        r.accept(*[r.shop.new() for _ in range(100)])
        held = [
            answer.run_id for answer in r.accept(*[r.shop.new(callback_url=receiver.url) for _ in range(5)])
        ]
        (resumed,) = r.do(r.control.resume, Resume(GATE, "org_1", "ann", drop=True))
        assert {r.run(run_id).status for run_id in held} == {"cancelled"}
        assert len(resumed.deliveries) == 5
        r.run_dry(60)
    assert {json.loads(got.body)["error"]["error_code"] for got in receiver.got} == {"run.cancelled"}
    assert {json.loads(got.body)["job_id"] for got in receiver.got} == set(held)


def test_another_organisation_cannot_resume(rig):
    """An operator decides about the breakers of the own organisation only."""
    r = rig("input.trigger>one.a", gates={"circuit_breaker": {"factor": 1}})
    r.accept(*[r.shop.new() for _ in range(101)])
    assert r.do(r.control.resume, Resume(GATE, "org_2", "eve")) == [None]
    assert r.rows(tables.breaker)[0].opened_at is not None


def test_a_breaker_that_was_resumed_opens_again(rig):
    """After a decision the count starts afresh; the next flood opens the breaker again."""
    r = rig("input.trigger>one.a", gates={"circuit_breaker": {"factor": 1}})
    r.accept(*[r.shop.new() for _ in range(101)])
    r.do(r.control.resume, Resume(GATE, "org_1", "ann"))
    r.clock.now += 1
    r.accept(*[r.shop.new() for _ in range(100)])
    assert r.rows(tables.breaker)[0].opened_at is None
    r.accept()
    assert r.rows(tables.breaker)[0].opened_at == r.clock.now
    assert len(r.rows(tables.alert)) == 2


def test_resuming_a_breaker_leaves_reviews_alone(rig):
    """A run that waits for a person's review at the same gate is not run again by a resume."""
    r = rig("input.trigger>one.a", gates={"circuit_breaker": {"factor": 1}})
    r.acts["one"] = probes.failing(AmbiguousError("node.provider_outcome_unknown", "no answer"))
    unknown = r.start()
    r.turn()
    r.accept(*[r.shop.new() for _ in range(100)])
    (resumed,) = r.do(r.control.resume, Resume(GATE, "org_1", "ann"))
    assert len(resumed.runs) == 1
    assert (r.run(unknown).status, r.stages(unknown)[0].state) == ("waiting", "waiting")


def test_who_stands_behind_a_cancelled_run_moves_up(rig):
    """The freed place is the next one's: nobody waits longer than the limit makes them, and all say when."""
    r = rig("input.trigger>one.a", gates={"rate_limiter": {"limit": 2, "window_seconds": 100}})
    begin = r.clock.now
    ids = [r.start() for _ in range(9)]
    r.turn()
    r.do(r.control.cancel, *[Cancel(run_id, "ann") for run_id in (ids[2], ids[3], ids[5])])
    left = [ids[4], *ids[6:]]
    assert [(each["position"], seconds(each["expected_start"]) - begin) for each in map(told(r), left)] == [
        (1, 100),
        (2, 100),
        (3, 200),
        (4, 200),
    ]
    r.run_dry(1000)
    assert [r.run(each).started_at - begin for each in left] == [100, 100, 200, 200]


def test_the_expected_start_stays_true_when_the_limit_changes(rig):
    """Runs wait by the limit they were accepted with, and those of a new version behind them by theirs."""
    r = rig("input.trigger>one.a", gates={"rate_limiter": {"limit": 10, "window_seconds": 100}})
    begin = r.clock.now
    ids = [r.start() for _ in range(30)]
    plan = r.shop.new().plan
    low = replace(plan, gates=replace(plan.gates, limiter=replace(plan.gates.limiter, limit=1)))
    answers = r.accept(*[replace(r.shop.new(), plan=low) for _ in range(3)])
    new = [each.run_id for each in answers]
    r.turn()
    expected = [seconds(each["expected_start"]) - begin for each in map(told(r), [ids[15], ids[25], *new])]
    assert expected == [100, 200, 300, 400, 500]
    assert [seconds(json.loads(each.body)["wait"]["expected_start"]) - begin for each in answers] == expected[
        2:
    ]
    r.run_dry(1000)
    assert [r.run(each).started_at - begin for each in (ids[15], ids[25], *new)] == expected
