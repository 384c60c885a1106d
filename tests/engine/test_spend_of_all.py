"""Every run that cost credits is in the books, whether or not a budget watches it (S61, S66)."""

import json

import pytest
from sqlalchemy import update

from app.engine import calls, so_far, tally
from app.engine.call_records import Answered, Intent
from app.engine.control import Cancel
from app.store import runs, tables
from graphs.errors import PermanentError
from graphs.node import Wait
from tests.engine.test_budget import ONE, SCOPE, at, offers, zone
from tests.engine.test_children import FIELDS, LIST, names
from tests.support import probes
from tests.support.paying import REQUEST, connection, keep, ticket, with_calls
from tests.support.rig import CALLER, ORG
from tests.support.service import PRICE, Service
from tests.support.site import graph, link, node


def add_up(r):
    """As the leading worker does; how many entries it found."""
    submit = lambda operation, value: _Done(r.do(operation, value)[0])  # noqa: E731
    before = len(r.rows(tables.spend_entry))
    tally.Tally(r.db)(submit)
    assert r.rows(tables.spend_entry) == []
    return before


class _Done:
    def __init__(self, value):
        self._value = value

    def result(self):
        return self._value


def books(r):
    """Credits spent by scope and day; nothing is held back where there is no budget."""
    rows = r.rows(tables.spend)
    assert not any(row.reserved or row.ceiling for row in rows)
    return {(row.scope, row.day): row.spent / ONE for row in rows}


@pytest.fixture
def painting(rig):
    """Runs that make one picture for 0.1 credits, watched by nobody."""

    def build(links="input.trigger>one.a", **more):
        r = rig(links, paid="one", **more)
        offers(r, 0.1)
        r.acts["one"] = lambda run, _inputs: probes.painted(0.1, run.job_id[-8:])
        return r

    return build


def test_runs_without_a_cost_monitor_are_counted_by_day(painting):
    """Each step's cost counts once, for the day on which it was spent in the project's time zone."""
    r = painting()
    zone(r, "Asia/Kathmandu")
    at(r, "2026-05-05T23:59:50", "Asia/Kathmandu")
    for _ in range(3):
        r.start()
    r.run_dry(5)
    at(r, "2026-05-06T00:00:10", "Asia/Kathmandu")
    r.start()
    r.run_dry(5)
    assert add_up(r) == 4
    assert books(r) == {(SCOPE, "2026-05-05"): pytest.approx(0.3), (SCOPE, "2026-05-06"): 0.1}
    assert r.rows(tables.spend)[0].spent == 300_000


def test_what_costs_nothing_leaves_nothing(rig):
    """A free run writes no row about money, not even for a moment."""
    r = rig()
    r.start()
    r.run_dry(60)
    assert r.rows(tables.spend_entry) == r.rows(tables.spend) == []


def test_a_run_under_way_tells_what_it_has_cost_until_now(painting):
    """Not only when it has ended: a paid step counts while the next one waits."""
    r = painting("input.trigger>one.a one.x>two.a")
    r.acts["two"] = lambda run, _inputs: {"x": 1} if run.state else Wait(600, {"job": "j1"}, "submitted")
    run_id = r.start()
    while r.turn():
        pass
    with r.db.read() as reading:
        found = runs.get(reading, runs.Scope(ORG), run_id)
        assert (found.is_open, so_far.counted(reading, found).credit_cost) == (True, 0.1)
    r.run_dry(3_600)
    with r.db.read() as reading:
        found = runs.get(reading, runs.Scope(ORG), run_id)
        assert (found.is_open, so_far.counted(reading, found).credit_cost) == (False, 0.1)


def test_failures_and_retries_count_what_they_cost(painting):
    """Tried three times and paid for at the end, and paid for in vain: what each cost, once."""
    r = painting()
    tries = iter([probes.busy(), probes.busy(), None])

    def act(run, _inputs):
        error = next(tries, None)
        if error:
            raise error
        return probes.painted(0.1, run.job_id[-8:])

    r.acts["one"] = act
    r.start()
    r.run_dry(3_600)
    add_up(r)
    assert sum(books(r).values()) == pytest.approx(0.1)

    def in_vain(_run, _inputs):
        error = PermanentError("node.provider_bad_output", "no usable picture")
        error.credits = 0.25
        raise error

    r.acts["one"] = in_vain
    r.start()
    r.run_dry(60)
    add_up(r)
    assert sum(books(r).values()) == pytest.approx(0.35)


def test_a_worker_that_died_or_came_late_counts_nothing_twice(painting):
    """Done by two, settled by one: the fence that lets one settle lets one be counted."""
    r = painting()
    (first,) = r.claim((r.start(), 0))
    late = r.decide(first)
    r.clock.now += 60
    r.sweep()
    (second,) = r.claim((first.run.id, 0), worker="w2")
    r.settle(r.decide(second), worker="w2")
    assert [each.applied for each in r.settle(late)] == [False]
    assert add_up(r) == 1
    assert sum(books(r).values()) == pytest.approx(0.1)


def test_adding_up_is_whole_or_has_not_been(painting):
    """A transaction that is rolled back loses no entry, and the next one counts it once."""
    r = painting()
    for _ in range(5):
        r.start()
    r.run_dry(60)

    def dies(connection, items):
        tally.add_up(connection, items)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        r.do(dies, 3)
    assert books(r) == {}
    assert r.do(tally.add_up, 3) == [3]
    assert add_up(r) == 2
    assert sum(books(r).values()) == pytest.approx(0.5)


def test_calls_count_when_they_are_answered(rig, clock):
    """What a service charged is what the books say: with the answer, also for a run cancelled meanwhile."""
    r = rig()
    with Service() as service:
        found = [r.claim((r.start(), 0))[0] for _ in range(3)]

        async def each(paid):
            for claimed in found:
                await paid.generate(ticket(claimed), REQUEST, keep)

        with_calls(r.db, connection(service.url), each)
        r.do(r.control.cancel, Cancel(found[0].run.id, "ann"))
        add_up(r)
        assert sum(row.spent for row in r.rows(tables.spend)) == service.charged == 3 * PRICE
        for claimed in found[1:]:
            r.settle(r.decide(claimed))
        assert add_up(r) == 0


def test_runs_that_runs_start_count_for_their_own_workflow(rig):
    """A map's children count where they were made; their sum in the parent's step is not counted again."""
    fields = node("input", "webhook_input", fields=LIST)
    each = node("each", "map", workflow="child", item_field="name", parallel=5)
    r = rig(graph=graph([fields, each], [link("input.names", "each.items")]))
    work = [node("input", "webhook_input", fields=FIELDS), node("work", "paid_probe")]
    r.publish("child", graph(work, [link("input.name", "work.a")]))
    r.acts["work"] = lambda run, _inputs: probes.painted(1, run.job_id[-8:])
    run_id = r.start(inputs=names(3))
    r.run_dry(600)
    assert r.run(run_id).credit_cost == 3
    add_up(r)
    assert {scope: spent for (scope, _), spent in books(r).items()} == {f"wfl_child:{CALLER}": 3}


def test_a_budget_books_what_nobody_could_price(painting):
    """Behind a cost monitor, a step whose price was not known is counted on its account all the same."""
    r = painting(gates={"cost_monitor": {"daily_credits": 5}})
    with r.db.write() as connection_:
        connection_.execute(update(tables.provider).values(models=json.dumps([])))
    r.start()
    r.run_dry(60)
    assert r.rows(tables.reservation) == []
    add_up(r)
    assert [row.spent for row in r.rows(tables.spend)] == [100_000]


def test_an_answer_after_the_budget_let_go_counts_on_its_account(painting):
    """A call of a monitored run is booked at once where its account is kept, and nowhere twice."""
    r = painting(gates={"cost_monitor": {"daily_credits": 5}})
    (found,) = r.claim((r.start(), 0))
    intent = Intent(
        *(ORG, CALLER, found.run.id, found.number, found.fence, "one", 0, f"{found.run.id}:one:1"),
        *("painter", "m1", 0.1),
        keyed=False,
    )
    (made,) = r.do(calls.intend, intent)
    r.do(calls.settled, Answered(made.id, "done", 0.1))
    r.settle(r.decide(found))
    add_up(r)
    assert [(row.spent, row.reserved) for row in r.rows(tables.spend)] == [(100_000, 0)]
