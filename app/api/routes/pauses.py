"""Pause and resume: runs, workflows, callers (contract §4)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from app.api.deps import CallDep, Permit, SystemDep, reading
from app.api.lookup import one_run
from app.api.problems import ProblemError
from app.api.routes.callers import caller_json
from app.api.routes.workflow_views import workflow_json
from app.api.views import run_json
from app.engine import waits
from app.identity.roles import Identity
from app.wiring import System
from app.workflows.holding import Holding

router = APIRouter(prefix="/v1")
RunPauser = Annotated[Identity, Depends(Permit("runs.pause"))]
WorkflowPauser = Annotated[Identity, Depends(Permit("workflows.pause"))]
CallerPauser = Annotated[Identity, Depends(Permit("callers.pause"))]
Json = dict[str, Any]


@router.post("/runs/{job_id}/pause", tags=["Runs"], summary="Hold an open run; its running step ends")
async def pause_run(job_id: str, system: SystemDep, call: CallDep, who: RunPauser) -> Json:
    return await _run(system, who, job_id, call.request_id, pause=True)


@router.post("/runs/{job_id}/resume", tags=["Runs"], summary="Let a paused run go on")
async def resume_run(job_id: str, system: SystemDep, call: CallDep, who: RunPauser) -> Json:
    return await _run(system, who, job_id, call.request_id, pause=False)


@router.post(
    "/workflows/{slug}/pause",
    tags=["Workflows"],
    summary="Start and continue nothing of a workflow; triggers are accepted and wait",
)
async def pause_workflow(slug: str, system: SystemDep, call: CallDep, who: WorkflowPauser) -> Json:
    holding = _holding(system)
    return workflow_json(await holding.workflow(who, slug, pause=True, request_id=call.request_id))


@router.post(
    "/workflows/{slug}/resume",
    tags=["Workflows"],
    summary="Let the runs of a paused workflow go on, in order",
)
async def resume_workflow(slug: str, system: SystemDep, call: CallDep, who: WorkflowPauser) -> Json:
    holding = _holding(system)
    return workflow_json(await holding.workflow(who, slug, pause=False, request_id=call.request_id))


@router.post(
    "/callers/{name}/pause",
    tags=["Callers"],
    summary="Start and continue nothing of a caller; its triggers are accepted and wait",
)
async def pause_caller(name: str, system: SystemDep, call: CallDep, who: CallerPauser) -> Json:
    holding = _holding(system)
    return caller_json(await holding.caller(who, name, pause=True, request_id=call.request_id))


@router.post(
    "/callers/{name}/resume", tags=["Callers"], summary="Let the runs of a paused caller go on, in order"
)
async def resume_caller(name: str, system: SystemDep, call: CallDep, who: CallerPauser) -> Json:
    holding = _holding(system)
    return caller_json(await holding.caller(who, name, pause=False, request_id=call.request_id))


async def _run(system: System, who: Identity, job_id: str, request_id: str, *, pause: bool) -> Json:
    await reading(system, one_run, who.scope, job_id)
    await _holding(system).run(who, job_id, pause=pause, request_id=request_id)
    run = await reading(system, one_run, who.scope, job_id)
    if pause and not run.is_open:
        raise ProblemError("run.already_ended", f"the run has ended already: {run.status}")
    found = await reading(system, waits.closely, run, broker=system.live.connected)
    return run_json(found, system.library)


def _holding(system: System) -> Holding:
    return Holding(system.engine, system.workflows, system.callers)
