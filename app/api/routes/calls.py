"""Paid calls to services, and the decision about those that nobody answered (S121)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from app.api.deps import (
    Body,
    CallDep,
    Cursor,
    JsonBody,
    Limit,
    Permit,
    SystemDep,
    acting,
    documented,
    reading,
)
from app.api.problems import ProblemError, not_found
from app.api.times import iso
from app.identity.roles import Identity
from app.store import calls
from app.store.calls import CallRow, Filter
from graphs.pricing import MICRO

router = APIRouter(prefix="/v1/calls", tags=["Services"])
Reader = Annotated[Identity, Depends(Permit("calls.read"))]
State = Literal["intent", "submitted", "done", "failed", "unknown"]
Json = dict[str, Any]


class Decision(Body):
    outcome: Literal["charged_failed", "not_charged_retry", "give_up"] = Field(
        description="charged_failed: it was charged, and the step fails. not_charged_retry: it was not, "
        "and is sent again. give_up: nothing is counted as charged, and the step fails."
    )


@router.get("", summary="Paid calls, newest first")
async def list_calls(
    system: SystemDep,
    who: Reader,
    *,
    state: State | None = None,
    provider: Annotated[str | None, Query(max_length=60)] = None,
    run: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    wanted = Filter(state, provider, run)
    found = await reading(system, calls.list_page, who.org_id, wanted, cursor=cursor, limit=limit)
    return {"items": [_json(each) for each in found.items], "next_cursor": found.next_cursor}


@router.get("/{call_id}", summary="One paid call")
async def get_call(call_id: str, system: SystemDep, who: Reader) -> Json:
    return _json(await _find(system, who, call_id))


@router.post(
    "/{call_id}/resolve",
    summary="Say what became of a call of unknown outcome",
    openapi_extra=documented(Decision),
)
async def resolve(
    call_id: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("calls.resolve"))],
    body: Annotated[Decision, Depends(JsonBody(Decision))],
) -> Json:
    await _find(system, who, call_id)
    if not await system.engine.resolve_call(acting(who, call), call_id, body.outcome):
        raise ProblemError("http.conflict", "the outcome of this call is known already")
    return _json(await _find(system, who, call_id))


async def _find(system: SystemDep, who: Identity, call_id: str) -> CallRow:
    found = await reading(system, calls.find, who.org_id, call_id)
    if found is None:
        raise not_found("call")
    return found


def _json(row: CallRow) -> Json:
    return {
        "id": row.id,
        "state": row.state,
        "run": row.run_id,
        "node_id": row.node_id,
        "generation": row.generation,
        "provider": row.provider,
        "model": row.model,
        "idempotency_key": row.idempotency_key,
        "reserved": row.reserved / MICRO,
        "charged": row.charged / MICRO,
        "day": row.day,
        "error_code": row.error_code,
        "note": row.note,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "links": {"run": f"/v1/runs/{row.run_id}", "resolve": f"/v1/calls/{row.id}/resolve"},
    }
