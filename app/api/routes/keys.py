"""API keys: made, listed, revoked; the plain text is shown once (S13)."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, documented, reading
from app.api.problems import FieldProblem, ProblemError, invalid, not_found
from app.api.times import iso, seconds
from app.identity.roles import ROLES, Identity, may_grant
from app.store import keys as rows
from app.store.keys import Holder
from app.wiring import System

router = APIRouter(prefix="/v1/keys", tags=["Keys"])
Keeper = Annotated[Identity, Depends(Permit("keys.write"))]
Json = dict[str, Any]


class NewKey(Body):
    label: str = Field("", max_length=200, description="What the key is for.")
    role: str = Field(
        "caller", description=f"One of {', '.join(ROLES)}; `caller` may trigger and see its own runs."
    )
    caller: str = Field("default", max_length=80, description="Name of the caller it belongs to.")
    expires_at: str | None = Field(None, description="RFC 3339; never, when left out.")


@router.get("", summary="List keys, newest first")
async def list_keys(system: SystemDep, who: Annotated[Identity, Depends(Permit("keys.read"))]) -> Json:
    found = await reading(system, rows.list_all, who.org_id)
    return {"items": [_json(each) for each in found], "next_cursor": None}


@router.post("", status_code=201, summary="Make a key", openapi_extra=documented(NewKey, required=False))
async def create(
    system: SystemDep, call: CallDep, who: Keeper, body: Annotated[NewKey, Depends(JsonBody(NewKey))]
) -> Json:
    if body.role not in ROLES:
        detail = f"role must be one of {', '.join(ROLES)}"
        raise invalid([FieldProblem("role", "http.invalid_request", detail, "/role", tuple(ROLES))])
    if not may_grant(who, body.role):
        raise ProblemError("auth.scope", f"the role {who.role} cannot make keys with the role {body.role}")
    caller = await asyncio.to_thread(system.callers.find, who.org_id, body.caller)
    made = await asyncio.to_thread(
        system.keys.create,
        who.org_id,
        caller.id,
        body.role,
        body.label,
        expires_at=seconds(body.expires_at, "expires_at"),
        actor=who.actor,
        request_id=call.request_id,
    )
    return _json(await _holder(system, who, made.id)) | {"key": made.plain}


@router.delete("/{key_id}", status_code=204, summary="Revoke a key")
async def revoke(key_id: str, system: SystemDep, call: CallDep, who: Keeper) -> Response:
    holder = await _holder(system, who, key_id)
    if not may_grant(who, holder.key.role):
        raise ProblemError(
            "auth.scope", f"the role {who.role} cannot revoke keys with the role {holder.key.role}"
        )
    await asyncio.to_thread(
        system.keys.revoke, who.org_id, key_id, actor=who.actor, request_id=call.request_id
    )
    return Response(status_code=204)


async def _holder(system: System, who: Identity, key_id: str) -> Holder:
    holder = await reading(system, rows.get, who.org_id, key_id)
    if holder is None:
        raise not_found("key")
    return holder


def _json(holder: Holder) -> Json:
    key = holder.key
    return {
        "id": key.id,
        "label": key.label,
        "prefix": key.prefix,
        "role": key.role,
        "caller": holder.caller,
        "created_at": iso(key.created_at),
        "expires_at": iso(key.expires_at),
        "revoked_at": iso(key.revoked_at),
        "last_used_at": iso(key.last_used_at),
    }
