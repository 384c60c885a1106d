"""Running the nodes of one stage: values in, values out, nothing written (design §4.3)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from app import clock
from app.assets.darkroom import Darkroom
from app.assets.library import Library
from app.engine.caching import Caching, Reusable
from app.engine.children import Children
from app.engine.context import NodeContext, RunServices
from app.engine.inherited import budget_of
from app.engine.paid import PaidCalls, Ticket
from app.engine.recipes import Recipes
from app.engine.records import Claimed, RunRow, Spawning, StepRow
from app.engine.secret_web import SecretKeeper, SecretWeb
from app.engine.told import facts_of_redos
from app.providers.contract import Provider
from graphs.catalogue import Catalogue
from graphs.errors import NodeError, OperatorError, PermanentError, TransientError
from graphs.kinds import SPAWNING
from graphs.node import Json, Node, Redo, RunInfo, Wait
from graphs.plan import Plan, PlanNode
from graphs.sockets import Image
from graphs.spawn import Spawn
from graphs.values import Outputs, Unfired, fired, gather
from graphs.web import Web

_LOG = structlog.get_logger()
_NODE_DEADLINE = 900.0
Watch = Callable[[str, str, str, float, str], None]


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


@dataclass(frozen=True, slots=True)
class Tools:
    """What performing needs of this process."""

    catalogue: Catalogue
    darkroom: Darkroom
    library: Library
    providers: Mapping[str, Provider]
    executor: str
    watch: Watch
    web: Web
    children: Children
    paid: PaidCalls | None = None
    caching: Caching | None = None
    recipes: Recipes | None = None
    secrets: SecretKeeper | None = None


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
            result = await self._step(claimed, plan, planned, outputs)
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
        self, claimed: Claimed, plan: Plan, planned: PlanNode, outputs: Outputs
    ) -> BaseModel | Reusable | Wait | Redo | NodeError | Spawning | None:
        inputs = gather(planned, outputs)
        if isinstance(inputs, Unfired):
            return None
        try:
            if planned.weight == "cheap":
                return await self._run(claimed, plan, planned, inputs)
            async with asyncio.timeout(_NODE_DEADLINE):
                return await self._run(claimed, plan, planned, inputs)
        except Exception as error:  # noqa: BLE001 - a fault in a node ends its run, not its worker
            return _trouble(claimed, planned, error)

    async def _run(
        self, claimed: Claimed, plan: Plan, planned: PlanNode, inputs: Json
    ) -> BaseModel | Reusable | Wait | Redo | Spawning:
        node = self._node(claimed.run, planned)
        if planned.weight == "slow":
            self._tools.watch(claimed.run.id, planned.id, "running", 0.0, "")
        try:
            values = node.Inputs.model_validate(inputs)
        except ValidationError as error:
            raise _invalid(planned, error) from error
        context = self._context(claimed, plan, planned)
        if planned.cache and self._tools.caching is not None:
            work = partial(node.run, values, context)
            result = await self._tools.caching.through(claimed, planned, node, values, context.run, work)
        else:
            result = await node.run(values, context)
        if isinstance(result, Spawn):
            answer = await self._tools.children.advance(claimed, plan, planned, result)
            if isinstance(answer, Spawning):
                return answer
            result = await node.run(values, replace(context, run=replace(context.run, children=answer)))
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

    def _context(self, claimed: Claimed, plan: Plan, planned: PlanNode) -> NodeContext:
        run, tools = claimed.run, self._tools
        waiting = claimed.detail if claimed.detail and claimed.detail.get("node") == planned.id else {}
        state = waiting.get("state")
        info = RunInfo(
            job_id=run.id,
            workflow=run.workflow,
            version=run.version,
            trigger=run.inputs,
            node_id=planned.id,
            attempt=attempts_of(claimed, planned),
            idempotency_key=f"{run.id}:{planned.id}:{plan.generation(claimed.number) + 1}",
            trace_id=run.trace_id,
            caller=run.caller,
            state=state if isinstance(state, dict) else None,
            now=clock.now(),
        )
        if run.redos:
            info = replace(info, **facts_of_redos(claimed, plan, planned.id))

        def progress(fraction: float, note: str) -> None:
            tools.watch(run.id, planned.id, "running", fraction, note)

        web = tools.web
        if planned.weight == "slow" and tools.secrets is not None:
            web = SecretWeb(tools.web, tools.secrets, run.org_id)
        ticket = None
        if planned.weight == "slow" and tools.paid is not None:
            budget = budget_of(run, plan)
            hard = budget is not None and budget.when_exhausted != "alert_only"
            ticket = Ticket(run.org_id, run.caller_id, claimed.number, claimed.fence, info, hard)
        services = RunServices(
            *(info, tools.providers, tools.library, tools.paid, ticket, tools.recipes),
            version_id=run.version_id,
        )
        return NodeContext(info, tools.darkroom, services, web, progress)

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
            text=None if result is None else result.model_dump_json(exclude_unset=True),
        )


def attempts_of(claimed: Claimed, planned: PlanNode) -> int:
    """Which try of a step this is: tries are counted for the node that failed last."""
    failed_before = claimed.detail is not None and claimed.detail.get("node") == planned.id
    return claimed.attempt if failed_before else 1


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
    _LOG.error("node_crashed", run_id=claimed.run.id, node=planned.id, kind=planned.kind, exc_info=error)
    return OperatorError("run.internal", f"{planned.title} failed in an unforeseen way; see the log")


def _invalid(planned: PlanNode, error: ValidationError) -> PermanentError:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return PermanentError("node.input_missing", f"{planned.title}: {field}: {first['msg']}", field=field)
