"""Many runs ended at once: counted first (contract §4)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from app.api.deps import CallDep, JsonBody, Permit, SystemDep, documented, reading
from app.api.routes.runs import in_project, one_of
from app.api.routes.which import Filtered, WhichRuns
from app.api.times import seconds
from app.api.views import run_json
from app.identity.roles import Identity
from app.store import runs as rows
from app.store.runs import OPEN_STATUSES, RunFilter

router = APIRouter(prefix="/v1/runs", tags=["Runs"])
_MOST = 10_000
_SAMPLE = 10


class Which(WhichRuns):
    """The filters of the list of runs; at least one."""

    status: str | None = Field(None, description="queued, running or waiting, or several with commas.")


class CancelRuns(Filtered):
    """Which open runs to end."""

    filter: Which = Field(default_factory=Which, description="Which open runs; at least one filter.")
    limit: int = Field(1_000, ge=1, le=_MOST, description="Most runs, oldest first.")
    dry_run: bool = Field(True, description="Count only, and show the first ones.")


@router.post(
    "/cancel",
    summary="End many open runs; counts only, unless dry_run is false",
    openapi_extra=documented(CancelRuns),
)
async def cancel_runs(
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("runs.cancel"))],
    body: Annotated[CancelRuns, Depends(JsonBody(CancelRuns))],
) -> dict[str, Any]:
    wanted = await in_project(system, who, _wanted(body.filter))
    found = await reading(system, rows.oldest, who.scope, wanted, body.limit)
    ended: list[str] = []
    matched = await reading(system, rows.count, who.scope, wanted)
    if not body.dry_run:
        ids = [each.id for each in found]
        ended = await system.engine.cancel_all(who.org_id, ids, who.actor, call.request_id)
    return {
        "dry_run": body.dry_run,
        "matched": matched,
        "cancelled": len(ended),
        "sample": [run_json(each, system.library) for each in found[:_SAMPLE]],
    }


def _wanted(which: Which) -> RunFilter:
    which.demand_one()
    return RunFilter(
        workflow=which.workflow,
        status=one_of(which.status, OPEN_STATUSES, "filter.status") or OPEN_STATUSES,
        caller=which.caller,
        project=which.project,
        since=seconds(which.since, "filter.since"),
        until=seconds(which.until, "filter.until"),
        q=(which.q or "").strip() or None,
    )
