"""Many runs again: counted first, then spread over time (contract §4)."""

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from app.api.deps import MAX_VERSION, CallDep, JsonBody, Permit, SystemDep, documented, reading
from app.api.keys import KeyHeader, key_of, part_of
from app.api.routes.runs import in_project, one_of
from app.api.routes.which import Filtered, WhichRuns
from app.api.times import seconds
from app.api.views import run_json
from app.engine.records import Started
from app.identity.roles import Identity
from app.store import runs as rows
from app.store.runs import CALLBACK_STATUSES, ENDED, RunFilter
from app.wiring import System
from app.workflows.errors import WorkflowError
from app.workflows.keeping import Again, NotRerunnableError
from app.workflows.replaying import Chosen, Replays
from app.workflows.starts import Key, RunUnknownError, Starts
from graphs.trigger import TriggerInvalid

router = APIRouter(prefix="/v1/runs", tags=["Runs"])
_MOST = 1_000
_SAMPLE = 10
# refusals that asking again does not change
_LASTING = (RunUnknownError, NotRerunnableError, WorkflowError, TriggerInvalid)


class Which(WhichRuns):
    """The filters of the list of runs; at least one."""

    status: str | None = Field(None, description="succeeded, failed or cancelled, or several with commas.")
    callback_status: str | None = Field(None, description="One, or several with commas.")
    error_code: str | None = Field(None, max_length=255)


class ReplayRuns(Filtered):
    """Which ended runs to repeat, and how fast."""

    filter: Which = Field(default_factory=Which, description="Which ended runs; at least one filter.")
    version: int | None = Field(None, ge=1, le=MAX_VERSION, description="Another version of the workflow.")
    limit: int = Field(100, ge=1, le=_MOST, description="Most runs, oldest first.")
    per_second: float = Field(5.0, ge=0.01, le=100, description="How many of them start in a second.")
    fresh: bool = Field(False, description="Make everything anew, also where nodes may reuse results.")
    dry_run: bool = Field(True, description="Count only, and show the first ones.")


@router.post(
    "/replay",
    status_code=202,
    summary="Repeat many runs; counts only, unless dry_run is false",
    openapi_extra=documented(ReplayRuns),
)
async def replay_runs(
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("runs.rerun"))],
    body: Annotated[ReplayRuns, Depends(JsonBody(ReplayRuns))],
    idempotency_key: KeyHeader = None,
) -> Response:
    wanted = await in_project(system, who, _wanted(body.filter))
    key = None if body.dry_run else key_of(idempotency_key, who, "replay", body.model_dump_json())
    replays = Replays(system.db)
    chosen = await asyncio.to_thread(replays.earlier, key) if key else None
    known = chosen is not None
    if chosen is None:
        chosen = await _choose(system, who, wanted, body)
    if body.dry_run:
        return _answer(json.dumps(chosen.facts))
    if key:
        chosen = await asyncio.to_thread(replays.choose, key, chosen)
    if chosen.answer is not None:
        return _answer(chosen.answer, replayed=True)
    told, whole = await _start(system, who, chosen.run_ids, body, call.request_id, key)
    answer = json.dumps(chosen.facts | told, ensure_ascii=False)
    if key and whole:
        await asyncio.to_thread(replays.answered, key, chosen, answer)
    return _answer(answer, replayed=known)


async def _choose(system: System, who: Identity, wanted: RunFilter, body: ReplayRuns) -> Chosen:
    found = await reading(system, rows.oldest, who.scope, wanted, body.limit)
    facts = {
        "dry_run": body.dry_run,
        "matched": await reading(system, rows.count, who.scope, wanted),
        "replayed": 0,
        "sample": [run_json(each, system.library) for each in found[:_SAMPLE]],
    }
    return Chosen(tuple(each.id for each in found), facts)


async def _start(  # noqa: PLR0917
    system: System,
    who: Identity,
    run_ids: Sequence[str],
    body: ReplayRuns,
    request_id: str,
    key: Key | None,
) -> tuple[dict[str, Any], bool]:
    """What came of it, and whether asking again would change nothing about it."""
    starts = Starts(system.db, system.engine, system.workflows)
    how = Again(version=body.version, fresh=body.fresh)
    done = await starts.many(
        who,
        run_ids,
        how,
        per_second=body.per_second,
        request_id=request_id,
        key=lambda run_id: part_of(key, run_id) if key else None,
    )
    started = {earlier: each for earlier, each in done.items() if isinstance(each, Started)}
    refused = {earlier: each for earlier, each in done.items() if isinstance(each, Exception)}
    told = {
        "replayed": len(started),
        "started": [{"job_id": each.run_id, "rerun_of": earlier} for earlier, each in started.items()],
        "refused": [{"job_id": earlier, "reason": str(error)} for earlier, error in refused.items()],
    }
    return told, all(isinstance(error, _LASTING) for error in refused.values())


def _answer(text: str, *, replayed: bool = False) -> Response:
    headers = {"idempotency-replayed": "true"} if replayed else {}
    return Response(text.encode(), 202, headers, "application/json")


def _wanted(which: Which) -> RunFilter:
    which.demand_one()
    return RunFilter(
        workflow=which.workflow,
        status=one_of(which.status, ENDED, "filter.status") or ENDED,
        caller=which.caller,
        project=which.project,
        callback_status=one_of(which.callback_status, CALLBACK_STATUSES, "filter.callback_status"),
        error_code=which.error_code,
        since=seconds(which.since, "filter.since"),
        until=seconds(which.until, "filter.until"),
        q=(which.q or "").strip() or None,
        # what a run started is started again by that run
        parent="none",
    )
