"""Tells the events of one run to one listener until run and delivery have ended."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.api.events import Event, after, events_for
from app.api.lookup import Look, look_up
from app.api.views import wait_json
from app.store import deliveries as delivery_rows
from app.store import runs as rows
from app.store.runs import Scope
from app.wiring import System

_LOOK_EVERY = 1.0
_OPEN_CALLBACKS = frozenset({"pending", "retrying"})


@dataclass(frozen=True, slots=True)
class Telling:
    """What a listener is sent; a status without id does not move the place to resume at."""

    id: str | None
    kind: str
    data: Mapping[str, Any]


class Story:
    """The events of a run after `last_id`, each once, and its status whenever that changes."""

    def __init__(self, system: System, scope: Scope, run_id: str, last_id: str | None) -> None:
        self._system = system
        self._scope = scope
        self._run_id = run_id
        self._told: set[str] = set()
        self._last_id = last_id
        self._status: Any = None

    async def tell(self) -> AsyncGenerator[Telling | None, None]:
        """Events as they come; None whenever there was nothing new for a second."""
        with self._system.audience.seat():
            async with aclosing(self._tell()) as tellings:
                async for telling in tellings:
                    yield telling

    async def _tell(self) -> AsyncGenerator[Telling | None, None]:
        loop = asyncio.get_running_loop()
        while True:
            looked = loop.time()
            events, look = await asyncio.to_thread(self._read)
            news = self._news(events, look)
            for telling in news:
                yield telling
            if not look.run.is_open and look.run.callback_status not in _OPEN_CALLBACKS:
                return
            if not news:
                yield None
            await self._system.live.wait(self._run_id, _LOOK_EVERY)
            await self._system.audience.rest(looked)

    def _read(self) -> tuple[list[Event], Look]:
        with self._system.db.read() as connection:
            look = look_up(connection, self._scope, self._run_id, self._system.live)
            return _events(connection, look), look

    def _news(self, events: list[Event], look: Look) -> list[Telling]:
        news = [event for event in after(events, self._last_id) if event.id not in self._told]
        self._told.update(event.id for event in news)
        tellings = [Telling(event.id, event.kind, event.data) for event in news]
        status = {
            "status": look.run.status,
            "wait": wait_json(look.run),
            "progress": look.progress,
            "callback_status": look.run.callback_status,
        }
        if status != self._status:
            self._status = status
            tellings.append(Telling(None, "run.status", status))
        return tellings


def _events(connection: Connection, look: Look) -> list[Event]:
    run_id = look.run.id
    deliveries = delivery_rows.of_run(connection, run_id)
    return events_for(
        look.run,
        (*look.earlier, *look.steps),
        rows.attempts(connection, run_id),
        deliveries,
        tries=delivery_rows.attempts(connection, [each.id for each in deliveries]),
        stages={node.id: node.stage for node in look.plan.nodes} if look.plan else {},
        redos=look.redos,
    )
