"""What performing nodes needs of its process, and what a node sees of the world."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.assets.darkroom import Darkroom
from app.assets.library import Library
from app.engine.caching import Caching
from app.engine.children import Children
from app.engine.context import RunServices
from app.engine.inherited import budget_of
from app.engine.own_assets import OwnAssets, Shelf
from app.engine.paid import PaidCalls, Ticket
from app.engine.recipes import Recipes
from app.engine.records import Claimed
from app.engine.secret_web import SecretKeeper, SecretWeb
from app.engine.told import facts_of_redos, fixed
from app.providers.contract import Provider
from graphs.catalogue import Catalogue
from graphs.node import RunInfo
from graphs.plan import Plan, PlanNode
from graphs.spawn import ChildResult
from graphs.web import Web

Watch = Callable[[str, str, str, float, str], None]


@dataclass(frozen=True, slots=True)
class Tools:
    """What performing needs of this process."""

    catalogue: Catalogue
    darkroom: Darkroom
    shelf: Shelf
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


class NodeContext:
    """The context of one node in one run (design §2), made as far as it is asked for: most nodes ask little.

    Args:
        began: When the node began, seconds since the epoch.
    """

    __slots__ = ("_began", "_claimed", "_plan", "_planned", "_run", "_services", "_tools", "web")

    def __init__(self, tools: Tools, claimed: Claimed, plan: Plan, planned: PlanNode, began: float) -> None:
        self.web = _web(tools, claimed, planned)
        self._tools = tools
        self._claimed = claimed
        self._plan = plan
        self._planned = planned
        self._began = began
        self._run: RunInfo | None = None
        self._services: RunServices | None = None

    @property
    def run(self) -> RunInfo:
        if self._run is None:
            self._run = self._info()
        return self._run

    @property
    def assets(self) -> OwnAssets:
        return OwnAssets(self._tools.darkroom, self._tools.shelf, self._claimed.run.org_id)

    @property
    def services(self) -> RunServices:
        if self._services is None:
            self._services = self._offered()
        return self._services

    def report(self, fraction: float, note: str = "") -> None:
        share = min(max(fraction, 0.0), 1.0)
        self._tools.watch(self._claimed.run.id, self._planned.id, "running", share, note)

    def told(self, children: tuple[ChildResult, ...]) -> None:
        """From now on the run says what its child runs came to."""
        self._run = replace(self.run, children=children)

    def _info(self) -> RunInfo:
        claimed, plan, planned, run = self._claimed, self._plan, self._planned, self._claimed.run
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
            now=self._began,
        )
        if plan.redoable and fixed(claimed, plan, planned.id):
            info = replace(info, fixed=True)
        return replace(info, **facts_of_redos(claimed, plan, planned.id)) if run.redos else info

    def _offered(self) -> RunServices:
        run, tools, info = self._claimed.run, self._tools, self.run
        ticket = None
        if self._planned.weight == "slow" and tools.paid is not None:
            budget = budget_of(run, self._plan)
            hard = budget is not None and budget.when_exhausted != "alert_only"
            ticket = Ticket(run.org_id, run.caller_id, self._claimed.number, self._claimed.fence, info, hard)
        return RunServices(
            *(info, tools.providers, tools.library, tools.paid, ticket, tools.recipes),
            version_id=run.version_id,
        )


def _web(tools: Tools, claimed: Claimed, planned: PlanNode) -> Web:
    if planned.weight == "slow" and tools.secrets is not None:
        return SecretWeb(tools.web, tools.secrets, claimed.run.org_id)
    return tools.web


def attempts_of(claimed: Claimed, planned: PlanNode) -> int:
    """Which try of a step this is: tries are counted for the node that failed last."""
    failed_before = claimed.detail is not None and claimed.detail.get("node") == planned.id
    return claimed.attempt if failed_before else 1
