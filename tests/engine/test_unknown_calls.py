"""Calls that nobody answered: the run waits for a person, and goes on as that person decides."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from app.egress.client import Egress
from app.egress.policy import EgressPolicy
from app.engine.aftermath import Aftermath, leftovers, take
from app.engine.control import Cancel
from app.engine.ledger import Ledger
from app.engine.paid import PaidCalls, Ticket
from app.engine.resolve import Outcome, Resolve, resolve
from app.engine.services import Services
from app.engine.writer import Writer
from app.providers.kinds import connect
from app.store import tables
from app.store.audit import Actor
from graphs.node import Wait
from tests.support.paying import REQUEST, claimed_runs, connection, keep, sums, ticket, with_calls
from tests.support.rig import ORG, Clock, Rig
from tests.support.service import PRICE, Service

Build = Callable[..., Rig]
BOSS = Actor(ORG, "boss")


def generating(rig: Rig, service: Service) -> None:
    """Let the rig's node ``one`` generate with a paid service, as the generator does."""

    async def act(run: Any, _: Any) -> Any:
        writer = Writer(rig.db)
        try:
            async with Egress(EgressPolicy.of(("127.0.0.0/8",))) as egress:
                known = connection(service.url)
                services = Services(lambda _: {"painter": known}, lambda each: connect(each, egress))
                paid = PaidCalls(services, Ledger(writer))
                row = rig.stages(run.job_id)[0]
                made = await paid.generate(_ticket(run, row.fence), REQUEST, keep)
                return {"x": made.credit_cost} if not isinstance(made, Wait) else made
        finally:
            writer.close()

    rig.acts["one"] = act


def _ticket(run: Any, fence: int) -> Any:
    return Ticket(ORG, "cal_1", 0, fence, run)


def lost_run(rig: Rig, service: Service) -> str:
    """A run that waits for a decision about its call."""
    generating(rig, service)
    run_id = rig.start()
    rig.run_dry()
    found = rig.run(run_id)
    assert found.status == "waiting"
    assert json.loads(found.wait)["reason"] == "review"
    return run_id


def decide(rig: Rig, outcome: Outcome) -> Any:
    row = rig.rows(tables.call)[0]
    decided = rig.do(resolve, Resolve(row.id, BOSS, outcome))[0]
    rig.bells += decided.stages
    rig.run_dry()
    return decided


@pytest.mark.parametrize(
    ("outcome", "status", "ledger", "sent"),
    [
        ("charged_failed", "failed", {"done": (1, PRICE, PRICE)}, 1),
        ("give_up", "failed", {"failed": (1, PRICE, 0)}, 1),
        ("not_charged_retry", "succeeded", {"failed": (1, PRICE, 0), "done": (1, PRICE, PRICE)}, 2),
    ],
)
def test_a_person_decides(
    rig: Build, outcome: Outcome, status: str, ledger: dict[str, Any], sent: int
) -> None:
    """The run waits with an alert and nothing is sent again until somebody says what became of the call."""
    here = rig()
    with Service(("drop", "ok")) as service:
        run_id = lost_run(here, service)
        assert len(here.rows(tables.alert)) == 1
        assert len(service.ledger) == 1
        decide(here, outcome)
        assert len(service.ledger) == sent
    assert here.run(run_id).status == status
    assert sums(here) == ledger
    if status == "failed":
        assert here.run(run_id).error_code == "node.provider_outcome_unknown"
    (entry,) = here.rows(tables.audit, tables.audit.c.action == "call.resolve")
    assert (entry.actor, json.loads(entry.detail)["outcome"]) == ("boss", outcome)


def test_a_decision_is_taken_once(rig: Build) -> None:
    """A second decision, or one from another organisation, changes nothing."""
    here = rig()
    with Service(("drop", "ok")) as service:
        lost_run(here, service)
        row = here.rows(tables.call)[0]
        other = Resolve(row.id, Actor("org_2", "eve"), "give_up")
        assert here.do(resolve, other) == [None]
        decide(here, "give_up")
        assert here.do(resolve, Resolve(row.id, BOSS, "not_charged_retry")) == [None]


def chore(rig: Rig, service: Service, kind: str) -> None:
    """One round of a worker's look at what ended runs left behind."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    writer = Writer(rig.db)
    egress = Egress(EgressPolicy.of(("127.0.0.0/8",)))
    known = connection(service.url, kind)
    services = Services(lambda _: {"painter": known}, lambda each: connect(each, egress))
    try:
        Aftermath(rig.db, writer, services, loop)()
    finally:
        writer.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def test_cancelling_a_run_stops_its_job(rig: Build) -> None:
    """After a run was cancelled its submitted jobs are stopped at the service, and cost nothing."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)
    with Service(states=({"status": "IN_QUEUE"},)) as service:
        with_calls(
            here.db,
            connection(service.url, "fal_queue"),
            lambda paid: paid.generate(ticket(claimed), REQUEST, keep),
        )
        chore(here, service, "fal_queue")
        assert not service.jobs["req-1"].cancelled
        here.do(here.control.cancel, Cancel(claimed.run.id, "boss", ORG))
        chore(here, service, "fal_queue")
        assert service.jobs["req-1"].cancelled
    assert sums(here) == {"failed": (1, PRICE, 0)}


def test_an_intent_of_an_ended_run_becomes_unknown(rig: Build, clock: Clock) -> None:
    """A call that was under way when its run ended is shown to a person, once, with an alert."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)

    async def never(paid: PaidCalls) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(paid.generate(ticket(claimed), REQUEST, keep), 0.3)

    with Service(("late",)) as service:
        with_calls(here.db, connection(service.url, timeout_seconds=60), never)
        here.do(here.control.cancel, Cancel(claimed.run.id, "boss", ORG))
        clock.now += 61.0
        found = _leftovers(here)
        assert here.do(take, found, found) == [found, []]
    assert set(sums(here)) == {"unknown"}
    assert [row.code for row in here.rows(tables.alert)] == ["node.provider_outcome_unknown"]
    assert not _leftovers(here)


def test_open_calls_of_running_runs_are_left_alone(rig: Build, clock: Clock) -> None:
    """Only what nobody works on any more is touched."""
    here = rig()
    (claimed,) = claimed_runs(here, 1)
    with Service(states=({"status": "IN_QUEUE"},)) as service:
        with_calls(
            here.db,
            connection(service.url, "fal_queue"),
            lambda paid: paid.generate(ticket(claimed), REQUEST, keep),
        )
    clock.now += 3600
    assert not _leftovers(here)
    with here.db.write() as writing:
        writing.execute(update(tables.run).values(finished_at=clock.now))
    assert len(_leftovers(here)) == 1


def _leftovers(rig: Rig) -> list[Any]:
    with rig.db.read() as reading:
        return leftovers(reading, rig.clock.now)


def test_a_charge_that_is_known_late_is_part_of_what_its_run_cost(rig: Build, clock: Clock) -> None:
    """A call that somebody finds charged after its run was cancelled counts for the run and the run above."""
    here = rig()
    parent, child = claimed_runs(here, 2)
    with here.db.write() as writing:
        writing.execute(
            update(tables.run).where(tables.run.c.id == child.run.id).values(parent_id=parent.run.id)
        )

    async def never(paid: PaidCalls) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(paid.generate(ticket(child), REQUEST, keep), 0.3)

    with Service(("late",)) as service:
        with_calls(here.db, connection(service.url, timeout_seconds=60), never)
    here.do(here.control.cancel, Cancel(parent.run.id, "boss", ORG))
    clock.now += 61.0
    here.do(take, _leftovers(here))
    assert [here.run(each.run.id).credit_cost for each in (parent, child)] == [0, 0]
    decide(here, "charged_failed")
    assert [here.run(each.run.id).credit_cost for each in (parent, child)] == [0.25, 0.25]
