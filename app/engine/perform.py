"""Running the nodes of one stage: values in, values out, nothing written (design §4.3)."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from app import clock
from app.engine.caching import Reusable
from app.engine.records import Claimed, RunRow, Spawning, StepRow
from app.engine.tools import NodeContext, Tools, attempts_of
from app.store.database import unreachable
from graphs.errors import NodeError, OperatorError, PermanentError, TransientError
from graphs.kinds import SPAWNING
from graphs.node import Json, Node, Redo, Wait
from graphs.plan import Plan, PlanNode
from graphs.sockets import Image
from graphs.spawn import Spawn
from graphs.values import Outputs, Unfired, fired, gather, written

_LOG = structlog.get_logger()
_NODE_DEADLINE = 900.0


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a stage did not run through: a wait, or the error of one node."""

    node: PlanNode
    cause: Wait | Redo | NodeError | Spawning
    started_at: float
    duration: float


@dataclass(frozen=True, slots=True)
class Performed:
    """What the nodes of a stage did: their steps, and the node that stopped, if one did."""

    steps: tuple[StepRow, ...]
    stop: Stop | None = None


class Performer:
    """Performs stages; node instances are built once per version and node."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._nodes: dict[tuple[str, str], Node[Any, Any, Any]] = {}

    async def perform(self, claimed: Claimed, plan: Plan) -> Performed:
        """Run the stage's nodes in order until one stops; steps that are done are not done again."""
        outputs: dict[str, Mapping[str, Any]] = {
            row.node_id: row.outputs or {}
            for row in claimed.steps.values()
            if row.status in {"succeeded", "skipped"}
        }
        steps: list[StepRow] = []
        for planned in plan.stage_nodes(claimed.number):
            if planned.id in outputs:
                continue
            if planned.weight == "slow":
                self._tell(claimed, steps)
            began = clock.now(), clock.ticks()
            result = await self._step(claimed, plan, planned, outputs, began[0])
            duration = clock.ticks() - began[1]
            if isinstance(result, Wait | Redo | NodeError | Spawning):
                return Performed(tuple(steps), Stop(planned, result, began[0], duration))
            try:
                row = self._row(claimed, plan, planned, result, began[0], duration)
            except PydanticSerializationError as error:
                return Performed(
                    tuple(steps), Stop(planned, _trouble(claimed, planned, error), began[0], duration)
                )
            outputs[planned.id] = row.outputs or {}
            steps.append(row)
        return Performed(tuple(steps))

    def _tell(self, claimed: Claimed, steps: Sequence[StepRow]) -> None:
        """Their rows come with the stage's commit; whoever watches meanwhile sees that these are done."""
        for row in steps:
            self._tools.watch(claimed.run.id, row.node_id, row.status, 1.0, "")

    async def _step(
        self, claimed: Claimed, plan: Plan, planned: PlanNode, outputs: Outputs, began: float
    ) -> BaseModel | Reusable | Wait | Redo | NodeError | Spawning | None:
        inputs = gather(planned, outputs)
        if isinstance(inputs, Unfired):
            return None
        try:
            if planned.weight == "cheap":
                return await self._run(claimed, plan, planned, inputs, began)
            async with asyncio.timeout(_NODE_DEADLINE):
                return await self._run(claimed, plan, planned, inputs, began)
        except Exception as error:  # noqa: BLE001 - a fault in a node ends its run, not its worker
            return _trouble(claimed, planned, error)

    async def _run(
        self, claimed: Claimed, plan: Plan, planned: PlanNode, inputs: Json, began: float
    ) -> BaseModel | Reusable | Wait | Redo | Spawning:
        node = self._node(claimed.run, planned)
        if planned.weight == "slow":
            self._tools.watch(claimed.run.id, planned.id, "running", 0.0, "")
        try:
            values = node.Inputs.model_validate(inputs)
        except ValidationError as error:
            raise _invalid(planned, error) from error
        context = NodeContext(self._tools, claimed, plan, planned, began)
        if planned.cache and self._tools.caching is not None:
            work = partial(node.run, values, context)
            result = await self._tools.caching.through(claimed, planned, node, values, context.run, work)
        else:
            result = await node.run(values, context)
        if isinstance(result, Spawn):
            answer = await self._tools.children.advance(claimed, plan, planned, result)
            if isinstance(answer, Spawning):
                return answer
            context.told(answer)
            result = await node.run(values, context)
        if not isinstance(result, BaseModel | Reusable | Wait | Redo):
            raise TypeError(f"{planned.kind} answered with {type(result).__name__}")
        return result

    def _node(self, run: RunRow, planned: PlanNode) -> Node[Any, Any, Any]:
        key = run.version_id, planned.id
        node = self._nodes.get(key)
        if node is None:
            kind = self._tools.catalogue.get(planned.kind)
            node = self._nodes[key] = kind(kind.Settings.model_validate(planned.settings))
            if len(self._nodes) > 10_000:
                self._nodes.clear()
        return node

    def _row(  # noqa: PLR0917
        self,
        claimed: Claimed,
        plan: Plan,
        planned: PlanNode,
        result: BaseModel | Reusable | None,
        started_at: float,
        duration: float,
    ) -> StepRow:
        if isinstance(result, Reusable):
            row = self._row(claimed, plan, planned, result.outputs, started_at, duration)
            return result.marked(row, planned.cache or 0)
        outputs = None if result is None else fired(result)
        status = "skipped" if outputs is None else "succeeded"
        cost, model = _cost(planned, outputs)
        return StepRow(
            node_id=planned.id,
            position=plan.position(planned.id),
            status=status,  # type: ignore[arg-type]
            attempts=attempts_of(claimed, planned),
            started_at=started_at,
            duration=round(duration, 6),
            outputs=outputs,
            credits=cost,
            model_id=model,
            executor=self._tools.executor,
            text=None if result is None else written(result),
        )


def _cost(planned: PlanNode, outputs: Mapping[str, Any] | None) -> tuple[float, str | None]:
    if planned.kind in SPAWNING:
        return float((outputs or {}).get("credits", 0.0)), None
    images = (outputs or {}).get("images") if planned.weight == "slow" else None
    made = [image for image in images or () if isinstance(image, Image)]
    return sum(image.credit_cost for image in made), made[0].model_id if made else None


def _trouble(claimed: Claimed, planned: PlanNode, error: Exception) -> NodeError:
    if isinstance(error, NodeError):
        return error
    if isinstance(error, BrokenExecutor):
        words = f"{planned.title}: the process that worked on it died, perhaps for want of memory"
        return TransientError("run.internal", words)
    if isinstance(error, TimeoutError):
        return TransientError(
            "node.provider_timeout", f"{planned.title} took longer than {_NODE_DEADLINE:g} s"
        )
    if unreachable(error):
        return TransientError("run.internal", f"{planned.title}: the database did not answer")
    _LOG.error("node_crashed", run_id=claimed.run.id, node=planned.id, kind=planned.kind, exc_info=error)
    return OperatorError("run.internal", f"{planned.title} failed in an unforeseen way; see the log")


def _invalid(planned: PlanNode, error: ValidationError) -> PermanentError:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return PermanentError("node.input_missing", f"{planned.title}: {field}: {first['msg']}", field=field)
