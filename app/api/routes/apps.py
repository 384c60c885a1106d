"""The app of a workflow: a page of its own for colleagues (contract §3, S1)."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, documented
from app.api.times import iso
from app.identity.roles import Identity
from app.store.apps import AppRow
from app.wiring import System
from app.workflows.apps import MOST_FIELDS, AppField, AppWanted, fields_of

router = APIRouter(prefix="/v1", tags=["Forms"])
Json = dict[str, Any]


class ShownField(Body):
    """How one field of the trigger is shown."""

    name: str = Field(min_length=1, max_length=64, description="The field's name.")
    label: str = Field("", max_length=120, description="What people read instead of the name.")
    help: str = Field("", max_length=400, description="A hint below it; default: the field's description.")
    hidden: bool = Field(False, description="Not shown; its value is sent each time.")
    value: str = Field("", max_length=10_000, description="What it begins with, or is fixed to.")


class App(Body):
    """A workflow's app; a PUT replaces all of it."""

    enabled: bool = Field(True, description="Whether members find and use it.")
    title: str = Field("", max_length=200, description="Heading; default: the workflow's name.")
    intro: str = Field("", max_length=2_000, description="Text below the heading.")
    fields: list[ShownField] = Field(
        default_factory=list, max_length=MOST_FIELDS, description="In their order; further ones follow."
    )


@router.get("/apps", summary="Apps that can be used")
async def list_apps(system: SystemDep, who: Annotated[Identity, Depends(Permit("forms.read"))]) -> Json:
    found = await asyncio.to_thread(system.apps.list, who.org_id)
    return {"items": [app_json(system, each.slug, each) for each in found], "next_cursor": None}


@router.get("/workflows/{slug}/app", summary="The app of a workflow")
async def get_app(
    slug: str, system: SystemDep, who: Annotated[Identity, Depends(Permit("forms.read"))]
) -> Json:
    return app_json(system, slug, await asyncio.to_thread(system.apps.get, who.org_id, slug))


@router.put("/workflows/{slug}/app", summary="Set a workflow's app up", openapi_extra=documented(App))
async def put_app(
    slug: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("forms.write"))],
    body: Annotated[App, Depends(JsonBody(App))],
) -> Json:
    fields = tuple(AppField(**each.model_dump()) for each in body.fields)
    wanted = AppWanted(body.enabled, body.title, body.intro, fields)
    return app_json(
        system, slug, await asyncio.to_thread(system.apps.put, who, slug, wanted, call.request_id)
    )


def app_json(system: System, slug: str, row: AppRow | None) -> Json:
    """An app; before it is set up, what it would be."""
    return {
        "workflow": slug,
        "enabled": bool(row and row.enabled),
        "title": row.title if row else "",
        "intro": row.intro if row else "",
        "fields": [{name: getattr(each, name) for name in AppField.__slots__} for each in fields_of(row)],
        "url": f"{system.public_url}/apps/{slug}",
        "created_by": row.created_by if row else None,
        "updated_at": iso(row.updated_at) if row else None,
    }
