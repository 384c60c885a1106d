"""Callbacks: the schedule, byte-identical bodies, replays, hostile receivers (contract §5, S49 to S60)."""

import json
from email.utils import formatdate

import pytest

from app.delivery.signing import verify
from app.engine.control import Replay
from app.engine.deliver import settle_deliveries
from app.engine.lease import Held
from app.identity.errors import VaultError
from app.store import tables
from tests.support import probes
from tests.support.receiver import Receiver
from tests.support.rig import LEASE, SECRET


def delivered(r, receiver):
    """A run that ended, with its delivery as it stands when nothing is left to do."""
    run_id = r.start(callback_url=receiver.url)
    r.run_dry()
    (delivery,) = r.deliveries(run_id)
    return run_id, delivery


def test_a_callback_is_signed_and_says_what_the_run_says(rig):
    """The body equals the run's stored result; the signature verifies; one attempt; callback delivered."""
    r = rig()
    with Receiver() as receiver:
        run_id, delivery = delivered(r, receiver)
    (got,) = receiver.got
    verify([SECRET], got.headers, got.body, now=r.clock.now)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["webhook-id"] == delivery.message_id
    run = r.run(run_id)
    assert got.body.decode() == run.result == delivery.body
    assert json.loads(got.body)["event"] == "job.completed"
    assert (run.callback_status, delivery.status, delivery.attempts) == ("delivered", "delivered", 1)


@pytest.mark.parametrize("reply", [500, 404, 301, "close", "garbage"])
def test_what_is_no_2xx_is_tried_four_times(rig, reply):
    """1 + 3 attempts, never early, the same bytes and webhook-id each time; then given up, with an alert."""
    r = rig()
    with Receiver([reply]) as receiver:
        run_id, delivery = delivered(r, receiver)
    assert len(receiver.got) == 4
    assert len({(got.body, got.headers["webhook-id"]) for got in receiver.got}) == 1
    tries = r.tries(delivery.id)
    begin = tries[0].started_at
    assert [row.started_at - begin for row in tries] == [0, 30, 150, 630]
    assert [row.next_at and row.next_at - begin for row in tries] == [30, 150, 630, None]
    assert all(row.error_code.startswith("delivery.") and row.reason for row in tries)
    assert (delivery.status, delivery.attempts, delivery.wake_at) == ("permanently_failed", 4, None)
    assert r.run(run_id).callback_status == "permanently_failed"
    assert [row.code for row in r.rows(tables.alert)] == ["delivery.permanently_failed"]
    assert (r.run(run_id).status, r.acts.count("one")) == ("succeeded", 1)


def test_every_attempt_is_signed_for_its_own_moment(rig):
    """The timestamp is the attempt's own and part of the signature."""
    r = rig()
    with Receiver([500, 500, 204]) as receiver:
        delivered(r, receiver)
    stamps = [int(got.headers["webhook-timestamp"]) for got in receiver.got]
    assert [at - stamps[0] for at in stamps] == [0, 30, 150]
    for got, at in zip(receiver.got, stamps, strict=True):
        verify([SECRET], got.headers, got.body, now=at, tolerance=0)


def test_a_receiver_that_recovers_gets_its_callback(rig):
    """Between attempts the run says retrying; a later 2xx ends it as delivered."""
    r = rig()
    with Receiver([500, 204]) as receiver:
        run_id = r.start(callback_url=receiver.url)
        r.turn()
        assert r.run(run_id).callback_status == "retrying"
        r.run_dry()
    assert r.run(run_id).callback_status == "delivered"
    assert [row.status_code for row in r.tries(r.deliveries(run_id)[0].id)] == [500, 204]


@pytest.mark.parametrize(
    ("status", "asked", "comes"),
    [
        (429, "45", 45),
        (503, "600", 60),
        (429, "1", 30),
        (500, "45", 30),
        (429, "soon", 30),
        (429, "²", 30),
        (429, "9" * 5000, 60),
        (429, "-5", 30),
        (429, "date", 45),
    ],
)
def test_retry_after_lengthens_a_wait_up_to_double(rig, status, asked, comes):
    """429 and 503 may ask for a later try, in seconds or as a date, up to double."""
    r = rig()
    asked = formatdate(r.clock.now + 45, usegmt=True) if asked == "date" else asked
    with Receiver([(status, {"retry-after": asked}), 204]) as receiver:
        _, delivery = delivered(r, receiver)
    first, second = r.tries(delivery.id)
    assert second.started_at - first.started_at == comes
    assert first.error_code == ("delivery.http_5xx" if status == 500 else "delivery.throttled")


def test_410_stops(rig):
    """A receiver that wants no more gets no more, at once."""
    r = rig()
    with Receiver([410]) as receiver:
        _, delivery = delivered(r, receiver)
    assert len(receiver.got) == 1
    assert (delivery.status, delivery.error_code) == ("permanently_failed", "delivery.gone")
    assert len(r.rows(tables.alert)) == 1


def test_a_refused_address_is_not_tried_again(rig):
    """The link-local range is never called, whatever a row says; no packet leaves, no retry."""
    r = rig()
    run_id = r.start(callback_url="http://169.254.169.254/latest")
    r.run_dry()
    (delivery,) = r.deliveries(run_id)
    assert (delivery.status, delivery.attempts) == ("permanently_failed", 1)
    assert delivery.error_code == "delivery.blocked_address"


@pytest.mark.parametrize("secrets", [[], ["whsec_short"], VaultError("sealed with another secret key")])
def test_nothing_is_sent_unsigned(rig, secrets):
    """Without a usable secret there is no attempt on the wire; the delivery fails for good and says why."""
    r = rig()
    r.sender._secrets = lambda _caller: secrets if isinstance(secrets, list) else probes.raising(secrets)
    with Receiver() as receiver:
        _, delivery = delivered(r, receiver)
    assert receiver.got == []
    assert (delivery.status, delivery.error_code) == ("permanently_failed", "delivery.secret_missing")


def test_a_hostile_answer_is_kept_short_and_readable(rig):
    """Of an answer a short excerpt is kept; bytes no database takes are made harmless."""
    r = rig()
    with Receiver([(500, {}, b"\x00\xff\xfe" + b"x" * 100_000), 204]) as receiver:
        _, delivery = delivered(r, receiver)
    first = r.tries(delivery.id)[0]
    assert first.status_code == 500
    assert "\x00" not in first.response
    assert len(first.response) <= 2_000
    assert delivery.status == "delivered"


def test_a_replay_sends_the_same_again_on_a_fresh_schedule(rig):
    """A replay keeps webhook-id and bytes, counts on, and has four tries of its own; no node runs again."""
    r = rig()
    with Receiver([500] * 5 + [204]) as receiver:
        run_id, delivery = delivered(r, receiver)
        assert r.do(r.control.replay, Replay(delivery.id, "org_1", "ann")) == [True]
        assert r.run(run_id).callback_status == "pending"
        r.run_dry()
        (delivery,) = r.deliveries(run_id)
        assert (delivery.status, delivery.attempts) == ("delivered", 6)
        assert r.do(r.control.replay, Replay(delivery.id, "org_1", "ann")) == [True]
        r.run_dry()
    assert len(receiver.got) == 7
    assert len({(got.body, got.headers["webhook-id"]) for got in receiver.got}) == 1
    tries = r.tries(delivery.id)
    assert [row.number for row in tries] == [1, 2, 3, 4, 5, 6, 7]
    assert tries[5].started_at - tries[4].started_at == 30
    assert r.run(run_id).callback_status == "delivered"
    assert r.acts.count("one") == 1
    assert [row.action for row in r.rows(tables.audit)] == ["delivery.replay"] * 2


def test_only_ended_deliveries_of_ones_own_are_replayed(rig):
    """What is under way, unknown or another organisation's is left alone."""
    r = rig()
    with Receiver([500]) as receiver:
        run_id = r.start(callback_url=receiver.url)
        r.turn()
        (delivery,) = r.deliveries(run_id)
        assert r.do(
            r.control.replay,
            Replay(delivery.id, "org_1", "ann"),
            Replay("dlv_unknown", "org_1", "ann"),
        ) == [False, False]
        r.run_dry()
        assert r.do(r.control.replay, Replay(delivery.id, "org_2", "eve")) == [False]


def test_an_attempt_whose_worker_died_is_made_again_and_recorded_once(rig):
    """A broken lease gives the delivery to another worker; the late result of the first is dropped."""
    r = rig()
    with Receiver() as receiver:
        run_id = r.start(callback_url=receiver.url)
        (settled,) = r.settle(r.decide(r.claim((run_id, 0))[0]))
        late = r.loop.run_until_complete(r.sender.attempt(settled.delivery))
        r.clock.now += LEASE + 1
        assert r.sweep().deliveries == [settled.delivery.id]
        assert r.do(settle_deliveries, late) == [False]
        (again,) = r.do(r.claims("w2").deliveries, [settled.delivery.id])[0]
        assert (again.fence, again.attempts, again.message_id) == (3, 0, settled.delivery.message_id)
        r.send(again)
        assert r.do(settle_deliveries, late) == [False]
    assert len(r.tries(again.id)) == 1
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1


def test_a_delivery_is_claimed_by_one_and_not_before_its_time(rig):
    """Of two messages for one delivery one is served; a retry that is not due is not claimed."""
    r = rig()
    with Receiver([500]) as receiver:
        run_id = r.start(callback_url=receiver.url)
        r.turn()
        (delivery,) = r.deliveries(run_id)
        assert r.do(r.claims().deliveries, [delivery.id]) == [[]]
        r.clock.now += 30
        batches = r.do(r.claims().deliveries, [delivery.id, delivery.id], [delivery.id])
        assert sum(map(len, batches)) == 1
        held = Held({}, {delivery.id: next(item for batch in batches for item in batch).fence})
        assert r.do(r.leases().renew, held) == [Held({}, {})]
        assert r.do(r.leases().release, held) == [1]
        assert r.sweep().deliveries == [delivery.id]


def test_a_failed_run_tells_too(rig):
    """A run without a callback_url owes nothing; a failed one with a URL is told like any other."""
    r = rig()
    r.acts["one"] = probes.failing(probes.busy())
    silent = r.start()
    with Receiver() as receiver:
        run_id, _ = delivered(r, receiver)
    assert r.deliveries(silent) == []
    assert json.loads(r.run(silent).result)["status"] == "failed"
    assert json.loads(receiver.got[0].body)["job_id"] == run_id
