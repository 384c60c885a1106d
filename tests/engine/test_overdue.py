"""Waits that outlive a standstill: what is overdue is spread, what is on time is not touched (R5, R6)."""

import random
from collections import defaultdict
from itertools import pairwise

import pytest

from app.engine.deliver import settle_deliveries
from app.engine.sweep import Sweeper
from app.store import tables
from tests.support.rig import DELAYS

HOSTS = ("a.test", "b.test")


def owed(r, count, host):
    """Deliveries to one receiver that failed once; their ids."""
    ids = [r.start(callback_url=f"https://{host}/cb") for _ in range(count)]
    while r.bells:
        keys, r.bells = r.bells, []
        for claimed in r.claim(*keys):
            (settled,) = r.settle(r.decide(claimed))
            fail(r, settled.delivery)
    return [row.id for run_id in ids for row in r.deliveries(run_id)]


def fail(r, item):
    now = r.clock.now
    r.do(settle_deliveries, r.sender._judged(item, now, now, None, "delivery.timeout", "-", None))


def sweep_for(r, seconds, sent):
    """Sweep four times a second; who is claimed goes into ``sent``, by host."""
    for _ in range(int(seconds * 4)):
        due = r.sweep()
        for item in r.do(r.claims().deliveries, due.deliveries)[0] if due.deliveries else []:
            sent[item.url.split("/")[2]].append((r.clock.now, item.id))
            fail(r, item)
        r.clock.now += 0.25


@pytest.fixture(autouse=True)
def told(monkeypatch, clock):
    """Durations by the same clock."""
    monkeypatch.setattr("app.clock.ticks", clock)


def test_overdue_callbacks_are_spread_after_a_standstill(rig):
    """An hour of standstill: each receiver gets at most five in any second, none twice, all of them."""
    r = rig()
    ids = {host: owed(r, 25, host) for host in HOSTS}
    r.clock.now += 3_600
    sent = defaultdict(list)
    sweep_for(r, 10, sent)
    for host in HOSTS:
        times = [at for at, _ in sent[host]]
        assert sorted(key for _, key in sent[host]) == sorted(ids[host])
        assert all(sixth - first >= 1 for first, sixth in zip(times, times[5:], strict=False))


@pytest.mark.parametrize("seed", [6, 7])
def test_twenty_restarts_inside_the_waits(rig, seed):
    """Everything is killed again and again: no retry early, none twice, at most five a second."""
    r, rng = rig(), random.Random(seed)
    r.clock.now += seed * 0.13
    ids = owed(r, 30, HOSTS[0])
    sent = defaultdict(list)
    for _ in range(20):
        sweep_for(r, rng.uniform(0, 3), sent)
        r.sweeper = Sweeper(r.db.dialect)
        r.clock.now += rng.choice([2.5, 7.0, 60.0])
    sweep_for(r, 12, sent)
    times = [at for at, _ in sent[HOSTS[0]]]
    assert all(sixth - first >= 1 for first, sixth in zip(times, times[5:], strict=False))
    for key in ids:
        tries = r.tries(key)
        assert len(tries) >= 2
        assert all(later.started_at >= earlier.next_at for earlier, later in pairwise(tries))


def test_what_is_on_time_is_not_held_up(rig):
    """A hundred retries that fall due in one moment go out at once: it is their schedule."""
    r = rig()
    owed(r, 100, HOSTS[0])
    r.clock.now += DELAYS[0]
    assert len(r.sweep().deliveries) == 100


def test_an_old_message_does_not_jump_the_queue(rig):
    """A message from before the standstill finds that what was put off is not due yet."""
    r = rig()
    ids = owed(r, 10, HOSTS[0])
    r.clock.now += 3_600
    now = r.sweep().deliveries
    assert len(now) == 1
    assert [item.id for item in r.do(r.claims().deliveries, ids)[0]] == now
    waiting = r.rows(tables.delivery, tables.delivery.c.status == "retrying")
    assert len(waiting) == 9
