"""The ledger of paid calls as the executor's loop sees it: a change is committed when its await returns."""

import asyncio
from typing import Any

import structlog

from app.engine import calls, circuits
from app.engine.call_records import Answered, FenceLostError, Lost, Submitted
from app.engine.circuits import Report
from app.engine.departures import Departed, Departure, HeldBack, depart
from app.engine.writer import Writer
from graphs.errors import TransientError

_LOG = structlog.get_logger()
_TRIES = 5


class Ledger:
    """Writes through the group commit of its process."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def depart(self, item: Departure) -> Departed | HeldBack:
        """Write an intent down, if the call may leave.

        Raises:
            FenceLostError: The step is not this worker's any more.
            TransientError: The database does not take it, so nothing may be sent.
        """
        answer: Departed | HeldBack = await self._write(depart, item)
        return answer

    async def note(self, *changes: Answered | Lost | Submitted | Report | None) -> None:
        """Write down what became of a call, all in one commit where that is possible."""
        writes = [self._write(_OPERATIONS[type(each)], each) for each in changes if each is not None]
        await asyncio.gather(*writes)

    async def _write(self, operation: Any, value: Any) -> Any:
        for attempt in range(1, _TRIES + 1):
            try:
                return await self._writer.write(operation, value)
            except FenceLostError:
                raise
            except Exception as error:
                if attempt == _TRIES:
                    raise TransientError(
                        "run.internal", "the database does not take notes of paid calls"
                    ) from error
                _LOG.warning("ledger_write_failed", attempt=attempt, exc_info=True)
                await asyncio.sleep(0.2 * 2**attempt)
        raise AssertionError


_OPERATIONS: dict[type, Any] = {
    Answered: calls.settled,
    Lost: calls.unknown,
    Submitted: calls.submitted,
    Report: circuits.tell,
}
