"""Pausing and resuming runs, workflows and callers in somebody's name (S86)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from app.engine.engine import Engine
from app.engine.pause import Pause, Resume
from app.identity.callers import Caller, Callers
from app.identity.roles import Identity
from app.store.pauses import What
from app.store.workflows import WorkflowRow
from app.workflows.service import WorkflowService


@dataclass(frozen=True, slots=True)
class Holding:
    """Holds and lets go; both may be asked for twice, and say whether anything changed."""

    engine: Engine
    workflows: WorkflowService
    callers: Callers

    async def run(self, who: Identity, run_id: str, *, pause: bool, request_id: str | None = None) -> bool:
        """An open run: what is running ends, what follows waits."""
        return await self._do("run", run_id, run_id, who, request_id, pause=pause)

    async def workflow(
        self, who: Identity, slug: str, *, pause: bool, request_id: str | None = None
    ) -> WorkflowRow:
        """All runs of a workflow; triggers are accepted on and on.

        Raises:
            WorkflowUnknownError
        """
        row = await asyncio.to_thread(self.workflows.get, who.org_id, slug)
        await self._do("workflow", row.id, slug, who, request_id, pause=pause)
        self.workflows.forget()
        return await asyncio.to_thread(self.workflows.get, who.org_id, slug)

    async def caller(self, who: Identity, name: str, *, pause: bool, request_id: str | None = None) -> Caller:
        """All runs of a caller, in every workflow.

        Raises:
            UnknownError
        """
        found = await asyncio.to_thread(self.callers.find, who.org_id, name)
        await self._do("caller", found.id, found.name, who, request_id, pause=pause)
        self.callers.forget(found.id)
        return await asyncio.to_thread(self.callers.find, who.org_id, found.id)

    async def _do(
        self,
        what: What,
        identifier: str,
        name: str,
        who: Identity,
        request_id: str | None,
        *,
        pause: bool,
    ) -> bool:
        kind: Callable[..., Pause | Resume] = Pause if pause else Resume
        item = kind(what, identifier, name, who.acting(request_id))
        if isinstance(item, Pause):
            return await self.engine.pause(item)
        return await self.engine.resume(item)
