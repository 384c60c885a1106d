"""Secrets by name: their values go in and never out; requests of nodes carry them to their own hosts."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, acting, documented
from app.api.times import iso
from app.identity.roles import Identity, allowed
from app.identity.secrets import Secret, Use

router = APIRouter(prefix="/v1/secrets", tags=["Secrets"])
Reader = Annotated[Identity, Depends(Permit("secrets.read"))]
Writer = Annotated[Identity, Depends(Permit("secrets.write"))]
Json = dict[str, Any]
_HOSTS = "1 to 20 places it may be sent to, `host` (https, port 443) or `host:port`; nowhere else, ever."


class NewSecret(Body):
    name: str = Field(max_length=60, description="Name in workflows: a-z, 0-9, '.', '_', '-'.")
    value: str = Field(
        max_length=4000, repr=False, description="8 to 4000 printable ASCII characters; never shown again."
    )
    hosts: list[str] = Field(max_length=20, description=_HOSTS)


class Rotation(Body):
    value: str | None = Field(
        None, max_length=4000, repr=False, description="The new value; left out: as before."
    )
    hosts: list[str] | None = Field(
        None, max_length=20, description=f"{_HOSTS} Left out: as before. New ones need the value again."
    )


@router.get("", summary="List secrets; names and hosts only for who may not change them")
async def list_secrets(system: SystemDep, who: Reader) -> Json:
    found = await asyncio.to_thread(system.secrets.all, who.org_id)
    return {"items": [_json(each, who) for each in found], "next_cursor": None}


@router.post("", status_code=201, summary="Keep a new secret", openapi_extra=documented(NewSecret))
async def create(
    system: SystemDep, call: CallDep, who: Writer, body: Annotated[NewSecret, Depends(JsonBody(NewSecret))]
) -> Json:
    made = await asyncio.to_thread(
        system.secrets.create, acting(who, call), body.name, body.value, body.hosts
    )
    return _json(made, who)


@router.get("/{name}", summary="One secret, and the versions and drafts that name it")
async def get_secret(name: str, system: SystemDep, who: Writer) -> Json:
    found, uses = await asyncio.to_thread(system.secrets.find, who.org_id, name)
    return {**_json(found, who), "used_by": [use_json(each) for each in uses]}


@router.put(
    "/{name}",
    summary="Rotate the value, or name other hosts; the next request carries it",
    openapi_extra=documented(Rotation),
)
async def change(
    name: str,
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[Rotation, Depends(JsonBody(Rotation))],
) -> Json:
    made = await asyncio.to_thread(system.secrets.change, acting(who, call), name, body.value, body.hosts)
    return _json(made, who)


@router.delete("/{name}", status_code=204, summary="Forget a secret that no published workflow sends")
async def remove(name: str, system: SystemDep, call: CallDep, who: Writer) -> Response:
    await asyncio.to_thread(system.secrets.remove, acting(who, call), name)
    return Response(status_code=204)


def use_json(use: Use) -> Json:
    """Where a secret is used; version null is the draft."""
    return {
        "workflow": use.workflow,
        "version": use.version or None,
        "current": use.current,
        "nodes": list(use.nodes),
    }


def _json(secret: Secret, who: Identity) -> Json:
    shown: Json = {"name": secret.name, "hosts": list(secret.hosts)}
    if not allowed(who, "secrets.write"):
        return shown
    return shown | {
        "ending": secret.ending or None,
        "created_at": iso(secret.created_at),
        "created_by": secret.created_by,
        "updated_at": iso(secret.updated_at),
        "updated_by": secret.updated_by,
        "rotated_at": iso(secret.rotated_at),
    }
