"""Calls that cost money, over real sockets: charged once, never sent blindly, found after a crash (R4)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from app.engine import circuits
from app.engine.paid import PaidCalls
from app.engine.records import Claimed
from app.engine.services import Services
from app.store.tables import call
from graphs.errors import (
    AmbiguousError,
    NodeError,
    OperatorError,
    PermanentError,
    ThrottledError,
    TransientError,
)
from graphs.node import Generated, Wait
from tests.support.paying import (
    REQUEST,
    at_most,
    claimed_runs,
    connection,
    keep,
    sums,
    ticket,
    with_calls,
)
from tests.support.plant import until
from tests.support.rig import Clock, Rig
from tests.support.service import PRICE, Service

Build = Callable[..., Rig]
LOST = {1, 4, 7}


async def until_settled(paid: PaidCalls, claimed: Claimed, clock: Clock) -> str:
    """Try as the engine does: transient failures again, waits waited for, unknown ones looked at again."""
    for _ in range(200):
        try:
            await paid.generate(ticket(claimed), REQUEST, keep)
        except ThrottledError as error:
            clock.now += error.retry_after or 30.0
            continue
        except TransientError:
            continue
        except AmbiguousError:
            with pytest.raises(AmbiguousError):
                await paid.generate(ticket(claimed), REQUEST, keep)
            return "unknown"
        return "done"
    return "tired"


@pytest.mark.parametrize("keyed", [True, False])
def test_no_double_charge_when_answers_are_lost(
    rig: Build, clock: Clock, keyed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 1,000 calls 30 % are charged and never answered. With keys each is charged once and done; without,
    the lost ones are unknown and sent by nobody again. What the service charged is what the ledger says."""
    monkeypatch.setattr(circuits, "THRESHOLD", 10**9)  # a breaker that opens would only slow this down
    here = rig()
    count = 1_000 if here.db.dialect == "sqlite" else 100
    runs = claimed_runs(here, count)
    with Service(lambda number: "drop" if number % 10 in LOST else "ok", keyed=keyed) as service:
        outcomes = with_calls(
            here.db,
            connection(service.url, idempotent=keyed),
            lambda paid: at_most(200, [until_settled(paid, each, clock) for each in runs]),
        )
    found = sums(here)
    if keyed:
        assert outcomes == ["done"] * count
        assert len(service.ledger) > 1.25 * count
        assert set(service.by_key().values()) == {PRICE}
        assert found == {"done": (count, count * PRICE, count * PRICE)}
        assert service.charged == count * PRICE
    else:
        lost = outcomes.count("unknown")
        assert lost > 0.25 * count
        assert len(service.ledger) == count
        assert found["done"] == (count - lost, (count - lost) * PRICE, (count - lost) * PRICE)
        assert found["unknown"] == (lost, lost * PRICE, 0)
        assert found["done"][2] + found["unknown"][1] == service.charged


@pytest.mark.parametrize(("keyed", "sent"), [(True, 2), (False, 1)])
def test_killed_between_intent_and_answer(rig: Build, clock: Clock, keyed: bool, sent: int) -> None:
    """Whoever takes over sends again under the same key, or says that nobody knows."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)
    with Service(("late", "ok"), keyed=True) as service:
        wanted = connection(service.url, idempotent=keyed, timeout_seconds=60)

        async def killed(paid: PaidCalls) -> None:
            task = asyncio.ensure_future(paid.generate(ticket(claimed), REQUEST, keep))
            await asyncio.to_thread(until, lambda: service.ledger)
            task.cancel()

        with_calls(here.db, wanted, killed)
        assert set(sums(here)) == {"intent"}
        clock.now += 60
        here.sweep()
        (heir,) = here.claim((claimed.run.id, 0), worker="w2")
        outcome = with_calls(here.db, wanted, lambda paid: until_settled(paid, heir, clock))
    assert outcome == ("done" if keyed else "unknown")
    assert len(service.ledger) == sent
    assert service.charged == PRICE
    assert len({each.key for each in service.ledger}) == 1


def test_a_worker_that_lost_its_step_sends_nothing(rig: Build, clock: Clock) -> None:
    """A worker that slept through its lease finds that out before the request leaves."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)
    clock.now += 60
    here.sweep()
    here.claim((claimed.run.id, 0), worker="w2")

    async def late(paid: PaidCalls) -> None:
        with pytest.raises(TransientError, match="taken this step over"):
            await paid.generate(ticket(claimed), REQUEST, keep)

    with Service() as service:
        with_calls(here.db, connection(service.url), late)
    assert not service.ledger


def test_an_answer_outlives_the_worker_that_got_it(rig: Build) -> None:
    """Killed after the answer and before the step was settled: the pictures are taken from the ledger."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)

    async def twice(paid: PaidCalls) -> list[Any]:
        return [await paid.generate(ticket(claimed), REQUEST, keep) for _ in range(2)]

    with Service() as service:
        first, second = with_calls(here.db, connection(service.url), twice)
    assert first == second
    assert len(service.ledger) == 1


def test_a_job_is_submitted_once(rig: Build) -> None:
    """A job is asked for with the state of the step, and with the ledger when that was lost."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)

    async def follow(paid: PaidCalls) -> Any:
        waits = await paid.generate(ticket(claimed), REQUEST, keep)
        assert isinstance(waits, Wait)
        forgotten = await paid.generate(ticket(claimed), REQUEST, keep)
        assert isinstance(forgotten, Wait)
        assert forgotten.state["job"] == waits.state["job"]
        return await paid.generate(ticket(claimed, state=waits.state), REQUEST, keep)

    states = ({"status": "IN_QUEUE"}, {"status": "COMPLETED"})
    with Service(states=states) as service:
        made = with_calls(here.db, connection(service.url, "fal_queue"), follow)
    assert isinstance(made, Generated)
    assert len(service.ledger) == 1
    assert sums(here) == {"done": (1, PRICE, PRICE)}


def test_a_job_that_failed_is_submitted_anew(rig: Build) -> None:
    """A job that ended without pictures and without a charge is another try, with another row."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)
    broken = {"status": "COMPLETED", "error": "x", "error_type": "runner_server_error"}

    async def follow(paid: PaidCalls) -> Any:
        waits = await paid.generate(ticket(claimed), REQUEST, keep)
        assert isinstance(waits, Wait)
        with pytest.raises(TransientError):
            await paid.generate(ticket(claimed, state=waits.state), REQUEST, keep)
        return await paid.generate(ticket(claimed, state=waits.state, attempt=2), REQUEST, keep)

    with Service(states=(broken,)) as service:
        again = with_calls(here.db, connection(service.url, "fal_queue"), follow)
    assert isinstance(again, Wait)
    assert set(sums(here)) == {"failed", "submitted"}
    keys = {row.idempotency_key.partition(":")[2] for row in here.rows(call)}
    assert keys == {"gen:1", "gen:1:2"}


@pytest.mark.parametrize(
    ("fate", "kind"),
    [
        ((429, {"retry-after": "7"}, {}), ThrottledError),
        ((500, {}, {}), TransientError),
        ((400, {}, {}), PermanentError),
        ((401, {}, {}), OperatorError),
        ("cut", AmbiguousError),
    ],
)
def test_a_refusal_costs_nothing(rig: Build, fate: Any, kind: type[NodeError]) -> None:
    """A call that was refused is failed and not charged; one that was cut off is unknown."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)

    async def once(paid: PaidCalls) -> None:
        with pytest.raises(kind):
            await paid.generate(ticket(claimed), REQUEST, keep)

    with Service((fate,)) as service:
        with_calls(here.db, connection(service.url), once)
    state = "unknown" if fate == "cut" else "failed"
    assert sums(here) == {state: (1, PRICE, 0)}


def test_a_service_that_was_just_connected_is_found() -> None:
    """What a worker read a moment ago ends no run: it looks again before it says that there is none."""
    there: dict[str, Any] = {}
    services = Services(lambda _: dict(there), lambda each: cast("Any", each))

    async def find() -> None:
        with pytest.raises(PermanentError):
            await services.find("org_1", "painter")
        there["painter"] = connection("http://127.0.0.1:9")
        assert (await services.find("org_1", "painter")).connection is there["painter"]

    asyncio.run(find())


def test_a_service_that_is_off_or_unknown_gets_no_call(rig: Build) -> None:
    """Nothing is written and nothing sent for a service that is switched off or not connected."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)

    async def ask(paid: PaidCalls) -> None:
        with pytest.raises(OperatorError, match="switched off"):
            await paid.generate(ticket(claimed), REQUEST, keep)
        with pytest.raises(PermanentError, match="there is rehearsal, painter"):
            await paid.generate(ticket(claimed), replace(REQUEST, provider="other"), keep)

    with Service() as service:
        with_calls(here.db, replace(connection(service.url), enabled=False), ask)
    assert not service.ledger
    assert not sums(here)


def test_a_refusal_does_not_answer_for_an_earlier_try(rig: Build) -> None:
    """Charged and not answered, then busy under the same key: nobody says that it was free."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)
    busy = (503, {}, {"error": "busy"})

    async def thrice(paid: PaidCalls) -> None:
        for _ in range(3):
            with pytest.raises(TransientError):
                await paid.generate(ticket(claimed), REQUEST, keep)

    with Service(("drop", busy, busy), keyed=True) as service:
        with_calls(here.db, connection(service.url, idempotent=True), thrice)
    assert service.charged == PRICE
    assert set(sums(here)) == {"intent"}
