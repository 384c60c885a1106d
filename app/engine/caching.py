"""Earlier results instead of new work: the same type, settings and inputs gave this before (S129).

Only for nodes whose workflow asks for it. What is kept is written down by the transaction that settles the
step; two runs that do the same work at the same time both do it, and the later one is kept.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from app import clock
from app.assets.library import Library
from app.engine.records import Claimed, Settlement, StepRow
from app.store import cached
from app.store.database import Database
from graphs.node import Node, RunInfo
from graphs.plan import PlanNode

_LOG = structlog.get_logger()
# raised when keys are made in another way
_FORM = 1
AnyNode = Node[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Reusable:
    """What a step of a caching node gave: made now and kept under ``key``, or found (``source`` is JSON)."""

    outputs: BaseModel
    key: str
    source: str | None = None

    def marked(self, row: StepRow, seconds: int) -> StepRow:
        """The step's row: what was found is no work of this run."""
        if self.source is not None:
            return row._replace(attempts=0, cached_from=self.source)
        return row._replace(keep=(self.key, seconds))


class Caching:
    """Looks for earlier results before a node works."""

    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library

    async def through(  # noqa: PLR0917 - what a node is run with
        self,
        claimed: Claimed,
        planned: PlanNode,
        node: AnyNode,
        values: BaseModel,
        info: RunInfo,
        work: Callable[[], Awaitable[Any]],
    ) -> Any:
        """What an earlier step gave for the same, as Reusable, else what the work gives now."""
        key = key_of(planned, type(node).version, values, info)
        if key is None:
            return await work()
        if not claimed.run.fresh and info.state is None:
            found = await asyncio.to_thread(self._find, claimed, planned, node, key, info)
            if found is not None:
                return found
        made = await work()
        return Reusable(made, key) if isinstance(made, BaseModel) else made

    def _find(
        self, claimed: Claimed, planned: PlanNode, node: AnyNode, key: str, info: RunInfo
    ) -> Reusable | None:
        run, now = claimed.run, clock.now()
        try:
            with self._database.read() as connection:
                row = cached.find(connection, run.workflow_id, key, now - (planned.cache or 0), now)
                if row is None or cached.called(connection, run.id, planned.id, info.generation):
                    return None
            outputs = json.loads(row.outputs)
            if not all(self._library.has(*each) for each in set(_pictures(outputs))):
                return None
            source = {"job_id": row.run_id, "node_id": row.node_id, "generation": row.generation}
            return Reusable(node.Outputs.model_validate(_free(outputs)), key, json.dumps(source))
        except Exception:  # noqa: BLE001 - what cannot be reused is made anew
            _LOG.warning("cache_not_read", run_id=run.id, node=planned.id, exc_info=True)
            return None


class Forgetting:
    """Forgets results that have expired, some at a time, for a worker."""

    def __init__(self, database: Database, writer: Any) -> None:
        self._database = database
        self._writer = writer

    def __call__(self) -> None:
        """One round; an idle system only reads."""
        now = clock.now()
        with self._database.read() as connection:
            if not cached.any_expired(connection, now):
                return
        self._writer.submit(_purge, now).result()


def key_of(planned: PlanNode, version: int, values: BaseModel, info: RunInfo) -> str | None:
    """What a result follows from, as SHA-256 (hex); None for inputs that are no JSON.

    Seeds that are derived from the run are no input, and so make no difference; given ones do.
    """
    try:
        inputs = values.model_dump(mode="json", exclude_unset=True)
    except (PydanticSerializationError, UnicodeError, RecursionError):
        return None
    change = dict(info.change)
    content = [_FORM, planned.kind, version, planned.settings, _free(inputs), info.generation, change]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def to_keep(items: Iterable[Settlement]) -> list[dict[str, Any]]:
    """The rows for what these executions made and may be reused; empty for most."""
    kept = [(item.claimed.run, row, *row.keep) for item in items for row in item.steps if row.keep]
    now = clock.now() if kept else 0.0
    return [
        {
            "workflow_id": run.workflow_id,
            "key": key,
            "org_id": run.org_id,
            "run_id": run.id,
            "node_id": row.node_id,
            "generation": row.generation,
            "created_at": now,
            "expires_at": now + seconds,
        }
        for run, row, key, seconds in kept
    ]


def _purge(connection: Any, moments: Iterable[float]) -> list[int]:
    return [cached.purge(connection, now) for now in moments]


def _is_picture(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("sha256"), str) and isinstance(value.get("format"), str)


def _free(value: Any) -> Any:
    """The same, with pictures that cost nothing: a price is no content."""
    if isinstance(value, dict):
        found = {name: _free(each) for name, each in value.items()}
        return {**found, "credit_cost": 0} if _is_picture(found) else found
    return [_free(each) for each in value] if isinstance(value, list) else value


def _pictures(value: Any) -> Iterator[tuple[str, str]]:
    """Hash and format of every picture in a value."""
    if isinstance(value, dict):
        if _is_picture(value):
            yield value["sha256"], value["format"]
        for each in value.values():
            yield from _pictures(each)
    elif isinstance(value, list):
        for each in value:
            yield from _pictures(each)
