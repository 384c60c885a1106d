"""Gates: what rate limiters and breakers hold back, and the decision to let it go (contract §7)."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, documented, reading
from app.api.problems import ProblemError, not_found
from app.api.routes.spend import account_json
from app.api.times import iso
from app.engine.circuits import pause
from app.engine.held import Mode, Release
from app.identity.roles import Identity
from app.store import connections, gates, spending
from app.store import held as held_rows
from app.store.connections import CircuitRow
from app.store.gates import BreakerRow, Held
from app.store.held import Group
from app.store.spending import Account

router = APIRouter(prefix="/v1/limits", tags=["Limits"])
Json = dict[str, Any]


class Decision(Body):
    drop: bool = Field(False, description="Cancel what is held instead of releasing it.")


class ReleaseBody(Body):
    mode: Mode = Field("all", description="all, trickle, one_of_each (the rest is dropped) or drop.")
    groups: list[str] | None = Field(
        None, max_length=1000, description="Contents this is about, as `held` lists them; all without it."
    )
    per_minute: float = Field(10, gt=0, le=6000, description="Starts a minute at most when they trickle.")


@router.get("", summary="Gates that hold runs back, and breakers that have opened")
async def list_gates(system: SystemDep, who: Annotated[Identity, Depends(Permit("limits.read"))]) -> Json:
    held = await reading(system, gates.held, who.org_id)
    breakers = await reading(system, gates.breakers, who.org_id)
    waiting = {each.gate: each for each in held}
    known = {each.gate: each for each in breakers}
    today = {
        each.scope: each
        for each in reversed(await reading(system, spending.today, who.org_id))
        if each.limit is not None
    }
    items = [
        _json(gate, waiting.get(gate), known.get(gate), today.get(gate))
        for gate in sorted({*waiting, *known, *today})
    ]
    services = await reading(system, connections.circuits, who.org_id)
    return {"items": items, "services": [_service(each) for each in services], "next_cursor": None}


@router.post(
    "/{gate}/resume",
    summary="Close an open breaker and release, or drop, what it holds",
    openapi_extra=documented(Decision, required=False),
)
async def resume(
    gate: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("limits.resume"))],
    body: Annotated[Decision, Depends(JsonBody(Decision))],
) -> Json:
    if await reading(system, gates.find_breaker, who.org_id, gate) is None:
        raise not_found("gate")
    count = await system.engine.resume_gate(who.org_id, gate, who.actor, call.request_id, drop=body.drop)
    if count is None:
        raise ProblemError("http.conflict", "the breaker is closed already")
    return {"gate": gate, "dropped" if body.drop else "released": count}


@router.get("/{gate}/held", summary="What an open breaker holds, grouped by content")
async def list_held(
    gate: str, system: SystemDep, who: Annotated[Identity, Depends(Permit("limits.read"))]
) -> Json:
    found = await reading(system, held_rows.groups, who.org_id, gate)
    if not found and await reading(system, gates.find_breaker, who.org_id, gate) is None:
        raise not_found("gate")
    return {"gate": gate, "items": [_group(each) for each in found], "next_cursor": None}


@router.post(
    "/{gate}/release",
    summary="Decide about held triggers: all, a trickle, one of each content, or drop",
    openapi_extra=documented(ReleaseBody),
)
async def release(
    gate: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("limits.resume"))],
    body: Annotated[ReleaseBody, Depends(JsonBody(ReleaseBody))],
) -> Json:
    if await reading(system, gates.find_breaker, who.org_id, gate) is None:
        raise not_found("gate")
    groups = None if body.groups is None else tuple(body.groups)
    asked = Release(gate, who.org_id, who.actor, body.mode, groups, body.per_minute, call.request_id)
    done = await system.engine.release_held(asked)
    if done is None:
        raise ProblemError("http.conflict", "the breaker is closed already")
    counts = {"released": len(done.released), "dropped": len(done.dropped), "left": done.left}
    return {"gate": gate, **counts, "breaker_open": bool(done.left)}


def _group(group: Group) -> Json:
    return {
        "content": group.content,
        "count": group.count,
        "first_at": iso(group.first_at),
        "last_at": iso(group.last_at),
        "sample": {"job_id": group.run_id, "trigger": json.loads(group.sample)},
    }


def _service(row: CircuitRow) -> Json:
    trial = row.opened_at + pause(row.failures) if row.state == "open" and row.opened_at else None
    return {
        "name": row.name,
        "state": row.state,
        "failures": row.failures,
        "opened_at": iso(row.opened_at),
        "next_trial": iso(trial),
        "reason": row.reason,
    }


def _json(gate: str, held: Held | None, breaker: BreakerRow | None, account: Account | None) -> Json:
    named = held or breaker or account
    return {
        "gate": gate,
        "workflow": named.workflow if named else None,
        "caller": named.caller if named else None,
        "waiting": held.waiting if held else 0,
        "oldest_at": iso(held.oldest) if held else None,
        "next_start": iso(held.next_at) if held else None,
        "budget": None if account is None else account_json(account),
        "breaker": None
        if breaker is None
        else {
            "open": breaker.is_open,
            "opened_at": iso(breaker.opened_at),
            "reason": breaker.reason,
            "closed_at": iso(breaker.closed_at),
            "closed_by": breaker.closed_by,
        },
    }
