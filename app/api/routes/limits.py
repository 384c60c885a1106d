"""Gates: what rate limiters and breakers hold back, and the decision to let it go (contract §7)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, documented, reading
from app.api.problems import ProblemError, not_found
from app.api.times import iso
from app.identity.roles import Identity
from app.store import gates
from app.store.gates import BreakerRow, Held

router = APIRouter(prefix="/v1/limits", tags=["Limits"])
Json = dict[str, Any]


class Decision(Body):
    drop: bool = Field(False, description="Cancel what is held instead of releasing it.")


@router.get("", summary="Gates that hold runs back, and breakers that have opened")
async def list_gates(system: SystemDep, who: Annotated[Identity, Depends(Permit("limits.read"))]) -> Json:
    held = await reading(system, gates.held, who.org_id)
    breakers = await reading(system, gates.breakers, who.org_id)
    waiting = {each.gate: each for each in held}
    known = {each.gate: each for each in breakers}
    items = [_json(gate, waiting.get(gate), known.get(gate)) for gate in sorted(waiting | known)]
    return {"items": items, "next_cursor": None}


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


def _json(gate: str, held: Held | None, breaker: BreakerRow | None) -> Json:
    named = held or breaker
    return {
        "gate": gate,
        "workflow": named.workflow if named else None,
        "caller": named.caller if named else None,
        "waiting": held.waiting if held else 0,
        "oldest_at": iso(held.oldest) if held else None,
        "next_start": iso(held.next_at) if held else None,
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
