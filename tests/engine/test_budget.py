"""The cost monitor: reserved before it is spent, booked once, never past the limit (S61, S65, S66, S74)."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update

from app.engine import calls
from app.engine.call_records import Answered, Intent, Lost
from app.engine.control import Cancel
from app.engine.money import BudgetExhaustedError
from app.engine.records import Started
from app.store import tables
from graphs.errors import PermanentError
from graphs.node import Redo
from tests.support import probes
from tests.support.rig import CALLER, ORG

SCOPE = f"wfl_1:{CALLER}"
ONE = 1_000_000
CALLBACK = "https://example.com/hook"


@pytest.fixture
def shop(rig):
    """Builds a rig whose runs make one picture for one credit."""

    def build(daily=10, links="input.trigger>one.a", paid="one", before=None, price=1, redos=None, **monitor):
        gates = {**(before or {}), "cost_monitor": {"daily_credits": daily, **monitor}}
        more = {"cheap": " ".join(redos), "redos": redos} if redos else {}
        r = rig(links, paid=paid, gates=gates, **more)
        for node in paid.split():
            r.acts[node] = lambda run, _inputs: probes.painted(price, run.job_id[-8:])
        offers(r, price)
        return r

    return build


def offers(r, price):
    models = json.dumps([{"id": "m1", "title": "M", "price": price}])
    values = {"id": "prv_1", "org_id": ORG, "name": "painter", "kind": "openai", "base_url": "x"}
    with r.db.write() as connection:
        connection.execute(
            insert(tables.provider).values(**values, models=models, enabled=True, created_at=0, updated_at=0)
        )


def zone(r, name):
    with r.db.write() as connection:
        connection.execute(update(tables.project).values(time_zone=name))


def at(r, text, name="UTC"):
    r.clock.now = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(name)).timestamp()


def account(r):
    """(spent, reserved) by day, in credits; the sum of all rows that reserve must be the same."""
    rows = r.rows(tables.spend, order=tables.spend.c.day)
    held = r.rows(tables.reservation)
    for row in rows:
        assert row.reserved == sum(each.amount for each in held if each.day == row.day)
    return {row.day: (row.spent / ONE, row.reserved / ONE) for row in rows}


def statuses(r, ids):
    return [r.run(run_id).status for run_id in ids]


def waits(r, run_id):
    found = r.run(run_id).wait
    return json.loads(found) if found else None


def test_money_is_reserved_when_a_run_starts_and_booked_when_it_was_spent(shop):
    """Between the trigger and the end the price is reserved; after it what it cost is spent."""
    r = shop(before={}, price=0.1)
    at(r, "2026-05-05T10:00")
    r.start()
    assert account(r) == {"2026-05-05": (0, 0.1)}
    r.run_dry(60)
    assert account(r) == {"2026-05-05": (0.1, 0)}
    assert r.rows(tables.reservation) == []


def test_what_does_not_fit_waits_for_the_next_day(shop):
    """Ten fit; the others wait for midnight with a reason, keep no money, and start then in their order."""
    r = shop(daily=10)
    zone(r, "Asia/Kathmandu")
    at(r, "2026-05-05T10:00", "Asia/Kathmandu")
    answers = r.accept(*[r.shop.new() for _ in range(15)])
    ids = [each.run_id for each in answers]
    told = [json.loads(each.body)["wait"] for each in answers]
    assert told[:10] == [None] * 10
    assert {wait["reason"] for wait in told[10:]} == {"budget"}
    assert {wait["expected_start"] for wait in told[10:]} == {"2026-05-05T18:15:00.000Z"}
    assert "10 credits a day for shop" in told[10]["explanation"]
    r.run_dry(3600)
    assert account(r) == {"2026-05-05": (10, 0)}
    assert statuses(r, ids[10:]) == ["queued"] * 5
    at(r, "2026-05-05T23:59:59", "Asia/Kathmandu")
    assert not r.turn()
    r.run_dry(10)
    assert statuses(r, ids) == ["succeeded"] * 15
    assert account(r) == {"2026-05-05": (10, 0), "2026-05-06": (5, 0)}
    times = [r.run(run_id).started_at for run_id in ids[10:]]
    assert times == sorted(times)
    assert (
        datetime.fromtimestamp(times[0], ZoneInfo("Asia/Kathmandu")).strftime("%d %H:%M:%S") == "06 00:00:00"
    )


def test_refuse_answers_402_and_leaves_nothing(shop):
    """What does not fit is refused before anything is stored, and the next day it is accepted."""
    r = shop(daily=2, when_exhausted="refuse")
    at(r, "2026-05-05T10:00")
    answers = r.accept(*[r.shop.new() for _ in range(5)])
    assert [type(each) for each in answers] == [Started] * 2 + [BudgetExhaustedError] * 3
    assert (answers[2].until - r.clock.now) == 14 * 3600
    assert len(r.rows(tables.run)) == 2
    r.bells = [(each.run_id, 0) for each in answers[:2]]
    r.run_dry(60)
    at(r, "2026-05-06T00:00")
    assert isinstance(r.accept()[0], Started)


def test_alert_only_lets_everything_pass(shop):
    """Without a hard limit nobody waits; the thresholds are told of all the same."""
    r = shop(daily=2, when_exhausted="alert_only", alert_at=[0.5, 1.0, 2.0])
    ids = [each.run_id for each in r.accept(*[r.shop.new() for _ in range(5)])]
    r.run_dry(60)
    assert statuses(r, ids) == ["succeeded"] * 5
    assert next(iter(account(r).values())) == (5, 0)
    assert [alert.code for alert in r.rows(tables.alert)] == ["budget_threshold"] * 3


def test_each_threshold_is_told_of_once_a_day(shop):
    """80 % and 100 % raise one alert each, however many runs follow; the next day they may again."""
    r = shop(daily=10)
    at(r, "2026-05-05T10:00")
    for count in (7, 1, 1, 5):
        r.accept(*[r.shop.new() for _ in range(count)])
        r.run_dry(60)
    texts = [alert.text for alert in r.rows(tables.alert, order=tables.alert.c.id)]
    assert len(texts) == 2
    assert texts[0].startswith("80% of 10 credits a day are reached: 8 spent")
    at(r, "2026-05-06T00:00")
    r.run_dry(60)
    r.accept(*[r.shop.new() for _ in range(6)])
    r.run_dry(60)
    assert len(r.rows(tables.alert)) == 4


def test_a_failed_run_gives_its_money_back(shop):
    """What was not spent can be spent by others."""
    r = shop(daily=1)
    r.acts["one"] = probes.failing(PermanentError("node.provider_rejected_input", "no"), times=1)
    run_id = r.start()
    r.run_dry(5)
    assert r.run(run_id).status == "failed"
    assert next(iter(account(r).values())) == (0, 0)
    assert waits(r, r.start()) is None


def test_a_cancelled_run_gives_its_money_back_once(shop):
    """Cancelling, before or while it is worked on, releases what was reserved, and only once."""
    r = shop(daily=2)
    first, second = r.start(), r.start()
    (claimed,) = r.claim((first, 0))
    settlement = r.decide(claimed)
    r.do(r.control.cancel, Cancel(first, "ann"), Cancel(second, "ann"))
    assert next(iter(account(r).values())) == (0, 0)
    assert not r.settle(settlement)[0].applied
    assert next(iter(account(r).values())) == (0, 0)


def test_a_crash_reserves_and_books_once(shop):
    """A worker that dies after its claim leaves the reservation to the one who takes over."""
    r = shop(daily=1)
    run_id = r.start()
    r.claim((run_id, 0))
    r.bells.clear()
    r.clock.now += 11
    r.run_dry(60)
    assert r.run(run_id).status == "succeeded"
    assert next(iter(account(r).values())) == (1, 0)


def test_a_retry_reserves_again_and_waits_when_there_is_nothing_left(shop):
    """Between two tries the money is free for others; the retry takes its turn with the budget."""
    r = shop(daily=1)
    at(r, "2026-05-05T10:00")
    r.acts["one"] = probes.failing(probes.busy(), times=1)
    first = r.start()
    r.turn()
    assert account(r) == {"2026-05-05": (0, 0)}
    r.acts["one"] = lambda run, _inputs: probes.painted(1, run.job_id[-8:])
    second = r.start()
    r.run_dry(3600)
    assert statuses(r, [first, second]) == ["waiting", "succeeded"]
    assert waits(r, first)["reason"] == "budget"
    at(r, "2026-05-06T00:00")
    r.run_dry(60)
    assert r.run(first).status == "succeeded"
    assert account(r) == {"2026-05-05": (1, 0), "2026-05-06": (1, 0)}


def test_a_retry_over_the_budget_fails_where_the_workflow_refuses(shop):
    """With refuse nobody waits for midnight: the run ends with run.budget_stopped, and the caller is told."""
    r = shop(daily=1, when_exhausted="refuse")
    r.acts["one"] = probes.failing(probes.busy(), times=1)
    first = r.start(callback_url=CALLBACK)
    r.turn()
    r.acts["one"] = lambda run, _inputs: probes.painted(1, run.job_id[-8:])
    r.start()
    r.run_dry(31)
    found = r.run(first)
    assert (found.status, found.error_code) == ("failed", "run.budget_stopped")
    assert json.loads(r.deliveries(first)[0].body)["error"]["error_code"] == "run.budget_stopped"
    assert next(iter(account(r).values())) == (1, 0)


def test_a_run_that_waits_at_the_limiter_reserves_nothing(shop):
    """Money is reserved when a run starts, not while it queues."""
    r = shop(daily=100, before={"rate_limiter": {"limit": 2, "window_seconds": 3600}})
    at(r, "2026-05-05T10:00")
    r.accept(*[r.shop.new() for _ in range(6)])
    assert account(r) == {"2026-05-05": (0, 2)}
    r.run_dry(4 * 3600)
    assert account(r) == {"2026-05-05": (6, 0)}


def test_waiting_for_money_takes_no_start_of_the_limiter(shop):
    """A run that could not start does not count as a start of its hour."""
    r = shop(daily=1, before={"rate_limiter": {"limit": 2, "window_seconds": 100}})
    at(r, "2026-05-05T23:59:30")
    first, second = r.start(), r.start()
    assert waits(r, second)["reason"] == "budget"
    assert [row.run_id for row in r.rows(tables.start_log)] == [first]
    r.run_dry(29)
    at(r, "2026-05-06T00:00")
    r.run_dry(10)
    assert r.run(second).status == "succeeded"
    assert {row.run_id: row.started for row in r.rows(tables.start_log)} == {first: True, second: True}


def test_callers_have_accounts_of_their_own(shop):
    """One caller's empty budget stops nobody else."""
    r = shop(daily=1)
    r.accept(r.shop.new(), r.shop.new())
    (other,) = r.accept(r.shop.new(caller_id="cal_2", caller="small"))
    assert json.loads(other.body)["wait"] is None


def test_an_unknown_price_is_what_the_monitor_says(shop):
    """Where no price is known, credits_per_run is reserved; what it did cost is booked."""
    r = shop(daily=10, credits_per_run=4.5)
    with r.db.write() as connection:
        connection.execute(update(tables.provider).values(models="[]"))
    answers = r.accept(*[r.shop.new() for _ in range(3)])
    assert [json.loads(each.body)["wait"] is None for each in answers] == [True, True, False]
    r.run_dry(60)
    assert next(iter(account(r).values())) == (2, 0)


def test_a_rerun_pays_for_what_it_does_again_only(shop):
    """Kept results are neither reserved nor booked."""
    r = shop(links="input.trigger>one.a one.x>two.a", paid="one two")
    r.accept(r.shop.new(keep={"one": {"x": 1}}))
    assert next(iter(account(r).values())) == (0, 1)
    r.run_dry(60)
    assert next(iter(account(r).values())) == (1, 0)


def test_a_plain_run_touches_no_account(rig):
    """Without a cost monitor nothing is reserved, booked or asked."""
    r = rig("input.trigger>one.a", paid="one")
    r.start()
    r.run_dry(60)
    assert r.rows(tables.spend) == r.rows(tables.reservation) == []


def sent(r, claimed, node="one"):
    """A paid call of a claimed stage, written down as it leaves."""
    run_id = claimed.run.id
    intent = Intent(
        *(ORG, CALLER, run_id, claimed.number, claimed.fence, node, 0, f"{run_id}:{node}:0"),
        *("painter", "m1", 1.0),
        keyed=False,
    )
    return r.do(calls.intend, intent)[0]


def test_the_ledger_and_the_account_agree(shop):
    """What a service charged is booked with its answer, to the micro-credit, and not once more at the end."""
    r = shop(daily=10)
    run_id = r.start()
    (claimed,) = r.claim((run_id, 0))
    r.bells.clear()
    call = sent(r, claimed)
    r.do(calls.settled, Answered(call.id, "done", 0.123457))
    assert next(iter(account(r).values())) == (0.123457, 0)
    r.settle(r.decide(claimed))
    assert next(iter(account(r).values())) == (0.123457, 0)
    assert r.rows(tables.reservation) == []


def test_an_unknown_call_keeps_its_money_until_it_is_decided(shop):
    """A run may be cancelled; what its open call may cost stays reserved, then it is booked or given back."""
    r = shop(daily=10)
    for charged in (0.0, 1.0):
        run_id = r.start()
        (claimed,) = r.claim((run_id, 0))
        r.bells.clear()
        call = sent(r, claimed)
        r.do(calls.unknown, Lost(call.id, "node.provider_timeout", "no answer"))
        r.do(r.control.cancel, Cancel(run_id, "ann"))
        assert next(iter(account(r).values())) == (0, 1)
        r.do(calls.settled, Answered(call.id, "done" if charged else "failed", charged))
        assert next(iter(account(r).values())) == (charged, 0)


def test_a_picture_made_again_is_reserved_again(shop):
    """Quality control's next generation waits when the day has no credit left, and is paid the day after."""
    r = shop(daily=2, links="input.trigger>gen.a gen.x>qc.a qc.x>last.a", paid="gen", redos={"qc": "gen"})
    r.acts["qc"] = lambda run, _: (
        Redo({}, "too soft", probes.Outputs(x="bad")) if run.redos < 2 else {"x": "fine"}
    )
    at(r, "2026-05-05T10:00")
    run_id = r.start()
    r.run_dry(60)
    assert account(r) == {"2026-05-05": (2, 0)}
    assert (r.run(run_id).status, waits(r, run_id)["reason"]) == ("waiting", "budget")
    at(r, "2026-05-06T00:00:01")
    r.run_dry(60)
    assert r.run(run_id).status == "succeeded"
    assert account(r) == {"2026-05-05": (2, 0), "2026-05-06": (1, 0)}
    assert r.rows(tables.reservation) == []


def test_a_picture_made_again_ends_a_run_whose_workflow_does_not_wait(shop):
    """Where the workflow refuses what does not fit, a generation too many ends the run, told as such."""
    r = shop(
        daily=1,
        links="input.trigger>gen.a gen.x>qc.a qc.x>last.a",
        paid="gen",
        redos={"qc": "gen"},
        when_exhausted="refuse",
    )
    r.acts["qc"] = lambda run, _: Redo({}, "too soft", probes.Outputs(x="bad"))
    at(r, "2026-05-05T10:00")
    run_id = r.start()
    r.run_dry(60)
    assert (r.run(run_id).status, r.run(run_id).error_code) == ("failed", "run.budget_stopped")
    assert account(r) == {"2026-05-05": (1, 0)}
