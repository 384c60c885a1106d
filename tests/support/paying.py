"""Steps that pay: claimed runs on a rig, a connected service, and calls made as a worker makes them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from app.egress.client import Egress
from app.egress.policy import EgressPolicy
from app.engine.ledger import Ledger
from app.engine.paid import PaidCalls, Ticket
from app.engine.records import Claimed
from app.engine.services import Services
from app.engine.writer import Writer
from app.providers.connection import Connection, ConnectionSettings
from app.providers.contract import Done, Model
from app.providers.kinds import connect
from app.store.database import Database
from app.store.tables import call
from graphs.node import Generated, GenerationRequest, RunInfo
from tests.support.rig import CALLER, ORG, Rig

REQUEST = GenerationRequest("painter", "m1", "a chair", "", "", 64, 64, 1, 1)


def connection(url: str, kind: str = "openai_images", **settings: Any) -> Connection:
    """A service at an address, called painter, with one model at a quarter of a credit."""
    given = ConnectionSettings(**{"timeout_seconds": 1, "poll_seconds": 0.05, **settings})
    return Connection(
        "prv_1", ORG, "painter", kind, url, (Model("m1", "M", 0.25),), given, True, 0, 0, "secret"
    )


async def keep(_: GenerationRequest, done: Done) -> Generated:
    """Keep no pictures: these tests look at the money."""
    return Generated((), done.model_id, done.credit_cost)


def ticket(claimed: Claimed, **changed: Any) -> Ticket:
    """The ticket of a claimed stage's generator."""
    run_id = claimed.run.id
    info = RunInfo(run_id, "flow", 1, {}, "gen", 1, f"{run_id}:gen:1", "t")
    return Ticket(ORG, CALLER, claimed.number, claimed.fence, replace(info, **changed))


def with_calls(database: Database, service: Connection, work: Callable[[PaidCalls], Awaitable[Any]]) -> Any:
    """Do something with paid calls, on a loop and a writer of their own, as one worker process has them."""

    async def go() -> Any:
        writer = Writer(database)
        try:
            async with Egress(EgressPolicy.of(("127.0.0.0/8",))) as egress:
                services = Services(lambda _: {"painter": service}, lambda each: connect(each, egress))
                return await work(PaidCalls(services, Ledger(writer)))
        finally:
            writer.close()

    return asyncio.run(go())


def claimed_runs(rig: Rig, count: int) -> list[Claimed]:
    """So many runs whose first stage a worker holds."""
    started = rig.accept(*[rig.shop.new() for _ in range(count)])
    rig.bells.clear()
    return rig.claim(*[(each.run_id, 0) for each in started])


def sums(rig: Rig) -> dict[str, tuple[int, int, int]]:
    """The ledger by state: rows, reserved, charged."""
    query = select(call.c.state, func.count(), func.sum(call.c.reserved), func.sum(call.c.charged)).group_by(
        call.c.state
    )
    with rig.db.read() as reading:
        return {row[0]: (row[1], int(row[2]), int(row[3])) for row in reading.execute(query)}


async def at_most(limit: int, tasks: Sequence[Awaitable[Any]]) -> list[Any]:
    """Gather, so many at a time."""
    room = asyncio.Semaphore(limit)

    async def one(task: Awaitable[Any]) -> Any:
        async with room:
            return await task

    return list(await asyncio.gather(*[one(task) for task in tasks]))
