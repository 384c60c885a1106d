"""Compiled plans by version: immutable, so they are read once per process."""

import asyncio
import json
from collections import OrderedDict

from app.store.database import Database
from app.store.workflows import version_by_id
from graphs.partial import leading_to
from graphs.plan import Plan

_REMEMBERED = 500


class Plans:
    """Plans of the versions this process works on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    async def get(self, version_id: str, targets: tuple[str, ...] = ()) -> Plan:
        """The plan of a version, or of what leads to some of its nodes; from memory after the first time."""
        plan = await self._whole(version_id)
        return leading_to(plan, targets) if targets else plan

    async def _whole(self, version_id: str) -> Plan:
        plan = self._plans.get(version_id)
        if plan is None:
            plan = await asyncio.to_thread(self.read, version_id)
            self._plans[version_id] = plan
            if len(self._plans) > _REMEMBERED:
                self._plans.popitem(last=False)
        return plan

    def read(self, version_id: str) -> Plan:
        """The plan of a version, or of a draft as somebody ran it."""
        with self._database.read() as connection:
            found = version_by_id(connection, version_id)
        if found is None:
            raise LookupError(f"no version {version_id}")
        return Plan.from_json(json.loads(found.plan))
