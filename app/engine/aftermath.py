"""What is left of paid calls when their run is over: jobs are stopped, open intents become unknown.

Best effort and after the commit that ended the run; any worker may do it, one at a time for each call.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, insert, or_, select, update

from app import clock
from app.engine.call_records import OUTCOME_UNKNOWN, Answered, Call, Lost, read_call
from app.engine.calls import unknown
from app.engine.ledger import Ledger
from app.engine.services import Services
from app.engine.writer import Writer
from app.store.database import Database
from app.store.ids import new_id
from app.store.tables import alert, call, run
from graphs.errors import NodeError
from graphs.pricing import MICRO

_LOG = structlog.get_logger()
_AT_ONCE = 50
_AGAIN = 60.0
_LONG_ENOUGH = 3600.0
_SILENT = "the run ended before the answer came; whether the call was charged is unknown"


@dataclass(frozen=True, slots=True)
class Leftover:
    """An open call of a run that is over, as it was seen."""

    call: Call
    updated_at: float
    finished_at: float


class Aftermath:
    """Looks after open calls of ended runs, for a worker.

    Args:
        database: Where to look.
        writer: Where changes are committed.
        services: Who can stop jobs.
        loop: Where requests are made.
    """

    def __init__(
        self, database: Database, writer: Writer, services: Services, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._database = database
        self._writer = writer
        self._services = services
        self._ledger = Ledger(writer)
        self._loop = loop

    def __call__(self) -> None:
        """One round: returns when what it found is done with or has failed."""
        with self._database.read() as reading:
            found = leftovers(reading, clock.now())
        if not found:
            return
        mine = self._writer.submit(take, found).result()
        for each in mine:
            if each.call.state == "submitted":
                asyncio.run_coroutine_threadsafe(self.stop(each), self._loop).result(_AGAIN)

    async def stop(self, left: Leftover) -> None:
        """Ask the service to stop a job, and write down what that means for the money."""
        found, job = left.call, left.call.memo.get("job")
        try:
            service = await self._services.find(found.org_id, found.provider)
            stopped = await service.provider.cancel(job) if isinstance(job, dict) else False
        except (NodeError, KeyError, ValueError) as error:
            _LOG.warning("job_not_stopped", call=found.id, provider=found.provider, reason=str(error)[:200])
            if clock.now() - left.finished_at < _LONG_ENOUGH:
                return
            stopped = False
        if stopped:
            note = Answered(found.id, "failed", error_code="run.cancelled", note="stopped with its run")
        else:
            words = "its run ended; the job could not be stopped and counts as charged"
            note = Answered(found.id, "done", found.reserved / MICRO, None, "run.cancelled", words)
        await self._ledger.note(note)


def leftovers(connection: Connection, now: float) -> list[Leftover]:
    """Open calls of ended runs that nobody looked at since, or not for a minute."""
    fresh = (call.c.state == "submitted") & (call.c.updated_at <= run.c.finished_at)
    query = (
        select(call, run.c.finished_at)
        .join(run, run.c.id == call.c.run_id)
        .where(call.c.state.in_(("intent", "submitted")), run.c.finished_at.is_not(None))
        .where(or_(fresh, (call.c.updated_at < now - _AGAIN) & (run.c.finished_at < now - _AGAIN)))
        .order_by(call.c.updated_at)
        .limit(_AT_ONCE)
    )
    return [Leftover(read_call(row), row.updated_at, row.finished_at) for row in connection.execute(query)]


def take(connection: Connection, batches: Sequence[Sequence[Leftover]]) -> list[list[Leftover]]:
    """Those that no other worker took meanwhile; open intents among them become unknown, with an alert."""
    return [[each for each in batch if _take(connection, each)] for batch in batches]


def _take(connection: Connection, left: Leftover) -> bool:
    now = clock.now()
    seen = (call.c.id == left.call.id) & (call.c.updated_at == left.updated_at)
    same = call.c.state == left.call.state
    if connection.execute(update(call).where(seen, same).values(updated_at=now)).rowcount != 1:
        return False
    if left.call.state == "intent":
        unknown(connection, [Lost(left.call.id, OUTCOME_UNKNOWN, _SILENT)])
        subject = f"{left.call.provider} / {left.call.run_id}"
        row = {"code": OUTCOME_UNKNOWN, "subject": subject, "text": _SILENT}
        connection.execute(insert(alert).values(id=new_id("alr"), org_id=left.call.org_id, at=now, **row))
    return True
