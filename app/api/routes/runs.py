"""Runs: find, read, stop, repeat (contract §4)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from app.api.deps import (
    MAX_VERSION,
    Body,
    CallDep,
    Cursor,
    JsonBody,
    Limit,
    Permit,
    SystemDep,
    documented,
    reading,
)
from app.api.keys import KeyHeader, key_of
from app.api.lookup import Look, look_up, one_run
from app.api.problems import FieldProblem, ProblemError, invalid
from app.api.times import seconds
from app.api.views import (
    children_json,
    generation_json,
    redo_json,
    run_detail,
    run_json,
    step_json,
    step_summary,
    waiting_step_json,
)
from app.engine import waits
from app.identity.roles import Identity
from app.store import callers
from app.store import runs as rows
from app.store.runs import CALLBACK_STATUSES, SOURCES, STATUSES, AttemptRow, RunFilter
from app.wiring import System
from app.workflows.configure import LONGEST, SHORTEST
from app.workflows.keeping import Again
from app.workflows.starts import Starts

router = APIRouter(prefix="/v1/runs", tags=["Runs"])
Reader = Annotated[Identity, Depends(Permit("runs.read"))]
Text = Annotated[str | None, Query(max_length=255)]


_FRESH = "Make everything anew, also where a node may reuse earlier results."


class Rerun(Body):
    """How to repeat a run; empty repeats it as it was."""

    from_node: str | None = Field(
        None, max_length=64, description="Keep what the nodes made that do not depend on this one."
    )
    from_failed: bool = Field(False, description="Keep all that succeeded; only of a failed run.")
    version: int | None = Field(None, ge=1, le=MAX_VERSION, description="Another version of the workflow.")
    inputs: dict[str, Any] | None = Field(None, description="Business fields that replace the earlier ones.")
    fresh: bool = Field(False, description=_FRESH)
    targets: list[str] = Field(
        [], max_length=100, description="Run only what these nodes need; no callback unless they deliver."
    )
    deadline_seconds: float | None = Field(
        None, ge=SHORTEST, le=LONGEST, description="Seconds it may take; default what the workflow says."
    )


def run_filter(  # noqa: PLR0917 - FastAPI names them
    workflow: Text = None,
    status: Annotated[str | None, Query(description="One, or several with commas.")] = None,
    caller: Text = None,
    project: Text = None,
    callback_status: Annotated[str | None, Query(description="One, or several with commas.")] = None,
    error_code: Text = None,
    since: Annotated[str | None, Query(description="Accepted at or after, RFC 3339.")] = None,
    until: Annotated[str | None, Query(description="Accepted before, RFC 3339.")] = None,
    q: Annotated[
        str | None, Query(max_length=255, description="Id, external id or text of the trigger.")
    ] = None,
    source: Annotated[str | None, Query(description="One, or several with commas.")] = None,
    schedule: Text = None,
    batch: Text = None,
    parent: Annotated[
        str | None,
        Query(max_length=64, description="Runs that this run started; none: those that no run started."),
    ] = None,
) -> RunFilter:
    """The filters of a list of runs, the same for every route that takes them."""
    return RunFilter(
        workflow=workflow,
        status=one_of(status, STATUSES, "status"),
        caller=caller,
        project=project,
        callback_status=one_of(callback_status, CALLBACK_STATUSES, "callback_status"),
        error_code=error_code,
        since=seconds(since, "since"),
        until=seconds(until, "until"),
        q=(q or "").strip() or None,
        source=one_of(source, SOURCES, "source"),
        schedule=schedule,
        batch=batch,
        parent=parent,
    )


@router.get("", summary="List runs, newest first")
async def list_runs(
    system: SystemDep,
    who: Reader,
    wanted: Annotated[RunFilter, Depends(run_filter)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    wanted = await in_project(system, who, wanted)
    page = await reading(system, waits.page, who.scope, wanted, cursor, limit)
    items = [run_json(run, system.library) for run in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@router.get("/{job_id}", summary="One run with its progress and outputs")
async def get_run(job_id: str, system: SystemDep, who: Reader) -> dict[str, Any]:
    found: Look = await reading(system, look_up, who.scope, job_id, system.live)
    detail = run_detail(found.run, found.payloads, found.progress, found.steps, system.library)
    counts = await _children(system, found)
    if counts:
        total: Counter[str] = sum((Counter(each) for each in counts.values()), Counter())
        detail["children"] = children_json(found.run, total)
    steps = [step_summary(each) for each in _steps(found, (), system)]
    return detail | {"steps": steps, "redos": [redo_json(each) for each in found.redos]}


@router.get("/{job_id}/steps", summary="The steps of a run with timings, attempts and outputs")
async def get_steps(job_id: str, system: SystemDep, who: Reader) -> dict[str, Any]:
    found: Look = await reading(system, look_up, who.scope, job_id, system.live)
    attempts = await reading(system, rows.attempts, job_id)
    items, counts = _steps(found, attempts, system), await _children(system, found)
    for each in items:
        if each["node_id"] in counts:
            each["children"] = children_json(found.run, counts[each["node_id"]])
    return {"items": items, "next_cursor": None}


@router.post("/{job_id}/cancel", summary="End an open run")
async def cancel(
    job_id: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("runs.cancel"))],
) -> dict[str, Any]:
    await reading(system, one_run, who.scope, job_id)
    if not await system.engine.cancel(who.org_id, job_id, who.actor, call.request_id):
        run = await reading(system, one_run, who.scope, job_id)
        raise ProblemError("run.already_ended", f"the run has ended already: {run.status}")
    return run_json(await reading(system, one_run, who.scope, job_id), system.library)


@router.post(
    "/{job_id}/rerun",
    status_code=202,
    summary="Repeat a run",
    openapi_extra=documented(Rerun, required=False),
)
async def rerun(  # noqa: PLR0917
    job_id: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("runs.rerun"))],
    body: Annotated[Rerun, Depends(JsonBody(Rerun))],
    idempotency_key: KeyHeader = None,
) -> Response:
    key = key_of(idempotency_key, who, "rerun", f"{job_id} {body.model_dump_json()}", job_id)
    how = Again(
        body.from_node,
        body.version,
        body.inputs,
        from_failed=body.from_failed,
        targets=tuple(body.targets),
        deadline_seconds=body.deadline_seconds,
        fresh=body.fresh,
    )
    starts = Starts(system.db, system.engine, system.workflows)
    started = await starts.again(who, job_id, how, request_id=call.request_id, key=key)
    headers = {"location": f"/v1/runs/{started.run_id}"}
    if started.replayed:
        headers["idempotency-replayed"] = "true"
    return Response(started.body, 202, headers, "application/json")


@router.get("/{job_id}/callback", summary="The callback body, byte for byte")
async def callback(job_id: str, system: SystemDep, who: Reader) -> Response:
    run = await reading(system, one_run, who.scope, job_id)
    payloads = await reading(system, rows.payloads, job_id)
    if payloads is None or payloads.result is None:
        detail = f"the run is {run.status}; its callback body exists when it has ended"
        raise ProblemError("run.not_ended", detail, headers={"retry-after": "1"})
    return Response(payloads.result.encode(), media_type="application/json")


async def _children(system: System, found: Look) -> dict[str, dict[str, int]]:
    """How many runs each node has started; nothing is asked for plans that start none."""
    if found.plan is None or not found.plan.spawns:
        return {}
    counts: dict[str, dict[str, int]] = await reading(system, rows.count_children, found.run.id)
    return counts


def _steps(found: Look, attempts: Iterable[AttemptRow], system: System) -> list[dict[str, Any]]:
    """Every step in order: those with a row, and those to come."""
    tries: dict[tuple[str, int], list[AttemptRow]] = {}
    for each in attempts:
        tries.setdefault((each.node_id, each.generation), []).append(each)
    nodes = found.plan.nodes if found.plan else ()
    labels = {node.id: node.title for node in nodes}
    items = [
        step_json(step, labels.get(step.node_id), tries.get((step.node_id, step.generation), []), found.run)
        for step in found.steps
    ]
    known, live = {step.node_id for step in found.steps}, system.live.nodes(found.run.id)
    items += [
        waiting_step_json(node, position, found.run, live.get(node.id))
        for position, node in enumerate(nodes)
        if node.id not in known
    ]
    before: dict[str, list[dict[str, Any]]] = {}
    for row in reversed(found.earlier):
        told = generation_json(row, tries.get((row.node_id, row.generation), []), found.redos)
        before.setdefault(row.node_id, []).append(told)
    items = [item | {"generations": before.get(item["node_id"], [])} for item in items]
    return sorted(items, key=lambda each: each["position"])


def one_of(text: str | None, allowed: tuple[str, ...], field: str) -> tuple[str, ...]:
    """Comma-separated values, each among the allowed ones.

    Raises:
        ProblemError: Names the field and what is allowed.
    """
    values = tuple(part.strip() for part in (text or "").split(",") if part.strip())
    for value in values:
        if value not in allowed:
            detail = f"{field} must be one of {', '.join(allowed)}"
            raise invalid([FieldProblem(field, "http.invalid_request", detail, allowed=allowed)])
    return values


async def in_project(system: System, who: Identity, wanted: RunFilter) -> RunFilter:
    """The filter with its project, named by id or slug, as an id."""
    if not wanted.project:
        return wanted
    project = await reading(system, callers.find_project, who.org_id, wanted.project)
    return replace(wanted, project=project.id if project else "none")
