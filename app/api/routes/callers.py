"""Callers: requesting services, their settings and signing secrets (contract §2, §5)."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, acting, documented
from app.api.times import iso
from app.identity.callers import Caller, CallerSettings
from app.identity.roles import Identity

router = APIRouter(prefix="/v1/callers", tags=["Callers"])
Reader = Annotated[Identity, Depends(Permit("callers.read"))]
Writer = Annotated[Identity, Depends(Permit("callers.write"))]
Json = dict[str, Any]


class NewCaller(Body):
    name: str = Field(max_length=80, description="a-z, 0-9, '.', '_', '-'.")
    secret: str | None = Field(
        None, max_length=200, repr=False, description="whsec_…; generated when left out."
    )


class Settings(Body):
    settings: dict[str, Any] = Field(description="Replaces all settings: require_signature (true or false).")


class Rotation(Body):
    secret: str | None = Field(
        None, max_length=200, repr=False, description="whsec_…; generated when left out."
    )


@router.get("", summary="List callers")
async def list_callers(system: SystemDep, who: Reader) -> Json:
    found = await asyncio.to_thread(system.callers.all, who.org_id)
    return {"items": [caller_json(each) for each in found], "next_cursor": None}


@router.post(
    "", status_code=201, summary="Make a caller; shows its secret", openapi_extra=documented(NewCaller)
)
async def create(
    system: SystemDep, call: CallDep, who: Writer, body: Annotated[NewCaller, Depends(JsonBody(NewCaller))]
) -> Json:
    made = await asyncio.to_thread(system.callers.create, acting(who, call), body.name, body.secret)
    return caller_json(made) | {"secret": made.secrets[0]}


@router.get("/{name}", summary="One caller")
async def get_caller(name: str, system: SystemDep, who: Reader) -> Json:
    return caller_json(await asyncio.to_thread(system.callers.find, who.org_id, name))


@router.put("/{name}/settings", summary="Replace a caller's settings", openapi_extra=documented(Settings))
async def configure(
    name: str,
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[Settings, Depends(JsonBody(Settings))],
) -> Json:
    return caller_json(
        await asyncio.to_thread(system.callers.configure, acting(who, call), name, body.settings)
    )


@router.post(
    "/{name}/secret",
    summary="A new signing secret; the old one signs beside it for a day",
    openapi_extra=documented(Rotation, required=False),
)
async def rotate(
    name: str,
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[Rotation, Depends(JsonBody(Rotation))],
) -> Json:
    caller = await asyncio.to_thread(system.callers.rotate, acting(who, call), name, body.secret)
    return caller_json(caller) | {"secret": caller.secrets[0]}


def caller_json(caller: Caller) -> Json:
    """A caller as integrators read it; its secrets stay here."""
    return {
        "id": caller.id,
        "name": caller.name,
        "settings": _settings(caller.settings),
        "rotating_until": iso(caller.rotating_until),
        "paused_at": iso(caller.paused_at),
        "paused_by": caller.paused_by,
        "created_at": iso(caller.created_at),
    }


def _settings(settings: CallerSettings) -> Json:
    return settings.model_dump(mode="json")
