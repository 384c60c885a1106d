"""Connected generation services: where they are, what they cost; their credentials go in and never out."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from app.api.deps import CallDep, JsonBody, Permit, SystemDep, acting, documented
from app.api.times import iso
from app.identity.connections import Listed, Wanted
from app.identity.roles import Identity
from app.providers.connection import OfferedModel
from app.workflows.probing import probe

router = APIRouter(prefix="/v1/providers", tags=["Services"])
Reader = Annotated[Identity, Depends(Permit("providers.read"))]
Writer = Annotated[Identity, Depends(Permit("providers.write"))]
Json = dict[str, Any]


class NewProvider(Wanted):
    name: str = Field(max_length=60, description="Name in workflows: a-z, 0-9, '.', '_', '-'.")


@router.get("", summary="List connected services")
async def list_providers(system: SystemDep, who: Reader) -> Json:
    found = await asyncio.to_thread(system.connections.all, who.org_id)
    return {"items": [_json(each) for each in found], "next_cursor": None}


@router.post("", status_code=201, summary="Connect a service", openapi_extra=documented(NewProvider))
async def create(
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[NewProvider, Depends(JsonBody(NewProvider))],
) -> Json:
    wanted = Wanted.model_validate(body.model_dump(exclude={"name"}))
    return _json(await asyncio.to_thread(system.connections.create, acting(who, call), body.name, wanted))


@router.get("/{name}", summary="One connected service")
async def get_provider(name: str, system: SystemDep, who: Reader) -> Json:
    return _json(await asyncio.to_thread(system.connections.find, who.org_id, name))


@router.put(
    "/{name}",
    summary="Replace what is known of a service; a credential that is left out stays",
    openapi_extra=documented(Wanted),
)
async def change(
    name: str,
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[Wanted, Depends(JsonBody(Wanted))],
) -> Json:
    return _json(await asyncio.to_thread(system.connections.change, acting(who, call), name, body))


@router.delete("/{name}", status_code=204, summary="Forget a service whose calls have all ended")
async def remove(name: str, system: SystemDep, call: CallDep, who: Writer) -> Response:
    await asyncio.to_thread(system.connections.remove, acting(who, call), name)
    return Response(status_code=204)


@router.post("/{name}/test", summary="Ask a service something that costs nothing")
async def test(name: str, system: SystemDep, who: Writer) -> Json:
    found = await probe(system.connections, system.egress_policy, who.org_id, name)
    return {"ok": found.ok, "message": found.message, "error_code": found.code}


def _json(listed: Listed) -> Json:
    found = listed.connection
    return {
        "name": found.name,
        "kind": found.kind,
        "base_url": found.base_url,
        "has_credential": listed.has_credential,
        "models": [
            {name: getattr(each, name) for name in OfferedModel.model_fields} for each in found.models
        ],
        "settings": found.settings.model_dump(mode="json"),
        "enabled": found.enabled,
        "created_at": iso(found.created_at),
        "updated_at": iso(found.updated_at),
    }
