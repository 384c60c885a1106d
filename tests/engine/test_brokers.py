"""The broker is Valkey from a wheel or Redis proper: the engine keeps its word on both."""

import json
import shutil

import pytest

from app.serve import embedded
from tests.support.plant import until
from tests.support.receiver import Receiver


@pytest.fixture
def own(either_broker, tmp_path):
    """A broker of the test's own, of either kind."""
    with embedded.start_or_attach(tmp_path / "own") as running:
        yield running


def test_the_broker_is_what_it_is_called(plant, own, either_broker):
    """The server that is rung says itself whether it is Valkey or Redis."""
    facts = plant(broker=own.url).client.info("server")
    assert ("valkey_version" in facts) == (either_broker == "valkey")


def test_two_workers_share_what_is_rung(plant, own):
    """100 runs by two workers: each node run once, each callback sent once, the broker emptied half-way."""
    p = plant(broker=own.url)
    for name in ("w1", "w2"):
        p.hire(name)
    with Receiver() as receiver:
        ids = p.start(60, callback_url=receiver.url)
        p.client.flushall()
        ids += p.start(40, callback_url=receiver.url)
        until(lambda: len(receiver.got) >= 100, 40)
        until(lambda: p.count("succeeded") == 100)
    assert sorted(json.loads(got.body)["job_id"] for got in receiver.got) == sorted(ids)
    assert p.acts.count("one") == 100


def test_either_broker_may_die_and_come_back_empty(plant, own, tmp_path):
    """Killed under load, its data gone: what was accepted before, meanwhile and afterwards ends."""
    p = plant(broker=own.url)
    p.hire()
    p.start(20)
    until(lambda: p.count("succeeded") >= 5)
    own.process.kill()
    own.process.wait()
    assert len(p.start(20)) == 20
    shutil.rmtree(tmp_path / "own" / "valkey")
    with embedded.start_or_attach(tmp_path / "own"):
        p.start(5)
        until(lambda: p.count("succeeded") == 45, 40)
        for name in list(p.workers):
            p.dismiss(name)


def test_an_emptied_broker_loses_nothing(plant, own):
    """FLUSHALL at any moment: the sweeper rings again for every accepted run, and each is worked on once."""
    p = plant(broker=own.url)
    p.start(40)
    p.client.flushall()
    p.hire()
    p.start(40)
    p.client.flushall()
    until(lambda: p.count("succeeded") == 80, 30)
    assert p.acts.count("one") == 80
